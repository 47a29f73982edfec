"""Reading imports, what they turned away, and saved mappings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.data.imports.filters import ImportFilters, RejectedFilters
from app.db.lists import ListQuery
from app.db.paging import Selection, Sort, newest_or_oldest_first
from app.declarations.importable import Importable
from app.declarations.registry import registry
from app.extensions import db
from app.models import Import, ImportKind, ImportMapping, Organization, RejectedValue
from app.security.actor import Actor
from app.security.kept_selections import kept_selection
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import restrict, visible

MAX_MAPPINGS = 500

_LINES = Sort("line", RejectedValue.line, RejectedValue.id, descending=False, value_of=lambda row: row.line, parse=int)


def permissions() -> tuple[Permission, ...]:
    """What it takes to import files of the kinds that features declare, and to see such imports."""
    return tuple(one.permission for one in registry().imports.values())


def kinds_of(actor: Actor) -> list[Importable]:
    """The kinds of files that `actor` may import."""
    return [one for one in registry().imports.values() if actor.may(one.permission)]


def _kinds_seen(actor: Actor) -> ColumnElement[bool]:
    return Import.kind.in_([one.kind for one in kinds_of(actor)])


SORTS = newest_or_oldest_first("createdAt", Import.created_at, Import.id)


def import_list(actor: Actor, filters: ImportFilters) -> ListQuery:
    """The imports that `actor` may see and `filters` keep."""
    conditions = _conditions(filters, actor)
    return ListQuery(
        rows=_rows.where(actor, conditions),
        matching=_ids.where(actor, conditions),
        sorts=SORTS,
        filters=filters,
    )


@kept_selection
def _rows(actor: Actor) -> Selection:
    return restrict(_ROW, Import, actor)


@kept_selection
def _ids(actor: Actor) -> Selection:
    return restrict(select(Import.id), Import, actor)


def _conditions(filters: ImportFilters, actor: Actor) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = [_kinds_seen(actor)]
    if filters.kind is not None:
        found.append(Import.kind == filters.kind)
    if filters.status is not None:
        found.append(Import.status == filters.status)
    return found


def find_import(actor: Actor, import_id: UUID, *, lock: bool = False) -> Import | None:
    """The import, if it is there for `actor`. With `lock` it is held until the transaction ends, and read anew."""
    return find_row(actor, Import, import_id, _kinds_seen(actor), lock=lock)


def get_import(actor: Actor, import_id: UUID, *, lock: bool = False) -> Import:
    """As `find_import`; raises NotFound."""
    return get_row(actor, Import, import_id, _kinds_seen(actor), named="import", lock=lock)


def rejected_list(actor: Actor, import_id: UUID) -> ListQuery:
    """What a visible import turned away, in the order of the file."""
    of_import = RejectedValue.import_id == import_id
    return ListQuery(
        rows=restrict(_REJECTED, RejectedValue, actor).where(of_import),
        matching=restrict(select(RejectedValue.id), RejectedValue, actor).where(of_import),
        sorts=(_LINES,),
        filters=RejectedFilters(import_id=import_id),
    )


def list_mappings(actor: Actor, kind: ImportKind) -> Sequence[ImportMapping]:
    """The saved mappings for files of a kind, by name."""
    mappings = visible(ImportMapping, actor).where(ImportMapping.kind == kind)
    return db.session.scalars(
        mappings.order_by(func.lower(ImportMapping.name), ImportMapping.id).limit(MAX_MAPPINGS)
    ).all()


def get_mapping(actor: Actor, kind: ImportKind, mapping_id: UUID, *, lock: bool = False) -> ImportMapping:
    """A saved mapping for files of `kind`; raises NotFound. `lock` as in `find_import`."""
    return get_row(actor, ImportMapping, mapping_id, ImportMapping.kind == kind, named="import_mapping", lock=lock)


def find_mapping(actor: Actor, kind: ImportKind, name: str) -> ImportMapping | None:
    """The saved mapping of this name."""
    return db.session.scalar(
        visible(ImportMapping, actor).where(ImportMapping.kind == kind, ImportMapping.name == name)
    )


def get_organization(actor: Actor) -> Organization:
    """The organization whose zone and country a file is read in."""
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
    Import.created_at,
    Import.created_by_label,
)

_REJECTED = select(
    RejectedValue.id,
    RejectedValue.line,
    RejectedValue.column_name.label("column"),
    RejectedValue.value,
    RejectedValue.reason,
)
