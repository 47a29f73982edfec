"""Queries for the list of deletions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, case, cast, func, literal, null, or_, select

from app.db.paging import Selection, Sort, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.declarations.deletable import Deletable
from app.lists.choices import Choice
from app.models import AuditLog, DeletionBatch, Organization, RevisionKind, User
from app.periods import span_of
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.list_of import ListOf
from app.security.permissions import Permission
from app.security.scope import restrict, unscoped
from app.trust.trash import rules
from app.trust.trash.filters import TrashFilters
from app.trust.trash.kinds import deletables
from app.trust.trash.rules import State

BY_DATE = newest_or_oldest_first("deletedAt", DeletionBatch.created_at, DeletionBatch.id)
BY_DUE = Sort(
    "purgeAfter",
    DeletionBatch.purge_after,
    DeletionBatch.id,
    descending=False,
    value_of=lambda row: row.purge_after,
)

_MAX_PEOPLE = 10_000
#: Time within which the record of a deletion was written. The trail is partitioned by month: this finds the partition.
_RECORDED_WITHIN = timedelta(minutes=10)

_IN_TRASH = (DeletionBatch.restored_at.is_(None), DeletionBatch.purged_at.is_(None))
_OF_STATE: Mapping[State, tuple[ColumnElement[bool], ...]] = {
    State.IN_TRASH: _IN_TRASH,
    State.RESTORED: (DeletionBatch.restored_at.is_not(None),),
    State.PURGED: (DeletionBatch.purged_at.is_not(None),),
}

_ROW = select(
    DeletionBatch.id,
    DeletionBatch.root_type,
    DeletionBatch.root_label,
    DeletionBatch.deleted_by,
    DeletionBatch.deleted_by_label,
    DeletionBatch.reason,
    DeletionBatch.counts,
    DeletionBatch.created_at,
    DeletionBatch.purge_after,
    DeletionBatch.restoring_at,
    DeletionBatch.deleting_at,
    DeletionBatch.delete_failure,
    DeletionBatch.restored_at,
    DeletionBatch.restored_by_label,
    DeletionBatch.purged_at,
)

_STATUS = case(
    (DeletionBatch.restored_at.is_not(None), literal("restored", Text)),
    (DeletionBatch.purged_at.is_not(None), "purged"),
    (DeletionBatch.restoring_at.is_not(None), "restoring"),
    (DeletionBatch.deleting_at.is_not(None), "deleting"),
    else_="in_trash",
)
_RECORD = select(
    DeletionBatch.id,
    DeletionBatch.root_type.label("resource_type"),
    DeletionBatch.root_id.label("resource_id"),
    DeletionBatch.root_label.label("label"),
    _STATUS.label("status"),
    func.coalesce(DeletionBatch.restore_failure, DeletionBatch.delete_failure).label("error"),
    DeletionBatch.counts,
    DeletionBatch.reason,
    DeletionBatch.deleted_by,
    DeletionBatch.deleted_by_label.label("deleted_by_name"),
    DeletionBatch.created_at,
    DeletionBatch.purge_after,
    DeletionBatch.restored_at,
    DeletionBatch.restored_by,
    DeletionBatch.restored_by_label.label("restored_by_name"),
    DeletionBatch.purged_at,
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """The organization's trash retention in days, and the legal hold, if any, that prevents purging."""

    days: int
    is_held: bool
    why_held: str | None


def _sorts_for(filters: TrashFilters) -> tuple[Sort, ...]:
    """Return the sorts; only lists of deletions in the trash can be sorted by the purge date."""
    return (*BY_DATE, BY_DUE) if filters.lists_trash else BY_DATE


def _row(actor: Actor) -> Selection:
    """Select the columns of a row of the list."""
    return _ROW.add_columns(_address_for(actor).label("address"))


def _record(actor: Actor) -> Selection:
    """Select all that programs see of a deletion."""
    return _RECORD.add_columns(_address_for(actor).label("ip_address"), _progress().label("progress"))


def _progress() -> ColumnElement[Any]:
    """Return how much is done while the worker deletes or restores the rest; NULL otherwise.

    The tables are counted only then. How many rows a deletion will have is not known before it ends.
    """
    number = func.jsonb_each_text(DeletionBatch.counts).table_valued("key", "value").c.value
    total = select(func.coalesce(func.sum(cast(number, Integer)), 0)).correlate(DeletionBatch).scalar_subquery()
    left = sum((_number_left(kind) for kind in deletables().values()), literal(0))
    return case(
        (DeletionBatch.restoring_at.is_not(None), func.jsonb_build_object("done", total - left, "total", total)),
        (DeletionBatch.deleting_at.is_not(None), func.jsonb_build_object("done", total, "total", null())),
    )


