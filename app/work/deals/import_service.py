"""Import of staged deals: a lead for each, and an appointment for those won or lost.

A deal is recognized by its source and ID, both on its lead and on its appointment. Deals that were closed here are not
reopened: a row for which the deal is open again is rejected.
"""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text

from app.data.imports.declared_service import given_values, staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import mark_protected, protected_sql
from app.data.imports.staging_service import (
    StagedRecords,
    affected,
    keep_before,
    keep_created,
    turn_away,
    turn_away_repeats,
)
from app.db.context import current_context
from app.db.ids import uuid7
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models import Organization
from app.people.users.import_names_service import NamedPeople, find_people
from app.people.users.queries import match_reps
from app.security.permissions import Role
from app.work.appointments.resource import APPOINTMENT
from app.work.contacts.import_people_service import find_contacts
from app.work.deals.import_record_rules import DealRecord
from app.work.deals.import_rules import BY_RULE
from app.work.deals.import_target_rules import PROGRESS, STAGE, DealTarget
from app.work.leads.import_service import LEAD_FIELDS
from app.work.leads.resource import LEAD

#: Simple fields of leads can also be read from files of deals.
DEAL_FIELDS = DeclaredFields(LEAD, BY_RULE, (STAGE, PROGRESS, *LEAD_FIELDS.simple))
# A staged row has the IDs of its lead and its appointment, whether each of them exists, and all values of the record.
# An open deal has no appointment.
STAGED_DEALS = staged_table(
    "staged_deals",
    DEAL_FIELDS,
    DealRecord,
    {"engaged_at": "closed_at", "deal_value": "0.00", "lost_reason": "dead_reason"},
    filled={"id": "id", "is_known": "false", "visit_id": "id", "is_visit_known": "false", "is_unchanged": "false"},
    later={"kept": "CAST(NULL AS text[])", "visit_kept": "CAST(NULL AS text[])"},
)
DEALS = StagedRecords(STAGED_DEALS)
_VISITS = StagedRecords(STAGED_DEALS, "visit_id", "is_visit_known", "visit_kept")

# A single statement, because between two statements another import could add a deal, which would then have to be
# updated.
_FIND_KNOWN = text("""
    UPDATE staged_deals SET id = leads.id, is_known = true,
      is_unchanged = coalesce(leads.external_fingerprint = staged_deals.fingerprint, false)
    FROM leads
    WHERE leads.organization_id = :organization AND leads.external_source = staged_deals.external_source
      AND leads.external_id = staged_deals.external_id
""")
_FIND_VISITS = text("""
    UPDATE staged_deals SET visit_id = appointments.id, is_visit_known = true
    FROM appointments
    WHERE appointments.organization_id = :organization AND staged_deals.visit_id IS NOT NULL
      AND appointments.external_source = staged_deals.external_source
      AND appointments.external_id = staged_deals.external_id
""")
_REFUSE_DELETED = text("""
    INSERT INTO staged_errors
    SELECT line, :column, staged_deals.external_id, :reason
    FROM staged_deals
    LEFT JOIN leads ON leads.organization_id = :organization AND leads.id = staged_deals.id
    LEFT JOIN appointments ON appointments.organization_id = :organization AND appointments.id = staged_deals.visit_id
    WHERE leads.deleted_at IS NOT NULL OR appointments.deleted_at IS NOT NULL
""")
_REFUSE_REOPENED = text("""
    INSERT INTO staged_errors
    SELECT line, :column, staged_deals.stage, :reason
    FROM staged_deals JOIN leads ON leads.organization_id = :organization AND leads.id = staged_deals.id
    WHERE staged_deals.visit_id IS NULL AND leads.closed_at IS NOT NULL AND NOT is_unchanged
""")
_DROP_UNCHANGED = text("DELETE FROM staged_deals WHERE is_unchanged")

# The appointment takes an hour from noon of the day on which the deal was closed, and its outcome is dated at its end.
_RESOLVED = """
    SELECT staged_deals.*, staged_deals.visit_id IS NOT NULL AS is_decided, staged_deals.stage = 'won' AS is_won,
      closed_at + interval '1 hour' AS decided_at, staged_agents.user_id AS rep_id, staged_persons.card_id
    FROM staged_deals
    LEFT JOIN staged_agents ON staged_agents.name = staged_deals.agent
    LEFT JOIN staged_persons USING (line)
"""
_REP = "CASE WHEN :gives_agent THEN rep_id ELSE {} END"


def _visit_sql(name: str, value: str) -> str:
    return protected_sql("visit_kept", name, "appointments", value)


