"""Queries for people: choices of pickers, matches of imported names, and the checks of rules."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    not_,
    or_,
    select,
)

from app.db.conditions import is_any_of
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.lists.choices import Choice
from app.models import ApiKey, OfferedKind, OfferedValue, RevisionKind, User, UserPermission, UserSession, UserStatus
from app.models.users import GRANT_COUNTS
from app.people.users.rules import BOOKING, MANAGING, Rights, name_key, number_key
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.matrix import grants_of
from app.security.open_sessions import is_open
from app.security.permissions import Permission, Role
from app.security.scope import restrict, unscoped, visible

Columns = TypeVarTuple("Columns")

_A_CALL = (
    unscoped(select(OfferedValue.id), why="filters users who are scoped; no call is returned")
    .where(OfferedValue.organization_id == User.organization_id, OfferedValue.kind == OfferedKind.CSR)
    .where(OfferedValue.value == cast(User.id, Text))
)
_IS_CREDITED = or_(User.role == Role.CSR, _A_CALL.scalar_subquery().is_not(None))
_BY_NAME = (User.name_key, User.id)

#: More people than any picker can show or any file can name.
_MAX_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Colleague:
    """An active person with their role."""

    id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class NameMatches:
    """User ids for the names in a file; `ambiguous` are names that several people have."""

    found: dict[str, UUID]
    ambiguous: frozenset[str]


def can_be_credited(actor: Actor, user_id: UUID) -> bool:
    """Return whether calls can be credited to this person."""
    found = _of_all(select(User.id)).where(User.organization_id == actor.organization_id, User.id == user_id)
    return db.session.scalar(found.where(_IS_CREDITED)) is not None


def csr_choices(actor: Actor) -> tuple[Choice, ...]:
    """Return the CSRs that `actor` can see, active or not, and other people credited with calls.

    They are sorted by name.
    """
    return _csrs.made(actor, _as_choices)


@cached_rows(RevisionKind.PEOPLE)
def _csrs(actor: Actor) -> Selection:
    people = restrict(select(User.id, User.name), User, actor).where(_IS_CREDITED)
    return people.order_by(*_BY_NAME).limit(_MAX_PEOPLE)


def booker_choices(actor: Actor) -> tuple[Choice, ...]:
    """Return the active people that `actor` can see and bookings can be credited to, sorted by name."""
    return _bookers.made(actor, _as_choices)


@cached_rows(RevisionKind.PEOPLE)
def _bookers(actor: Actor) -> Selection:
    people = restrict(select(User.id, User.name), User, actor)
    people = people.where(is_any_of(User.role, sorted(BOOKING)), User.status == UserStatus.ACTIVE)
    return people.order_by(*_BY_NAME).limit(_MAX_PEOPLE)


def rep_choices(actor: Actor) -> tuple[Choice, ...]:
    """Return the sales reps that `actor` can see, active or not, sorted by name."""
    return _reps.made(actor, _as_choices)


@cached_rows(RevisionKind.PEOPLE)
def _reps(actor: Actor) -> Selection:
    reps = restrict(select(User.id, User.name), User, actor).where(User.role == Role.SALES_REP)
    return reps.order_by(*_BY_NAME).limit(_MAX_PEOPLE)


def manager_choices(actor: Actor, also: UUID | None = None) -> tuple[Choice, ...]:
    """Return the active people that `actor` can see and who can have a team, sorted by name.

    `also` is the current manager, who is included in any case.
    """
    return _managers.made(actor, _as_choices, also=also)


@cached_rows(RevisionKind.PEOPLE)
def _managers(actor: Actor) -> Selection:
    can_lead = and_(is_any_of(User.role, sorted(MANAGING)), User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))
    managers = restrict(select(User.id, User.name), User, actor)
    managers = managers.where(or_(can_lead, User.id == bindparam("also", type_=Uuid())))
    return managers.order_by(*_BY_NAME).limit(_MAX_PEOPLE).execution_options(**{INCLUDE_DELETED: True})


def _as_choices(people: Sequence[Row[Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(row.id, row.name) for row in people)


def managers_above(organization_id: UUID, user_id: UUID) -> set[UUID]:
    """Return the ids of this person, their manager and so on to the top, including deleted people.

    Deleted people count because they can be restored.
    """
    seen: set[UUID] = set()
    current: UUID | None = user_id
    while current is not None and current not in seen:
        seen.add(current)
        above = _of_all(select(User.manager_id)).where(User.organization_id == organization_id, User.id == current)
        current = db.session.scalar(above.execution_options(**{INCLUDE_DELETED: True}))
    return seen


def list_managers(organization_id: UUID) -> dict[UUID, UUID | None]:
    """Return the id of every person's manager, by user id, including deleted people.

    Deleted people count because they can be restored.
    """
    people = _of_all(select(User.id, User.manager_id)).where(User.organization_id == organization_id)
    rows = db.session.execute(people.limit(_MAX_PEOPLE).execution_options(**{INCLUDE_DELETED: True}))
    return {row.id: row.manager_id for row in rows}


def _of_all(read: Select[*Columns]) -> Select[*Columns]:
    """Return `read` unscoped, for rules about managers, owners and addresses."""
    return unscoped(read, why="rules about users cover the whole organization, regardless of record scope")


def list_colleagues(actor: Actor, leaving: Collection[UUID], roles: Collection[Role]) -> Sequence[Colleague]:
    """Return the active people with one of `roles` that `actor` can see, except those who leave.

    They are sorted by name.
    """
    people = restrict(select(User.id, User.name, User.role), User, actor).where(
        User.id.not_in(leaving),
        User.role.in_(roles),
        User.status == UserStatus.ACTIVE,
    )
    rows = db.session.execute(people.order_by(*_BY_NAME).limit(_MAX_PEOPLE)) if roles else ()
    return [Colleague(row.id, row.name, Role(row.role)) for row in rows]


def ids_with_role(organization_id: UUID, role: Role) -> list[UUID]:
    """Return the active people with `role`, sorted by name."""
    people = _of_all(select(User.id)).where(
        User.organization_id == organization_id, User.role == role, User.status == UserStatus.ACTIVE
    )
    return list(db.session.scalars(people.order_by(*_BY_NAME).limit(_MAX_PEOPLE)))


def find_roles(organization_id: UUID, ids: Collection[UUID]) -> dict[UUID, Role]:
    """Return the roles of the active people among `ids`, by id.

    Call it under the organization's lock.
    """
    people = _of_all(select(User.id, User.role)).where(
        User.organization_id == organization_id, User.id.in_(ids), User.status == UserStatus.ACTIVE
    )
    return {row.id: Role(row.role) for row in db.session.execute(people)} if ids else {}


def names_of_people(actor: Actor, ids: Collection[UUID], role: Role | None) -> tuple[Choice, ...]:
    """Return the people with these ids, deleted or not, and the active ones of `role`, sorted by name.

    People that `actor` can't see are omitted.
    """
    return _named.made(actor, _as_choices, role, ids=tuple(sorted(ids)))


@cached_rows(RevisionKind.PEOPLE)
def _named(actor: Actor, role: Role | None = None) -> Selection:
    wanted: ColumnElement[bool] = User.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
    if role is not None:
        wanted = or_(wanted, and_(User.role == role, User.status == UserStatus.ACTIVE, User.deleted_at.is_(None)))
    people = restrict(select(User.id, User.name), User, actor).where(wanted)
    return people.order_by(*_BY_NAME).limit(_MAX_PEOPLE).execution_options(**{INCLUDE_DELETED: True})


def match_people(organization_id: UUID, names: Iterable[str], role: Role = Role.CSR) -> NameMatches:
    """Match names from a file to users; a name can also be an email address or a phone number.

    Case, spaces and the punctuation of phone numbers don't matter. Among namesakes the one with `role` is chosen, if
    only one of them has it. A name that no one has is in neither part of the result.
    """
    candidates = _people_by_spelling(organization_id)
    found: dict[str, UUID] = {}
    ambiguous: set[str] = set()
    for name in names:
        meant = candidates.get(name_key(name)) or candidates.get(number_key(name), [])
        chosen = meant if len(meant) == 1 else [person for person in meant if person.role == role]
        if len(chosen) == 1:
            found[name] = chosen[0].id
        elif meant:
            ambiguous.add(name)
    return NameMatches(found, frozenset(ambiguous))


def people_by_address(actor: Actor) -> dict[UUID, tuple[str, str]]:
    """Return address and label of everyone whom `actor` can see, by user id, sorted by name."""
    people = restrict(select(User.id, User.name, User.email), User, actor).order_by(*_BY_NAME).limit(_MAX_PEOPLE)
    return {row.id: (row.email, f"{row.name} ({row.email})") for row in db.session.execute(people)}


def match_reps(organization_id: UUID, names: Iterable[str]) -> NameMatches:
    """Match names to users as `match_people` does; among namesakes, the sales rep is chosen."""
    return match_people(organization_id, names, Role.SALES_REP)


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    role: str


def _people_by_spelling(organization_id: UUID) -> dict[str, list[_Person]]:
    named = select(User.id, User.name, User.email, User.phone, User.role)
    people = (
        unscoped(named, why="files can name any user of the organization")
        .where(User.organization_id == organization_id)
        .order_by(User.id)
        .limit(_MAX_PEOPLE)
    )
    by_spelling: dict[str, list[_Person]] = {}
    for row in db.session.execute(people):
        for spelling in {name_key(row.name), name_key(row.email), *filter(None, [row.phone])}:
            by_spelling.setdefault(spelling, []).append(_Person(row.id, row.role))
    return by_spelling


def taken_addresses(organization_id: UUID) -> set[str]:
    """Return all addresses in use, in lower case."""
    addresses = _of_all(select(User.email_key)).where(User.organization_id == organization_id)
    return set(db.session.scalars(addresses.limit(_MAX_PEOPLE)))


def taken_among(organization_id: UUID, addresses: Collection[str]) -> set[str]:
    """Return the given addresses, in lower case, that are in use in the organization."""
    holders = _of_all(select(User.email_key)).where(User.organization_id == organization_id)
    return set(db.session.scalars(holders.where(User.email_key.in_(addresses))))


def is_address_taken(organization_id: UUID, email: str) -> bool:
    """Return whether a person of the organization has this address."""
    holder = _of_all(select(User.id)).where(User.organization_id == organization_id)
    return db.session.scalar(holder.where(User.email_key == func.lower(email))) is not None


def has_other_owner(organization_id: UUID, ids: Sequence[UUID]) -> bool:
    """Return whether there is an active owner other than these people.

    Call it under the organization's lock.
    """
    others = _of_all(select(User.id)).where(
        User.organization_id == organization_id,
        User.role == Role.OWNER,
        User.status == UserStatus.ACTIVE,
        User.id.not_in(ids),
    )
    return db.session.scalar(others.limit(1)) is not None


def list_owners_among(organization_id: UUID, ids: Sequence[UUID]) -> Sequence[User]:
    """Return the active owners among these people."""
    owners = _of_all(select(User)).where(
        User.organization_id == organization_id,
        User.role == Role.OWNER,
        User.status == UserStatus.ACTIVE,
        is_any_of(User.id, ids),
    )
    return db.session.scalars(owners.order_by(User.id)).all()


def lock_user(organization_id: UUID, user_id: UUID) -> User:
    """Return the person, refreshed and locked until the transaction ends.

    Raises NotFound if they were deleted.
    """
    wanted = unscoped(select(User), why="the user was already found within the scope or by a job")
    held = wanted.where(User.organization_id == organization_id, User.id == user_id).with_for_update()
    user = db.session.scalar(held.execution_options(populate_existing=True))
    if user is None:
        raise NotFound("user", user_id)
    return user


def grants_of_user(user: User) -> frozenset[Permission]:
    """Return a person's extra permissions that are in effect."""
    granted = select(UserPermission.permission)
    names = unscoped(granted, why="permissions of a user who was already found").where(
        UserPermission.organization_id == user.organization_id, UserPermission.user_id == user.id, GRANT_COUNTS
    )
    return grants_of(db.session.scalars(names))


