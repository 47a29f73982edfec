"""Reassignment of a person's work when they are deactivated, deleted or get another role.

Usage:

    work = open_work_of(actor, user, new_role=role)     # what is open, and who can take it over
    hand_over(actor, user, takers, new_role=role)       # in the transaction of the change, before it

`hand_over(…, seen=…)` reassigns exactly what the actor was shown, or nothing. `takers` maps each kind in `work` to its
successor: the id of a person, NOBODY or KEEP. A form gets them from `app.people.users.takeover_forms`.

The service that makes the change decides whether it is allowed, and refuses it in the same transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.db.transaction import translated_integrity_errors
from app.declarations.open_work import Conditions, Work, WorkKind
from app.declarations.registry import registry
from app.errors import Conflict, DomainError, FieldError, LazyText, ValidationFailed
from app.extensions import db
from app.lists.choices import Choice
from app.models import User
from app.people.users import queries
from app.people.users.handover_rules import KEEP, NOBODY, Counted, Successor, Successors, field_of, fingerprint
from app.people.users.open_work_queries import count_work
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import refuse_higher_role
from app.security.scope import unscoped
from app.tenancy.notification_service import NewNotification, notify
from app.tenancy.organization_queries import lock_organization

#: Maximum number of refused rows listed; the others are similar.
_MAX_LISTED = 5

_NOT_AS_SEEN = _l(
    "Nothing was changed: the open work or your choices no longer match the summary. Check the "
    "summary below, then confirm."
)


@dataclass(frozen=True, slots=True)
class Handover:
    """Work of one kind to reassign: how much, to which people, and whether it can be unassigned or stay."""

    kind: WorkKind
    left: Counted
    people: Sequence[Choice] = field(default=())
    can_be_unassigned: bool = False
    can_stay: bool = False


def open_work_of(actor: Actor, user: User, *, new_role: Role | None = None, for_good: bool = False) -> list[Handover]:
    """Return the work to reassign when `user` leaves or gets `new_role`; empty kinds are omitted.

    `for_good` is set for deletions: then past events and all recordings are included, too. Everything is counted,
    including what the actor can't see. Raises Forbidden for a person above the actor.
    """
    refuse_higher_role(actor, Role(user.role), Permission.USERS_DEACTIVATE)
    found = _present(user.organization_id, user.id, datetime.now(UTC), for_good=for_good)
    return _handovers(actor, found, [user.id], new_role)


def open_work_of_all(actor: Actor, user_ids: Collection[UUID]) -> list[Handover]:
    """Return the work to reassign when these people leave together; none of them can take it over."""
    found = _present(actor.organization_id, user_ids, datetime.now(UTC), for_good=False) if user_ids else {}
    return _handovers(actor, found, user_ids, None)


def check_successors(organization_id: UUID, user_ids: Collection[UUID], takers: Successors) -> None:
    """Raise ValidationFailed unless `takers` has a valid successor for each kind of these people's work.

    A successor can't be one of these people.
    """
    kinds = list(_present(organization_id, user_ids, datetime.now(UTC), for_good=False)) if user_ids else []
    _check(organization_id, user_ids, kinds, takers, None)


def with_default_successors(takers: Successors) -> Successors:
    """Return `takers` with defaults for missing kinds: unassigned if possible, else kept if possible.

    Work of these kinds may have come up since the successors were chosen.
    """
    usual: dict[WorkKind, Successor] = {
        kind: NOBODY if work.can_be_unassigned else KEEP
        for kind, work in registry().works.items()
        if work.can_be_unassigned or work.can_stay
    }
    return {**usual, **takers}


def _handovers(
    actor: Actor, found: Mapping[WorkKind, Counted], leaving: Collection[UUID], new_role: Role | None
) -> list[Handover]:
    works = registry().works
    people = queries.list_colleagues(actor, leaving, frozenset().union(*(works[kind].roles for kind in found)))
    return [
        Handover(
            kind,
            left,
            people=[Choice(one.id, one.name) for one in people if one.role in works[kind].roles],
            can_be_unassigned=works[kind].can_be_unassigned,
            can_stay=_can_stay(works[kind], new_role),
        )
        for kind, left in found.items()
    ]


def hand_over(
    actor: Actor | None,
    user: User,
    takers: Successors,
    *,
    new_role: Role | None = None,
    for_good: bool = False,
    seen: str | None = None,
) -> None:
    """Reassign `user`'s work to `takers`, and notify the new assignees.

    Holds the organization's lock, so that no successor can be deactivated in the meantime. `actor` None is the system.
    `seen` is the fingerprint of the summary that was shown; None if there was none. Raises Forbidden for a person above
    the actor, ValidationFailed with every kind whose successor is missing or invalid, and Conflict if the work is not
    what was seen or the database refuses rows, such as for overlapping times; all refusals are in `extra["conflicts"]`.
    """
    lock_organization(user.organization_id)
    user = queries.lock_user(user.organization_id, user.id)
    refuse_higher_role(actor, Role(user.role), Permission.USERS_DEACTIVATE)
    now = datetime.now(UTC)
    found = _present(user.organization_id, user.id, now, for_good=for_good)
    _check(user.organization_id, [user.id], list(found), takers, new_role)
    if seen is not None and seen != fingerprint(found, takers):
        raise Conflict(None, _NOT_AS_SEEN)
    for kind, left in found.items():
        work = registry().works[kind]
        conditions = work.held_by(user.id, now, for_good=for_good)
        taker = takers[kind]
        if conditions is not None and taker != KEEP:
            given = _give(work, (work.model.organization_id == user.organization_id, *conditions), taker)
            # Concurrent assignments to this person wait for this transaction, but reopening their own records doesn't.
            if seen is not None and len(given) != left.count:
                raise Conflict(None, _NOT_AS_SEEN)
            if work.notice and taker != NOBODY:
                sentence = _l("Reassigned to you from %(name)s.", name=user.name)
                notify(work.notice, [NewNotification(taker, sentence, work.link.format(one), one) for one in given])


def _present(
    organization_id: UUID, user_ids: UUID | Collection[UUID], now: datetime, *, for_good: bool
) -> dict[WorkKind, Counted]:
    held = {kind: (work, work.held_by(user_ids, now, for_good=for_good)) for kind, work in registry().works.items()}
    counted = {
        kind: count_work(work, conditions, organization_id)
        for kind, (work, conditions) in held.items()
        if conditions is not None
    }
    return {kind: left for kind, left in counted.items() if left.count}


def _can_stay(work: Work, new_role: Role | None) -> bool:
    """Return whether the work can stay with the person: always, or because the new role can have it."""
    return work.can_stay or (new_role is not None and new_role in work.roles)


def _check(
    organization_id: UUID,
    leaving: Collection[UUID],
    kinds: Sequence[WorkKind],
    takers: Successors,
    new_role: Role | None,
) -> None:
    named = {taker for taker in takers.values() if isinstance(taker, UUID)}
    roles = queries.find_roles(organization_id, named - set(leaving))
    problems = {kind: _problem(registry().works[kind], takers.get(kind), new_role, roles) for kind in kinds}
    wrong = [FieldError(field_of(kind), problem) for kind, problem in problems.items() if problem is not None]
    if wrong:
        raise ValidationFailed(wrong)


def _problem(work: Work, taker: Successor | None, new_role: Role | None, roles: Mapping[UUID, Role]) -> LazyText | None:
    """Return the problem with a successor, or None.

    `roles` are those of the active people among all successors.
    """
    if taker is None:
        return _l("Choose who takes over this work.")
    if taker == NOBODY:
        allowed = work.can_be_unassigned
    elif taker == KEEP:
        allowed = _can_stay(work, new_role)
    else:
        allowed = roles.get(taker) in work.roles
    return (
        None
        if allowed
        else _l("Choose someone from the list. They must be active and have a role that allows this work.")
    )


def _give(work: Work, conditions: Conditions, taker: Successor) -> Sequence[UUID]:
    """Assign the matching rows to `taker`, or to no one; return the ids of the rows."""
    values: dict[str, Any] = {work.holder.key: None if taker == NOBODY else taker}
    if taker == NOBODY:
        values |= work.when_unassigned
    if work.one_by_one:
        return _give_one_by_one(work, conditions, values)
    changed = {**values, "version": work.model.version + 1}
    given = update(work.model).where(*conditions).values(changed).returning(work.model.id)
    return db.session.scalars(given, execution_options={"synchronize_session": False}).all()


def _give_one_by_one(work: Work, conditions: Conditions, values: Mapping[str, Any]) -> Sequence[UUID]:
    """Update the locked rows in their order; return their ids.

    Raises Conflict with all rows that the database refuses, so that they are reported together.
    """
    refused: list[DomainError] = []
    rows = unscoped(select(work.model), why="a handover covers all work of the person, regardless of record scope")
    held = rows.where(*conditions).order_by(*work.order).with_for_update()
    given = db.session.scalars(held.execution_options(populate_existing=True)).all()
    for row in given:
        try:
            with translated_integrity_errors():
                for name, value in values.items():
                    setattr(row, name, value)
        except DomainError as refusal:
            refused.append(refusal)
    if refused:
        told = " ".join(one.sentence for one in refused[:_MAX_LISTED])
        raise Conflict(
            field_of(work.kind),
            _l("Nothing was changed. %(conflicts)s Choose someone else.", conflicts=told),
            conflicts=[one.extra for one in refused],
        )
    return [row.id for row in given]