_LEAD_COLUMNS = (
    "stage", "assigned_rep_id", "contact_card_id", "closed_at", "won_at", "dead_reason", "last_activity_at",
    "external_fingerprint",
)  # fmt: skip
_SIMPLE = given_values(DEAL_FIELDS, rows="deals")
# Progress that users have made with an open lead since then is not overwritten. Whether the deal is won or lost follows
# the file, regardless of protected columns.
_UPDATE_LEADS = f"""
    UPDATE leads SET {{simple}}
      stage = CASE WHEN is_won THEN 'booked' WHEN is_decided THEN 'dead'
        WHEN leads.stage IN ('new', 'qualified') THEN deals.stage ELSE leads.stage END,
      assigned_rep_id = {protected_sql("kept", "assigned_rep_id", "leads", _REP.format("leads.assigned_rep_id"))},
      contact_card_id = {protected_sql("kept", "contact_card_id", "leads", "coalesce(card_id, leads.contact_card_id)")},
      closed_at = CASE WHEN is_decided THEN decided_at ELSE leads.closed_at END,
      won_at = CASE WHEN is_won THEN decided_at END,
      dead_reason = CASE WHEN is_decided AND NOT is_won THEN lost_reason END,
      last_activity_at = greatest(last_activity_at, decided_at, engaged_at),
      external_fingerprint = fingerprint, version = version + 1
    FROM ({_RESOLVED}) deals
    WHERE leads.organization_id = :organization AND leads.id = deals.id AND is_known
"""  # noqa: S608 - names from code; values are bound
_INSERT_LEADS = text(f"""
    INSERT INTO leads (organization_id, id, stage, source, assigned_rep_id, contact_card_id, closed_at, won_at,
      dead_reason, last_activity_at, external_source, external_id, external_fingerprint, created_by, created_by_label
      {"".join(f", {name}" for name in _SIMPLE)})
    SELECT :organization, id, CASE WHEN is_won THEN 'booked' WHEN is_decided THEN 'dead' ELSE stage END, 'import',
      rep_id, card_id, decided_at, CASE WHEN is_won THEN decided_at END,
      CASE WHEN is_decided AND NOT is_won THEN lost_reason END, coalesce(decided_at, engaged_at, clock_timestamp()),
      external_source, external_id, fingerprint, :actor, :actor_label
      {"".join(f", {value}" for value in _SIMPLE.values())}
    FROM ({_RESOLVED}) deals WHERE NOT is_known ORDER BY id
""")  # noqa: S608 - names from code; values are bound
_VISIT_COLUMNS = (
    "contact_card_id", "sales_rep_id", "service_type", "scheduled_start_at", "scheduled_end_at", "booked_at", "status",
    "outcome", "completed_at", "outcome_at", "deal_value", "lost_reason", "cancelled_reason", "external_fingerprint",
)  # fmt: skip
_UPDATE_VISITS = text(f"""
    UPDATE appointments SET
      contact_card_id = {_visit_sql("contact_card_id", "coalesce(card_id, appointments.contact_card_id)")},
      sales_rep_id = {_visit_sql("sales_rep_id", _REP.format("appointments.sales_rep_id"))},
      service_type = {_visit_sql("service_type", "product")},
      scheduled_start_at = {_visit_sql("scheduled_start_at", "deals.closed_at")},
      scheduled_end_at = {_visit_sql("scheduled_end_at", "decided_at")},
      booked_at = {_visit_sql("booked_at", "least(engaged_at, deals.closed_at)")}, status = 'completed',
      outcome = CASE WHEN is_won THEN 'closed_won' ELSE 'closed_lost' END,
      completed_at = decided_at, outcome_at = decided_at,
      deal_value = CASE WHEN NOT is_won THEN NULL WHEN NOT :gives_value THEN appointments.deal_value
        ELSE {_visit_sql("deal_value", "deals.deal_value")} END,
      lost_reason = CASE WHEN is_won THEN NULL
        ELSE {_visit_sql("lost_reason", "coalesce(deals.lost_reason, appointments.lost_reason)")} END,
      cancelled_reason = NULL, external_fingerprint = fingerprint, version = version + 1
    FROM ({_RESOLVED}) deals
    WHERE appointments.organization_id = :organization AND appointments.id = visit_id AND is_visit_known
""")  # noqa: S608 - names from code; values are bound
_INSERT_VISITS = text(f"""
    INSERT INTO appointments (organization_id, id, lead_id, contact_card_id, sales_rep_id, service_type,
      scheduled_start_at, scheduled_end_at, timezone, booked_at, status, outcome, completed_at, outcome_at, deal_value,
      lost_reason, external_source, external_id, external_fingerprint, created_by, created_by_label)
    SELECT :organization, visit_id, id, card_id, rep_id, product, closed_at, decided_at, :timezone,
      least(engaged_at, closed_at), 'completed', CASE WHEN is_won THEN 'closed_won' ELSE 'closed_lost' END, decided_at,
      decided_at, deal_value, lost_reason, external_source, external_id, fingerprint, :actor, :actor_label
    FROM ({_RESOLVED}) deals WHERE is_decided AND NOT is_visit_known ORDER BY visit_id
""")  # noqa: S608 - names from code; values are bound