def find_rights(organization_id: UUID, user_id: UUID) -> Rights | None:
    """Return a person's current rights; None if they aren't active, were deleted or don't exist."""
    granted = unscoped(
        select(func.array_agg(UserPermission.permission)),
        why="permissions of the same user, read together with the role",
    ).where(UserPermission.organization_id == User.organization_id, UserPermission.user_id == User.id, GRANT_COUNTS)
    rights = select(User.role, granted.correlate(User).scalar_subquery().label("granted"))
    wanted = unscoped(rights, why="reads the role and permissions that the scope is built from").where(
        User.organization_id == organization_id, User.id == user_id, User.is_active
    )
    found = db.session.execute(wanted).one_or_none()
    return Rights(Role(found.role), grants_of(found.granted or ())) if found else None


def get_user_by_email(organization_id: UUID, email: str) -> User:
    """Return the person with this address, for a command.

    Raises NotFound.
    """
    wanted = unscoped(select(User), why="used by a command, which runs without a signed-in user")
    return _only_one(wanted.where(User.organization_id == organization_id), email)


def get_colleague_by_email(actor: Actor, email: str) -> User:
    """Return the person with this address among those whom `actor` can see.

    Raises NotFound.
    """
    return _only_one(visible(User, actor), email)


def _only_one(people: Select[User], email: str) -> User:
    user = db.session.scalar(people.where(User.email_key == func.lower(email)))
    if user is None:
        raise NotFound("user", email, _l("No one here has the email address %(email)s.", email=email))
    return user


