"""Answers of a file, moved from where they wait into the table."""

from uuid import UUID

from flask_babel import gettext as _

from app.data.imports.declared_service import staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import find_kept
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
# A staged row has the id of the item that it becomes or is, and says whether that is there, and says all of it.
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
#: As whoever changes an answer by hand confirms it.
_UPDATED = {
    "question": "said.question",
    "answer": "said.answer",
    "category": "coalesce(said.category, record.category)",
    "language": "coalesce(said.language, record.language)",
    "confirmed_at": "clock_timestamp()",
}


def staged_columns(record: AnswerRecord) -> tuple[object, ...]:
    """A row for `STAGED_ANSWERS`."""
    return (uuid7(), False, False, *staged_values(STAGED_ANSWERS, record))


def check_answers(mapping: Mapping) -> None:
    """Turn rows of the whole file away whose id repeats."""
    turn_away_repeats(STAGED_ANSWERS, mapping.column_of(AnswerTarget.EXTERNAL_ID))


def settle_answers(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Turn staged answers away that cannot come in, and leave out those that say nothing new; how many."""
    find_known(organization_id, _ANSWERS)
    in_trash = _("This answer is in the trash. Restore it there first.")
    turn_deleted_away(organization_id, _ANSWERS, mapping.column_of(AnswerTarget.EXTERNAL_ID), in_trash)
    return drop_unchanged(_ANSWERS)


def store_answers(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Write the staged answers: how many are new, and how many have changed."""
    find_kept(organization_id, _ANSWERS.resource, ANSWERS, _ANSWERS.table, mapping.overwrite)
    updated = update_known(organization_id, import_id, _ANSWERS, _ROWS, _UPDATED, mapping.given)
    usual = {
        "usual_category": _("Imported"),
        "usual_language": db.session.get_one(Organization, organization_id).language,
    }
    created = insert_new(organization_id, import_id, _ANSWERS, _ROWS, _INSERTED, **usual)
    return Stored(created, updated)