def _number_left(kind: Deletable) -> ColumnElement[int]:
    """Return how many rows of one kind a deletion still holds in the trash."""
    table = kind.model.__table__
    left = unscoped(
        select(func.count())
        .where(table.c[kind.tenant_key] == DeletionBatch.organization_id)
        .where(table.c.deletion_batch_id == DeletionBatch.id),
        why="the deletion is scoped already",
    )
    return left.correlate(DeletionBatch).scalar_subquery()


def _address_for(actor: Actor) -> ColumnElement[str | None]:
    """Return the IP address from which a deletion was made, only for readers of the trail."""
    return _address(actor) if actor.may(Permission.AUDIT_READ) else cast(null(), Text)


def _address(actor: Actor) -> ColumnElement[str | None]:
    """Return the IP address from which a deletion was made, according to the trail.

    A deletion has one record in the trail, with the same timestamp. An aggregate selects it: with ORDER BY and LIMIT, a
    planner without statistics for recent records could read all of them for each row.
    """
    record = unscoped(
        select(func.max(func.host(AuditLog.ip_address))).where(
            AuditLog.organization_id == actor.organization_id,
            AuditLog.resource_type == "deletion_batch",
            AuditLog.resource_id == DeletionBatch.id,
            AuditLog.action == "deletion_batch.created",
            AuditLog.created_at.between(DeletionBatch.created_at, DeletionBatch.created_at + _RECORDED_WITHIN),
        ),
        why="the deletion is already scoped, and the actor can read the trail",
    )
    return record.correlate(DeletionBatch).scalar_subquery()


def _conditions(filters: TrashFilters, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of `filters`, which never match the deletion of an organization."""
    found: list[ColumnElement[bool]] = [DeletionBatch.root_type != "organization"]
    if filters.state != "any":
        found += _OF_STATE[filters.state or State.IN_TRASH]
    if (span := span_of(filters, actor, now)) is not None:
        found += [DeletionBatch.created_at >= span.start, DeletionBatch.created_at < span.end]
    if filters.kind is not None:
        found.append(DeletionBatch.root_type == filters.kind)
    if filters.by is not None:
        found.append(DeletionBatch.deleted_by == filters.by)
    if filters.due is not None:
        found += [*_IN_TRASH, DeletionBatch.purge_after <= now + rules.SOON]
    if filters.q:
        wanted = filters.q.lower()
        texts = (DeletionBatch.root_label, DeletionBatch.reason)
        found.append(or_(*(func.lower(text).contains(wanted, autoescape=True) for text in texts)))
    return found


#: The deletions that `actor` can see and that match `filters`.
trash_list = ListOf(DeletionBatch, _row, narrow=_conditions, sorts=(*BY_DATE, BY_DUE), sorts_for=_sorts_for)
#: The same deletions with all that programs see.
trash_records = ListOf(DeletionBatch, _record, narrow=_conditions, sorts=(*BY_DATE, BY_DUE), sorts_for=_sorts_for)


def deleters(actor: Actor) -> list[Choice]:
    """Return the users who have deleted something, by name.

    Empty for users who can see only their own deletions.
    """
    if not actor.sees_all(Permission.TRASH_READ):
        return []
    return [Choice(row.id, row.name) for row in _deleters.rows(actor)]


@cached_rows(RevisionKind.TRASH, RevisionKind.PEOPLE)
def _deleters(actor: Actor) -> Selection:
    deleted = select(DeletionBatch.id)
    theirs = unscoped(deleted, why="filters users who are scoped, for actors who can see every deletion").where(
        DeletionBatch.organization_id == User.organization_id, DeletionBatch.deleted_by == User.id
    )
    # Ordered like the index: one index lookup per user. Otherwise the database would read all deletions for every user
    # who has deleted nothing.
    latest = theirs.order_by(DeletionBatch.created_at.desc(), DeletionBatch.id.desc()).limit(1)
    has_deleted = latest.scalar_subquery().is_not(None)
    people = restrict(select(User.id, User.name), User, actor).where(has_deleted)
    people = people.order_by(func.lower(User.name), User.id).limit(_MAX_PEOPLE)
    return people.execution_options(**{INCLUDE_DELETED: True})


def find_keeping(actor: Actor) -> Keeping:
    """Return the retention settings of the trash."""
    [row] = _keeping.rows(actor)
    return Keeping(row.trash_days, row.legal_hold, row.legal_hold_reason)


@cached_rows(RevisionKind.TRASH)
def _keeping(actor: Actor) -> Selection:
    facts = select(Organization.trash_days, Organization.legal_hold, Organization.legal_hold_reason)
    return facts.where(Organization.id == actor.organization_id)