def list_open_sessions(user: User) -> list[UserSession]:
    """Return this person's sessions that are neither revoked nor expired, oldest first."""
    sessions = (
        unscoped(select(UserSession), why="removing a user's access ends all their sessions")
        .where(
            UserSession.organization_id == user.organization_id,
            UserSession.user_id == user.id,
            is_open(datetime.now(UTC)),
        )
        .order_by(UserSession.id)
        .limit(_MAX_PEOPLE)
    )
    return list(db.session.scalars(sessions))


def list_open_sessions_of_all(organization_id: UUID) -> Sequence[UserSession]:
    """Return all sessions of an organization that are neither revoked nor expired, oldest first."""
    sessions = unscoped(select(UserSession), why="deleting an organization ends all its sessions").where(
        UserSession.organization_id == organization_id, is_open(datetime.now(UTC))
    )
    return db.session.scalars(sessions.order_by(UserSession.id)).all()


def list_keys_beyond(user: User, held: Collection[Permission]) -> Sequence[ApiKey]:
    """Return this person's unrevoked API keys with permissions beyond `held`, oldest first."""
    beyond = ApiKey.permissions.contained_by([permission.value for permission in held])
    keys = unscoped(select(ApiKey), why="the keys of a user can't exceed the user's own permissions").where(
        ApiKey.organization_id == user.organization_id,
        ApiKey.created_by == user.id,
        ApiKey.revoked_at.is_(None),
        not_(beyond),
    )
    return db.session.scalars(keys.order_by(ApiKey.id).limit(_MAX_PEOPLE)).all()