def staged_columns(record: DealRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_DEALS`.

    IDs are generated from the day of the deal, so that the order of the primary key is chronological.
    """
    at = record.closed_at or record.engaged_at
    visit_id = uuid7(record.closed_at) if record.closed_at else None
    return (uuid7(at) if at else uuid7(), False, visit_id, False, False, *staged_values(STAGED_DEALS, record))


def check_deals(organization_id: UUID, import_id: UUID, mapping: Mapping, create_users: bool) -> None:
    """Reject staged deals that repeat an ID or name unknown sales reps, across the whole file.

    With `create_users`, unknown sales reps become users instead of being rejected.
    """
    turn_away_repeats(STAGED_DEALS, mapping.column_of(DealTarget.EXTERNAL_ID))
    _find_known(organization_id)
    named = NamedPeople(STAGED_DEALS, DealTarget.AGENT, mapping.column_of(DealTarget.AGENT), Role.SALES_REP, match_reps)
    find_people(organization_id, import_id, named, create=create_users)


def settle_deals(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Find existing leads and appointments, drop rows without changes, and reject rows that can't be imported.

    Returns the number of rows without changes.
    """
    here = {"organization": organization_id}
    _find_known(organization_id)
    in_trash = _("This deal is in the trash. Restore it first.")
    id_column = mapping.column_of(DealTarget.EXTERNAL_ID)
    turn_away(STAGED_DEALS, _REFUSE_DELETED, column=id_column, reason=in_trash, **here)
    closed = _("This deal’s lead is closed in Switchboard, but the deal is open in the file. Reopen the lead first.")
    turn_away(STAGED_DEALS, _REFUSE_REOPENED, column=mapping.column_of(STAGE.name), reason=closed, **here)
    return affected(_DROP_UNCHANGED)


def store_deals(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Store the staged deals, and return how many are new and how many changed.

    A contact is created for each person and company that has none.
    """
    find_contacts(organization_id, import_id, STAGED_DEALS, company="account")
    updated = _update(organization_id, import_id, mapping)
    created = _insert(organization_id, import_id, mapping)
    return Stored(created, updated)


def _find_known(organization_id: UUID) -> None:
    for statement in (_FIND_KNOWN, _FIND_VISITS):
        db.session.execute(statement, {"organization": organization_id})


def _update(organization_id: UUID, import_id: UUID, mapping: Mapping) -> int:
    given: dict[str, Any] = {
        "organization": organization_id,
        "gives_agent": DealTarget.AGENT in mapping.given,
    }
    mark_protected(organization_id, LEAD.name, DEALS, "leads", mapping.overwrite)
    times = ("scheduled_start_at", "scheduled_end_at")
    mark_protected(organization_id, APPOINTMENT.name, _VISITS, "appointments", mapping.overwrite, [times])
    simple = given_values(DEAL_FIELDS, mapping.given, "deals")
    keep_before(organization_id, import_id, LEAD.name, DEALS, "leads", (*_LEAD_COLUMNS, *simple))
    keep_before(organization_id, import_id, APPOINTMENT.name, _VISITS, "appointments", _VISIT_COLUMNS)
    changes = "".join(f"{name} = {protected_sql('kept', name, 'leads', value)}, " for name, value in simple.items())
    updated = affected(text(_UPDATE_LEADS.format(simple=changes)), **given)
    db.session.execute(_UPDATE_VISITS, {**given, "gives_value": DealTarget.DEAL_VALUE in mapping.given})
    return updated


def _insert(organization_id: UUID, import_id: UUID, mapping: Mapping) -> int:
    context = current_context()
    by = {
        "organization": organization_id,
        "actor": context.reference_id,
        "actor_label": context.actor_label,
    }
    created = affected(_INSERT_LEADS, **by)
    zone = mapping.timezone or db.session.get_one(Organization, organization_id).timezone
    db.session.execute(_INSERT_VISITS, {**by, "timezone": zone})
    keep_created(organization_id, import_id, LEAD.name, DEALS)
    keep_created(organization_id, import_id, APPOINTMENT.name, _VISITS)
    return created
