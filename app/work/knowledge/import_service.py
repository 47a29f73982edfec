"""Import of staged answers into the knowledge base."""

from uuid import UUID

from flask_babel import gettext as _

from app.data.imports.declared_service import staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import mark_protected
from app.data.imports.staging_service import StagedRecords, turn_away_repeats
from app.data.imports.storing_service import (
    RecordTable,
    drop_unchanged,
    find_known,
    insert_new,
    turn_deleted_away,
    update_known,
)
from app.db.ids import uuid7
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models import Organization
from app.work.knowledge.import_record_rules import AnswerRecord
from app.work.knowledge.import_rules import BY_RULE
from app.work.knowledge.import_target_rules import AnswerTarget
from app.work.knowledge.resource import KNOWLEDGE_ITEM

KNOWLEDGE_FIELDS = DeclaredFields(KNOWLEDGE_ITEM, BY_RULE)
# A staged row has the ID of its item (existing or to be created), whether that exists, and all values of the record.
STAGED_ANSWERS = staged_table("staged_answers", KNOWLEDGE_FIELDS, AnswerRecord)
ANSWERS = StagedRecords(STAGED_ANSWERS)
_ANSWERS = RecordTable(ANSWERS, KNOWLEDGE_FIELDS)

_ROWS = "SELECT * FROM staged_answers"
_INSERTED = {
    "question": "question",
    "answer": "answer",
    "category": "coalesce(category, :usual_category)",
    "language": "coalesce(language, :usual_language)",
}
#: An update by an import confirms the answer, just as an edit by a user does.
_UPDATED = {
    "question": "said.question",
    "answer": "said.answer",
    "category": "coalesce(said.category, record.category)",
    "language": "coalesce(said.language, record.language)",
    "confirmed_at": "clock_timestamp()",
}


def staged_columns(record: AnswerRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_ANSWERS`."""
    return (uuid7(), False, False, *staged_values(STAGED_ANSWERS, record))


def check_answers(mapping: Mapping) -> None:
    """Reject staged answers that repeat an ID, across the whole file."""
    turn_away_repeats(STAGED_ANSWERS, mapping.column_of(AnswerTarget.EXTERNAL_ID))


def settle_answers(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Reject staged answers that can't be imported, and drop those without changes.

    Returns the number of rows without changes.
    """
    find_known(organization_id, _ANSWERS)
    in_trash = _("This knowledge item is in the trash. Restore it first.")
    turn_deleted_away(organization_id, _ANSWERS, mapping.column_of(AnswerTarget.EXTERNAL_ID), in_trash)
    return drop_unchanged(_ANSWERS)


def store_answers(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Store the staged answers, and count new and updated items."""
    mark_protected(organization_id, _ANSWERS.resource, ANSWERS, _ANSWERS.table, mapping.overwrite)
    updated = update_known(organization_id, import_id, _ANSWERS, _ROWS, _UPDATED, mapping.given)
    usual = {
        "usual_category": _("Imported"),
        "usual_language": db.session.get_one(Organization, organization_id).language,
    }
    created = insert_new(organization_id, import_id, _ANSWERS, _ROWS, _INSERTED, **usual)
    return Stored(created, updated)
