"""Import of staged leads into the table of leads.

Leads that were closed here are not reopened: a row with another stage is rejected. A qualification set by a user is not
overwritten.
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
from app.work.contacts.import_assigned_service import AssignedRows, check_assigned, store_assigned
from app.work.leads.import_record_rules import LeadRecord
from app.work.leads.import_rules import BY_RULE
from app.work.leads.import_target_rules import LeadTarget
from app.work.leads.resource import LEAD

LEAD_FIELDS = DeclaredFields(LEAD, BY_RULE)
# A staged row has the ID of its lead (existing or to be created), whether that exists, and all values of the record.
STAGED_LEADS = staged_table("staged_leads", LEAD_FIELDS, LeadRecord, {"qualification": "qualification_status"})
LEADS = StagedRecords(STAGED_LEADS)
_LEADS = RecordTable(LEADS, LEAD_FIELDS)

_REFUSE_REOPENED = text("""
    INSERT INTO staged_errors
    SELECT line, :column, staged_leads.stage, :reason
    FROM staged_leads JOIN leads ON leads.organization_id = :organization AND leads.id = staged_leads.id
    WHERE leads.closed_at IS NOT NULL AND leads.stage <> staged_leads.stage AND NOT is_unchanged
""")
_WORKED_OUT = {
    "is_dead": "staged.stage = 'dead'",
    "qualified_by": "CASE WHEN qualification IS NOT NULL THEN 'import' END",
    "ended_at": "coalesce(closed_at, last_activity_at, created_at, clock_timestamp())",
}
_INSERTED = {
    "contact_card_id": "card_id",
    "stage": "stage",
    "source": "'import'",
    "qualification_status": "qualification",
    "qualification_source": "qualified_by",
    "assigned_rep_id": "rep_id",
    "csr_id": "csr_id",
    "closed_at": "CASE WHEN is_dead THEN ended_at END",
    "dead_reason": "dead_reason",
    "last_activity_at": "coalesce(last_activity_at, closed_at, created_at, clock_timestamp())",
    "created_at": "coalesce(created_at, clock_timestamp())",
}
_BY_PERSON = "record.qualification_source = 'user'"
#: Changes to an existing lead, by the target that provides them.
_UPDATED = {
    "stage": {
        "stage": "said.stage",
        "closed_at": "CASE WHEN is_dead THEN coalesce(said.closed_at, record.closed_at, ended_at)"
        " ELSE record.closed_at END",
        "dead_reason": "CASE WHEN is_dead THEN coalesce(said.dead_reason, record.dead_reason) END",
    },
    "qualification": {
        "qualification_status": f"CASE WHEN {_BY_PERSON} THEN record.qualification_status ELSE said.qualification END",
        "qualification_source": f"CASE WHEN {_BY_PERSON} THEN record.qualification_source ELSE said.qualified_by END",
    },
    LeadTarget.AGENT: {"assigned_rep_id": "said.rep_id"},
    LeadTarget.CSR: {"csr_id": "said.csr_id"},
    LeadTarget.CREATED_AT: {"created_at": "coalesce(said.created_at, record.created_at)"},
}
_TOGETHER = (("stage", "closed_at", "dead_reason"), ("qualification_status", "qualification_source"))
_ALWAYS_UPDATED = {
    "contact_card_id": "coalesce(said.card_id, record.contact_card_id)",
    "last_activity_at": "greatest(record.last_activity_at, said.last_activity_at)",
}
_ROWS = AssignedRows(_LEADS, _WORKED_OUT, _INSERTED, _UPDATED, _ALWAYS_UPDATED, _TOGETHER)


def staged_columns(record: LeadRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_LEADS`.

    IDs are generated from the time of the lead, so that the order of the primary key is chronological.
    """
    at = record.created_at or record.last_activity_at or record.closed_at
    return (uuid7(at) if at else uuid7(), False, False, *staged_values(STAGED_LEADS, record))


def check_leads(organization_id: UUID, import_id: UUID, mapping: Mapping, create_users: bool) -> None:
    """Reject staged leads that repeat an ID or name unknown people, across the whole file.

    With `create_users`, unknown people become users instead of being rejected.
    """
    check_assigned(organization_id, import_id, _ROWS, mapping, create_users=create_users)


def settle_leads(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Reject staged leads that can't be imported, and drop those without changes.

    Returns the number of rows without changes.
    """
    find_known(organization_id, _LEADS)
    in_trash = _("This lead is in the trash. Restore it first.")
    turn_deleted_away(organization_id, _LEADS, mapping.column_of(LeadTarget.EXTERNAL_ID), in_trash)
    if "stage" in mapping.given:
        closed = _("This lead is closed in Switchboard but has another stage in the file. Reopen it first.")
        column = mapping.column_of("stage")
        turn_away(STAGED_LEADS, _REFUSE_REOPENED, column=column, reason=closed, organization=organization_id)
    return drop_unchanged(_LEADS)


def store_leads(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Store the staged leads, and count new and updated ones."""
    return store_assigned(organization_id, import_id, _ROWS, mapping)
