"""Who takes over what somebody leaves behind: for deactivating, deleting and demoting them.

    work = open_work_of(actor, user, new_role=role)     # what waits, and who can take it over
    hand_over(actor, user, takers, new_role=role)       # in the transaction of the change, before it

`hand_over(…, seen=…)` gives away exactly what somebody has looked at, or nothing. `takers` maps each kind in `work` to
the id of a person, NOBODY or KEEP; a form gets them from `app.people.users.takeover_forms`.
Whether the change itself is allowed, the service of the change says: it refuses in the same transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.db.transaction import translated_integrity_errors
from app.declarations.open_work import Conditions, Work, WorkKind
from app.declarations.registry import registry
from app.errors import Conflict, DomainError, FieldError, Sentence, ValidationFailed
from app.extensions import db
from app.lists.choices import Choice
from app.models import User
from app.people.users import queries
from app.people.users.handover_rules import KEEP, NOBODY, Counted, fingerprint
from app.people.users.open_work_queries import count_work
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import refuse_higher_role
from app.security.scope import unscoped
from app.tenancy.notification_service import Telling, notify
from app.tenancy.organization_queries import lock_organization

Taker: TypeAlias = UUID | Literal["nobody", "keep"]
Takers: TypeAlias = Mapping[WorkKind, Taker]

#: Of the rows that the database refuses; the others are like them.
_MAX_TOLD = 5

_NOT_AS_SEEN = _l(
    "Nothing has been done yet: the open work or your choices are not what was summed up. "
    "Look at the summary below, then confirm."
)


@dataclass(frozen=True, slots=True)
class Handover:
    """Work of one kind that has to go somewhere: what there is, to whom it can go, and whether it may wait or stay."""

    kind: WorkKind
    left: Counted
    people: Sequence[Choice] = field(default=())
    may_be_nobodys: bool = False
    may_stay: bool = False


def field_of(kind: WorkKind) -> str:
    """The name of the field that says who takes over, in forms and in refusals."""
    return f"takeover_{kind}"


def open_work_of(actor: Actor, user: User, *, new_role: Role | None = None, for_good: bool = False) -> list[Handover]:
    """What has to be handed over when `user` goes, or gets `new_role`; kinds of which there is nothing are left out.

    `for_good` when they are deleted: then all events and recordings need somebody else, not only those to come.
    Whoever lets somebody go settles all of it, so it is counted beyond what they see themselves. Raises Forbidden for
    somebody above the actor.
    """
    refuse_higher_role(actor, Role(user.role), Permission.USERS_DEACTIVATE)
    found = _present(user.organization_id, user.id, datetime.now(UTC), for_good=for_good)
    return _handovers(actor, found, [user.id], new_role)


def open_work_of_all(actor: Actor, user_ids: Collection[UUID]) -> list[Handover]:
    """What has to be handed over when these people leave together: nobody of them can take it over."""
    found = _present(actor.organization_id, user_ids, datetime.now(UTC), for_good=False) if user_ids else {}
    return _handovers(actor, found, user_ids, None)


def check_takers(organization_id: UUID, user_ids: Collection[UUID], takers: Takers) -> None:
    """Raise ValidationFailed unless there is somebody for all that these people leave, who does not leave with them."""
    kinds = list(_present(organization_id, user_ids, datetime.now(UTC), for_good=False)) if user_ids else []
    _check(organization_id, user_ids, kinds, takers, None)


def taker_of(text: str) -> Taker:
    """A taker as forms send it and as it is stored; raises ValueError."""
    if text == NOBODY:
        return NOBODY
    return KEEP if text == KEEP else UUID(text)


def with_usual_takers(takers: Takers) -> Takers:
    """`takers`, and for work of other kinds, which has come since they were chosen: it waits, or stays."""
    usual: dict[WorkKind, Taker] = {
        kind: NOBODY if work.may_be_nobodys else KEEP
        for kind, work in registry().works.items()
        if work.may_be_nobodys or work.may_stay
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
            may_be_nobodys=works[kind].may_be_nobodys,
            may_stay=_may_stay(works[kind], new_role),
        )
        for kind, left in found.items()
    ]


def hand_over(
    actor: Actor | None,
    user: User,
    takers: Takers,
    *,
    new_role: Role | None = None,
    for_good: bool = False,
    seen: str | None = None,
) -> None:
    """Give `user`'s work to `takers`, under the organization's lock: nobody who takes over is let go meanwhile.
    `actor` None is the system, and `seen` the fingerprint of what was summed up; None where nobody was shown a summary.

    Raises Forbidden for somebody above the actor, ValidationFailed with every kind that has no taker, or one who cannot
    have it, and Conflict when it is not what was seen, or when something would be at a time that is taken, with all of
    it in `extra["conflicts"]`.
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
            # Whoever gives them something waits for this transaction; whoever reopens what is theirs does not.
            if seen is not None and len(given) != left.count:
                raise Conflict(None, _NOT_AS_SEEN)
            if work.notice and taker != NOBODY:
                sentence = _l("You take it over from %(name)s.", name=user.name)
                notify(work.notice, [Telling(taker, sentence, work.link.format(one), one) for one in given])


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


