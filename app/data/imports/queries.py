"""Queries for imports, their rejected values, and saved mappings."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.data.imports.filters import ImportFilters, OfImport
from app.data.imports.record_rules import RowError
from app.db.lists import ListQuery
from app.db.paging import Sort, newest_or_oldest_first
from app.declarations.importable import Importable
from app.declarations.registry import registry
from app.extensions import db
from app.models import Import, ImportKind, ImportMapping, ImportStatus, Organization, RejectedValue
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import restrict, unscoped, visible

MAX_MAPPINGS = 500
MAX_GROUPS = 50
SHOWN_LINES = 5
_FETCHED_VALUES = 1_000

_LINES = Sort("line", RejectedValue.line, RejectedValue.id, descending=False, value_of=lambda row: row.line, parse=int)


def permissions() -> tuple[Permission, ...]:
    """Return the permissions to import each declared kind of file and to see its imports."""
    return tuple(dict.fromkeys(one.permission for one in registry().imports.values()))


def kinds_of(actor: Actor) -> list[Importable]:
    """Return the kinds of files that `actor` can import."""
    return [one for one in registry().imports.values() if actor.may(one.permission)]


def _kinds_seen(actor: Actor) -> ColumnElement[bool]:
    return Import.kind.in_([one.kind for one in kinds_of(actor)])


SORTS = newest_or_oldest_first("createdAt", Import.created_at, Import.id)


def _conditions(filters: ImportFilters, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_kinds_seen(actor)]
    if filters.kind is not None:
        found.append(Import.kind == filters.kind)
    if filters.status is not None:
        found.append(Import.status == filters.status)
    return found


def has_imported(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an import is completed."""
    completed = Import.status == ImportStatus.COMPLETED
    return restrict(select(Import.id), Import, actor).where(completed).exists()


def find_import(actor: Actor, import_id: UUID, *, lock: bool = False) -> Import | None:
    """Return the import if it is visible to `actor`.

    With `lock`, the row is locked until the transaction ends, and reloaded.
    """
    return find_row(actor, Import, import_id, _kinds_seen(actor), lock=lock)


def get_import(actor: Actor, import_id: UUID, *, lock: bool = False) -> Import:
    """Return the import like `find_import`, but raise NotFound if there is none."""
    return get_row(actor, Import, import_id, _kinds_seen(actor), named="import", lock=lock)


def rejected_list(actor: Actor, import_id: UUID, *, is_remark: bool = False) -> ListQuery:
    """Return the rejected values of a visible import, or with `is_remark` its warnings, in file order."""
    of_import = and_(RejectedValue.import_id == import_id, RejectedValue.is_remark == is_remark)
    return ListQuery(
        rows=restrict(_REJECTED, RejectedValue, actor).where(of_import),
        matching=restrict(select(RejectedValue.id), RejectedValue, actor).where(of_import),
        sorts=(_LINES,),
        filters=OfImport(import_id=import_id),
    )


class RemarkGroup(NamedTuple):
    """Warnings for the same reason about one column, with the number of rows and the first lines."""

    column: str | None
    reason: str
    rows: int
    lines: Sequence[int]


def list_remarks(actor: Actor, import_id: UUID) -> list[RemarkGroup]:
    """Return the warnings of a visible import by column and reason, most frequent first."""
    rows = func.count().label("rows")
    lines = func.array_agg(aggregate_order_by(RejectedValue.line, RejectedValue.line.asc()))[1:SHOWN_LINES]
    groups = (
        restrict(select(RejectedValue.column_name, RejectedValue.reason, rows, lines), RejectedValue, actor)
        .where(RejectedValue.import_id == import_id, RejectedValue.is_remark)
        .group_by(RejectedValue.column_name, RejectedValue.reason)
        .order_by(rows.desc(), RejectedValue.column_name, RejectedValue.reason)
        .limit(MAX_GROUPS)
    )
    return [RemarkGroup(*group) for group in db.session.execute(groups)]


def wrong_values(organization_id: UUID, import_id: UUID) -> Iterator[RowError]:
    """Yield all rejected values and warnings of an import by line, fetched in batches."""
    values = unscoped(
        select(
            RejectedValue.line,
            RejectedValue.column_name,
            RejectedValue.value,
            RejectedValue.reason,
            RejectedValue.is_remark,
        ),
        why="used by a command, which runs without a signed-in user",
    ).where(RejectedValue.organization_id == organization_id, RejectedValue.import_id == import_id)
    ordered = values.order_by(
        RejectedValue.line, RejectedValue.column_name.nulls_first(), RejectedValue.value, RejectedValue.id
    )
    for value in db.session.execute(ordered, execution_options={"yield_per": _FETCHED_VALUES}):
        yield RowError(*value)


def list_mappings(actor: Actor, kind: ImportKind) -> Sequence[ImportMapping]:
    """Return the saved mappings for a kind of file, by name."""
    mappings = visible(ImportMapping, actor).where(ImportMapping.kind == kind)
    return db.session.scalars(
        mappings.order_by(func.lower(ImportMapping.name), ImportMapping.id).limit(MAX_MAPPINGS)
    ).all()


def get_mapping(actor: Actor, kind: ImportKind, mapping_id: UUID, *, lock: bool = False) -> ImportMapping:
    """Return a saved mapping for files of `kind`; raise NotFound if there is none.

    `lock` is as in `find_import`.
    """
    return get_row(actor, ImportMapping, mapping_id, ImportMapping.kind == kind, named="import_mapping", lock=lock)


def find_mapping(actor: Actor, kind: ImportKind, name: str) -> ImportMapping | None:
    """Return the saved mapping with this name for files of `kind`, or None."""
    return db.session.scalar(
        visible(ImportMapping, actor).where(ImportMapping.kind == kind, ImportMapping.name == name)
    )


def get_organization(actor: Actor) -> Organization:
    """Return the organization, whose time zone and country are the defaults for reading files."""
    return db.session.get_one(Organization, actor.organization_id)


_ROW = select(
    Import.id,
    Import.kind,
    Import.status,
    Import.file_name,
    Import.rows_total,
    Import.rows_created,
    Import.rows_updated,
    Import.rows_rejected,
    Import.undone_at,
    Import.created_at,
    Import.created_by_label,
)


#: The imports that `actor` can see and that match `filters`.
import_list = ListOf(Import, _ROW, narrow=lambda filters, actor, _now: _conditions(filters, actor), sorts=SORTS)

_REJECTED = select(
    RejectedValue.id,
    RejectedValue.line,
    RejectedValue.column_name.label("column"),
    RejectedValue.value,
    RejectedValue.reason,
)
