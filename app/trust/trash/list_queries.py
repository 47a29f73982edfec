"""Queries for the list of deletions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, cast, func, null, or_, select

from app.db.lists import ListQuery
from app.db.paging import Selection, Sort, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
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


@dataclass(frozen=True, slots=True)
class Keeping:
    """The organization's trash retention in days, and the legal hold, if any, that prevents purging."""

    days: int
    is_held: bool
    why_held: str | None


def trash_list(actor: Actor, filters: TrashFilters, now: datetime | None = None) -> ListQuery:
    """Return the deletions that `actor` can see and that match `filters`.

    Only lists of deletions in the trash can be sorted by the purge date.
    """
    listed = _deletions(actor, filters, now)
    return listed if filters.lists_trash else replace(listed, sorts=BY_DATE)


def _row(actor: Actor) -> Selection:
    """Select the columns of a row; the IP address is only for readers of the trail."""
    address = _address(actor) if actor.may(Permission.AUDIT_READ) else cast(null(), Text)
    return _ROW.add_columns(address.label("address"))


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


_deletions = ListOf(DeletionBatch, _row, narrow=_conditions, sorts=(*BY_DATE, BY_DUE))


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
