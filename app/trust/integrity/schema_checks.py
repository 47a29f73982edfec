"""Checks derived from the models, so that new tables are covered automatically."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Select, Text, Uuid, and_, bindparam, case, cast, func, literal, select, union_all

from app.declarations.checked import Check, FindRows, Portion
from app.declarations.deletable import Deletable
from app.models import Base, DeletionBatch
from app.security.scope import unscoped
from app.trust.integrity.findings import find
from app.trust.trash.kinds import deletables

_BATCHES: Any = DeletionBatch.__table__
_ORGANIZATION = bindparam("organization", type_=Uuid)


def _each(parts: Callable[[], Iterator[Select[Any]]]) -> FindRows:
    def look(organization_id: UUID, most: int) -> Portion:
        return find(union_all(*parts()).subquery("found"), most, organization=organization_id)

    return look


def _row(resource: str, table: Any, detail: Any) -> Select[Any]:
    columns = (literal(resource, Text).label("resource"), table.c.id.label("id"), cast(detail, Text).label("detail"))
    return unscoped(select(*columns), why="integrity checks cover all rows and report only kinds and ids")


def _of_organization(table: Any, tenant_key: str = "organization_id") -> Any:
    return table.c[tenant_key] == _ORGANIZATION


def _lost_references() -> Iterator[Select[Any]]:
    """Yield queries for rows whose reference has no target: possible only if foreign keys were bypassed."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if len(key.column_keys) != 2:
                continue
            target, column = key.referred_table.alias(), table.c[list(key.column_keys)[-1]]
            found = and_(target.c.organization_id == table.c.organization_id, target.c.id == column)
            yield (
                _row(table.name, table, literal(column.name, Text))
                .select_from(table.outerjoin(target, found))
                .where(_of_organization(table), column.is_not(None), target.c.id.is_(None))
            )


def _without_batch() -> Iterator[Select[Any]]:
    for kind in deletables().values():
        table = kind.model.__table__
        is_half_deleted = table.c.deleted_at.is_(None) != table.c.deletion_batch_id.is_(None)
        yield _row(kind.name, table, table.c.deleted_at).where(
            _of_organization(table, kind.tenant_key), is_half_deleted
        )


def _of_deleted() -> Iterator[Select[Any]]:
    return _of_deleted_by(lambda kind: kind.parents)


def _without_optional() -> Iterator[Select[Any]]:
    return _of_deleted_by(lambda kind: kind.optional_parents)


def _of_deleted_by(parents_of: Callable[[Deletable], Mapping[str, str]]) -> Iterator[Select[Any]]:
    for kind in deletables().values():
        table = kind.model.__table__
        for column, resource in parents_of(kind).items():
            parent = deletables()[resource].model.__table__.alias()
            refers = and_(parent.c.organization_id == table.c.organization_id, parent.c.id == table.c[column])
            yield (
                _row(kind.name, table, literal(resource, Text))
                .select_from(table.join(parent, refers))
                .where(_of_organization(table), table.c.deleted_at.is_(None), parent.c.deleted_at.is_not(None))
            )


def _batch_counts() -> Iterator[Select[Any]]:
    """Yield queries for deletions that hold more rows than they should.

    A partly restored deletion has fewer rows than it had; none has more, and a settled one has none left. After a
    purge, users that other records refer to remain in anonymized form.
    """
    for kind in deletables().values():
        table = kind.model.__table__
        number = func.count().label("number")
        held = select(table.c.deletion_batch_id.label("batch"), number)
        there = (
            unscoped(held, why="counts only; integrity checks cover all rows of a deletion, regardless of record scope")
            .where(_of_organization(table, kind.tenant_key), table.c.deletion_batch_id.is_not(None))
            .group_by(table.c.deletion_batch_id)
            .subquery()
        )
        counted = func.coalesce(cast(_BATCHES.c.counts[kind.name].astext, Integer), 0)
        purged = _BATCHES.c.purged_at.is_not(None)
        may_be_left = case(
            (_BATCHES.c.restored_at.is_not(None), 0),
            (purged, counted if kind.purge is not None else 0),
            else_=counted,
        )
        yield (
            _row("deletion_batch", _BATCHES, func.concat(kind.name, " ", there.c.number, " > ", may_be_left))
            .join(there, there.c.batch == _BATCHES.c.id)
            .where(_of_organization(_BATCHES), there.c.number > may_be_left)
        )


SCHEMA_CHECKS = (
    Check("reference", _l("A record refers to one that doesn’t exist."), _each(_lost_references)),
    Check(
        "deletion",
        _l("A record is only half deleted: it’s marked as deleted or is part of a deletion, but not both."),
        _each(_without_batch),
    ),
    Check("parent", _l("A record’s parent is in the trash."), _each(_of_deleted)),
    Check(
        "optional_parent",
        _l("A record refers to an optional parent that’s in the trash."),
        _each(_without_optional),
        is_note=True,
    ),
    Check("batch", _l("A deletion contains more records than expected."), _each(_batch_counts)),
)
