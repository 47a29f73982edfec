"""What taking an import back would do, or has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ARRAY, ColumnElement, Select, Text, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.data.imports.filters import OfImport
from app.data.imports.outcome_rules import KEPT_DAYS
from app.db.lists import ListQuery
from app.db.paging import Sort
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.errors import Sentence
from app.extensions import db
from app.models import Import, ImportedRow, ImportEffect, ImportStatus, ImportUndo
from app.security.actor import Actor
from app.security.scope import restrict, scoped_models, unscoped

Columns = TypeVarTuple("Columns")

SHOWN_LINES = 5
MAX_NAME_LENGTH = 80
_LINES = Sort("line", ImportedRow.line, ImportedRow.id, descending=False, value_of=lambda row: row.line, parse=int)
_ENDED = (ImportStatus.COMPLETED, ImportStatus.CANCELLED, ImportStatus.FAILED)


@dataclass(frozen=True, slots=True)
class UndoGroup:
    """Records of one kind: how many would be deleted (`effect` created) or get back what they were, or stay and why,
    with the lines of the file that the first of them come from."""

    kind: Sentence
    effect: str
    stays: str | None
    records: int
    lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Undo:
    """Whether an import can be taken back, and until when; what that would do once it was worked out, and what stayed
    when it is done."""

    is_open: bool
    until: datetime | None
    groups: Sequence[UndoGroup]
    done: Sequence[UndoGroup]


def undo_of(row: Import) -> Undo:
    """Of an import, for whoever may see it."""
    until = row.finished_at + KEPT_DAYS if row.finished_at else None
    is_open = (
        row.undo != ImportUndo.DONE and row.status in _ENDED and until is not None and until > datetime.now(UTC)
    ) and _has_rows(row)
    is_known = row.undo in (ImportUndo.WEIGHED, ImportUndo.DONE)
    return Undo(is_open, until, _groups(row) if is_known else (), _done(row))


def staying_list(actor: Actor, row: Import) -> ListQuery:
    """The records that stay, as it was worked out last, by the lines of the file that they come from.

    `name` is what one is called, NULL where it is in the trash, or `actor` does not see it.
    """
    stays = (ImportedRow.import_id == row.id, ImportedRow.stays.is_not(None))
    columns = (ImportedRow.id, ImportedRow.line, ImportedRow.resource, ImportedRow.record_id, ImportedRow.stays)
    return ListQuery(
        rows=restrict(select(*columns, _name(actor, _kinds(row)).label("name")), ImportedRow, actor).where(*stays),
        matching=restrict(select(ImportedRow.id), ImportedRow, actor).where(*stays),
        sorts=(_LINES,),
        filters=OfImport(import_id=row.id),
    )


def _kinds(row: Import) -> list[Resource]:
    """The kinds of the records of an import, each looked up in the index: to go through them all would take as long as
    there are records."""
    known = func.unnest(literal(sorted(registry().resources), ARRAY(Text))).table_valued("name")
    some = _of_import(row, select(ImportedRow.id)).where(ImportedRow.resource == known.c.name)
    names = db.session.scalars(select(known.c.name).where(some.correlate(known).exists()).order_by(known.c.name))
    return [registry().resources[name] for name in names]


def _name(actor: Actor, kinds: Sequence[Resource]) -> ColumnElement[str | None]:
    told = [one for one in kinds if one.title is not None and one.model in scoped_models()]
    if not told:
        return cast(null(), Text)
    return case(*((ImportedRow.resource == one.name, _title(actor, one)) for one in told))


def _title(actor: Actor, resource: Resource) -> ColumnElement[Any]:
    model, called = resource.model, resource.title() if resource.title else null()
    words = func.coalesce(func.left(cast(called, Text), MAX_NAME_LENGTH), "")
    this = restrict(select(words), model, actor).where(model.id == ImportedRow.record_id)
    return this.correlate(ImportedRow).scalar_subquery()


def _has_rows(row: Import) -> bool:
    return db.session.scalar(_of_import(row, select(ImportedRow.id)).limit(1)) is not None


def _groups(row: Import) -> list[UndoGroup]:
    by = (ImportedRow.resource, ImportedRow.effect, ImportedRow.stays)
    first = func.array_agg(aggregate_order_by(ImportedRow.line, ImportedRow.line))[1:SHOWN_LINES]
    rows = _of_import(row, select(*by, func.count(), first))
    return [
        UndoGroup(_plural(resource), effect, stays, records, lines)
        for resource, effect, stays, records, lines in db.session.execute(rows.group_by(*by).order_by(*by))
    ]


def _of_import(row: Import, read: Select[*Columns]) -> Select[*Columns]:
    mine = unscoped(read, why="whoever sees an import sees how many records it has made, and out of which lines")
    return mine.where(ImportedRow.organization_id == row.organization_id, ImportedRow.import_id == row.id)


def _done(row: Import) -> list[UndoGroup]:
    counts = row.undo_counts or {}
    return [
        UndoGroup(_plural(resource), effect, None, counts[resource][effect], ())
        for resource in sorted(counts)
        for effect in ImportEffect
        if effect in counts[resource]
    ]


def _plural(resource: str) -> Sentence:
    return registry().resources[resource].words.plural_label