def _may_stay(work: Work, new_role: Role | None) -> bool:
    """Who stays keeps what somebody of their new role can have."""
    return work.may_stay or (new_role is not None and new_role in work.roles)


def _check(
    organization_id: UUID,
    leaving: Collection[UUID],
    kinds: Sequence[WorkKind],
    takers: Takers,
    new_role: Role | None,
) -> None:
    named = {taker for taker in takers.values() if isinstance(taker, UUID)}
    roles = queries.find_roles(organization_id, named - set(leaving))
    problems = {kind: _problem(registry().works[kind], takers.get(kind), new_role, roles) for kind in kinds}
    wrong = [FieldError(field_of(kind), problem) for kind, problem in problems.items() if problem is not None]
    if wrong:
        raise ValidationFailed(wrong)


def _problem(work: Work, taker: Taker | None, new_role: Role | None, roles: Mapping[UUID, Role]) -> Sentence | None:
    """What is wrong with this taker; None when nothing is. `roles` are those of the active people among all takers."""
    if taker is None:
        return _l("Choose who takes this over.")
    if taker == NOBODY:
        allowed = work.may_be_nobodys
    elif taker == KEEP:
        allowed = _may_stay(work, new_role)
    else:
        allowed = roles.get(taker) in work.roles
    return None if allowed else _l("Choose one of the people offered: somebody active whose role can have this.")


def _give(work: Work, conditions: Conditions, taker: Taker) -> Sequence[UUID]:
    """Give the rows to `taker`; their ids."""
    values: dict[str, Any] = {work.holder.key: None if taker == NOBODY else taker}
    if taker == NOBODY:
        values |= work.when_nobodys
    if work.one_by_one:
        return _give_one_by_one(work, conditions, values)
    changed = {**values, "version": work.model.version + 1}
    given = update(work.model).where(*conditions).values(changed).returning(work.model.id)
    return db.session.scalars(given, execution_options={"synchronize_session": False}).all()


def _give_one_by_one(work: Work, conditions: Conditions, values: Mapping[str, Any]) -> Sequence[UUID]:
    """The locked rows, in their order; what the database refuses is collected, so that it is told at once."""
    refused: list[DomainError] = []
    rows = unscoped(select(work.model), why="whoever lets somebody go gives away all of their work, seen or not")
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
        told = " ".join(one.sentence for one in refused[:_MAX_TOLD])
        raise Conflict(
            field_of(work.kind),
            _l("Nothing was changed. %(conflicts)s Choose somebody else.", conflicts=told),
            conflicts=[one.extra for one in refused],
        )
    return [row.id for row in given]
