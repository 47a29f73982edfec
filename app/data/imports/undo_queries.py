"""Queries for what undoing an import would do, or has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ARRAY, ColumnElement, Select, Text, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.data.imports.filters import OfImport
from app.data.imports.outcome_rules import UNDO_PERIOD
from app.db.lists import ListQuery
from app.db.paging import Sort
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.errors import LazyText
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
    """Records of one kind with the same outcome of an undo, with their number.

    Records that the import created (`effect`) are deleted, and those that it updated are reverted, unless they remain
    for the reason `stays`. `lines` are the first lines of the file that they come from, empty for what has been undone.
    """

    kind: LazyText
    effect: str
    stays: str | None
    records: int
    lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Undo:
    """The state of undoing an import.

    `is_open` is whether it can be undone, and `until` the time limit. `groups` is what undoing would do, once that has
    been determined, or what remains afterwards; `done` is what was undone.
    """

    is_open: bool
    until: datetime | None
    groups: Sequence[UndoGroup]
    done: Sequence[UndoGroup]


def undo_of(row: Import) -> Undo:
    """Return the state of undoing an import.

    The caller checks that the import is visible.
    """
    until = row.finished_at + UNDO_PERIOD if row.finished_at else None
    is_open = (
        row.undo != ImportUndo.DONE and row.status in _ENDED and until is not None and until > datetime.now(UTC)
    ) and _has_rows(row)
    is_known = row.undo in (ImportUndo.WEIGHED, ImportUndo.DONE)
    return Undo(is_open, until, _groups(row) if is_known else (), _done(row))


def remaining_list(actor: Actor, row: Import) -> ListQuery:
    """Return the records that remain, as last determined, ordered by line of the file.

    `name` is NULL if the record is in the trash or `actor` can't see it.
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
    """Return the kinds of an import's records.

    Each kind is looked up in the index, since scanning all records would take too long.
    """
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
    mine = unscoped(read, why="counts and line numbers only, of an import that is already scoped")
    return mine.where(ImportedRow.organization_id == row.organization_id, ImportedRow.import_id == row.id)


def _done(row: Import) -> list[UndoGroup]:
    counts = row.undo_counts or {}
    return [
        UndoGroup(_plural(resource), effect, None, counts[resource][effect], ())
        for resource in sorted(counts)
        for effect in ImportEffect
        if effect in counts[resource]
    ]


def _plural(resource: str) -> LazyText:
    return registry().resources[resource].words.plural_label
