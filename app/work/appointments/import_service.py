"""Import of appointments: from the staged rows into the table.

Results recorded here are preserved: a file neither reschedules an appointment that is over nor reopens one that was
decided.
"""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text

from app.data.imports.declared_service import staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.staging_service import StagedRecords, turn_away
from app.data.imports.storing_service import RecordTable, drop_unchanged, find_known, turn_deleted_away
from app.db.ids import uuid7
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models import Organization
from app.work.appointments.import_record_rules import VisitRecord
from app.work.appointments.import_rules import BY_RULE
from app.work.appointments.import_target_rules import VisitTarget
from app.work.appointments.resource import APPOINTMENT
from app.work.contacts.import_assigned_service import AssignedRows, check_assigned, store_assigned

APPOINTMENT_FIELDS = DeclaredFields(APPOINTMENT, BY_RULE)
# A staged row has the id of the appointment that it creates or updates, and flags for whether that exists and whether
# the row changes nothing.
STAGED_VISITS = staged_table(
    "staged_visits",
    APPOINTMENT_FIELDS,
    VisitRecord,
    {"service": "service_type", "starts_at": "scheduled_start_at", "ends_at": "scheduled_end_at"},
)
VISITS = StagedRecords(STAGED_VISITS)
_VISITS = RecordTable(VISITS, APPOINTMENT_FIELDS)

_REFUSE_UNDONE = text("""
    INSERT INTO staged_errors
    SELECT line, :column, staged_visits.status, :reason
    FROM staged_visits JOIN appointments visits ON visits.organization_id = :organization
      AND visits.id = staged_visits.id
    WHERE visits.outcome <> 'open' AND staged_visits.status IN ('no_show', 'cancelled') AND NOT is_unchanged
""")
_WORKED_OUT = {"is_decided": "outcome <> 'open'"}
_ADDRESS = ("address_line_1", "address_line_2", "city", "state", "zip", "country")
_INSERTED = {
    "contact_card_id": "card_id",
    "sales_rep_id": "rep_id",
    "csr_id": "csr_id",
    "service_type": "service",
    "scheduled_start_at": "starts_at",
    "scheduled_end_at": "ends_at",
    "timezone": ":timezone",
    "booked_at": "coalesce(booked_at, least(starts_at, clock_timestamp()))",
    "status": "status",
    "outcome": "coalesce(outcome, 'open')",
    "completed_at": "completed_at",
    "outcome_at": "CASE WHEN is_decided THEN completed_at END",
    "deal_value": "deal_value",
    "lost_reason": "lost_reason",
    "cancelled_reason": "cancelled_reason",
    "notes": "notes",
    **{name: name for name in _ADDRESS},
}
# Condition that the file states what became of an appointment, which then takes precedence over the stored result.
_SAYS_END = "said.status <> 'scheduled'"
_BECAME = {
    "status": f"CASE WHEN {_SAYS_END} THEN said.status ELSE record.status END",
    "completed_at": f"CASE WHEN {_SAYS_END} THEN said.completed_at ELSE record.completed_at END",
    "cancelled_reason": "CASE WHEN said.status = 'cancelled' THEN coalesce(said.cancelled_reason,"
    f" record.cancelled_reason) WHEN NOT {_SAYS_END} THEN record.cancelled_reason END",
    "outcome": "CASE WHEN is_decided THEN said.outcome ELSE record.outcome END",
    "outcome_at": "CASE WHEN is_decided THEN said.completed_at ELSE record.outcome_at END",
    "deal_value": "CASE WHEN is_decided THEN coalesce(said.deal_value, CASE WHEN said.outcome = 'closed_won'"
    " THEN record.deal_value END) ELSE record.deal_value END",
    "lost_reason": "CASE WHEN is_decided THEN coalesce(said.lost_reason, CASE WHEN said.outcome = 'closed_lost'"
    " THEN record.lost_reason END) ELSE record.lost_reason END",
}
#: Columns that change in an existing appointment, by the target that contains their value.
_UPDATED = {
    "status": _BECAME,
    "outcome": _BECAME,
    VisitTarget.AGENT: {"sales_rep_id": "said.rep_id"},
    VisitTarget.CSR: {"csr_id": "said.csr_id"},
    VisitTarget.BOOKED_AT: {"booked_at": "coalesce(said.booked_at, record.booked_at)"},
    VisitTarget.NOTES: {"notes": "said.notes"},
    **{name: {name: f"said.{name}"} for name in _ADDRESS},
}
_TOGETHER = (tuple(_BECAME), ("scheduled_start_at", "scheduled_end_at"))
_ALWAYS_UPDATED = {
    "contact_card_id": "coalesce(said.card_id, record.contact_card_id)",
    "service_type": "said.service",
    "scheduled_start_at": "said.starts_at",
    "scheduled_end_at": "said.ends_at",
}
_ROWS = AssignedRows(_VISITS, _WORKED_OUT, _INSERTED, _UPDATED, _ALWAYS_UPDATED, _TOGETHER)


def staged_columns(record: VisitRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_VISITS`.

    Ids are generated from the start time, so that the order of the primary key is chronological.
    """
    return (uuid7(record.starts_at), False, False, *staged_values(STAGED_VISITS, record))


def check_visits(organization_id: UUID, import_id: UUID, mapping: Mapping, create_users: bool) -> None:
    """Reject staged appointments with an id that appears earlier in the file, or with unknown people.

    With `create_users`, unknown people become users instead of being rejected.
    """
    check_assigned(organization_id, import_id, _ROWS, mapping, create_users=create_users)


def settle_visits(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Reject staged appointments that can't be imported, and drop unchanged ones.

    Returns the number of unchanged ones.
    """
    find_known(organization_id, _VISITS)
    in_trash = _("This appointment is in the trash. Restore it first.")
    turn_deleted_away(organization_id, _VISITS, mapping.column_of(VisitTarget.EXTERNAL_ID), in_trash)
    undone = _(
        "This appointment is won or lost in Switchboard, but the file says it didn’t take place. Reopen "
        "its outcome first."
    )
    column = mapping.column_of("status")
    turn_away(STAGED_VISITS, _REFUSE_UNDONE, column=column, reason=undone, organization=organization_id)
    return drop_unchanged(_VISITS)


def store_visits(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Write the staged appointments, and return how many are new and how many changed."""
    zone = mapping.timezone or db.session.get_one(Organization, organization_id).timezone
    return store_assigned(organization_id, import_id, _ROWS, mapping, timezone=zone)
