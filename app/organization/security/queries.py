"""Queries of the security page: sign-ins, access that ends soon, and accounts without 2FA.

Sign-in attempts are recorded for existing accounts only. Each session has one that succeeded, so the first sign-in with
a browser is found among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import LoginAttempt, User, UserPermission, UserStatus
from app.models.users import RANK
from app.organization.security.rules import ENDING_DAYS, MAX_ROWS, SHOWN
from app.people.sign_in.rules import FAMILIAR_FOR
from app.periods import resolve_period
from app.security.actor import Actor
from app.security.devices import BROWSERS
from app.security.matrix import grants_of
from app.security.permissions import Permission, Role
from app.security.scope import restrict

#: More admins and owners than any organization has.
_MAX_NAMES = 50

_OF_PERSON = and_(LoginAttempt.organization_id == User.organization_id, LoginAttempt.user_id == User.id)
_ATTEMPTS, _LAST = func.count().label("attempts"), func.max(LoginAttempt.created_at).label("last_at")


@dataclass(frozen=True, slots=True)
class PersonAttempts:
    """The failed sign-ins of a person."""

    id: UUID
    name: str
    attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class AddressAttempts:
    """The failed sign-ins from an IP address, to the accounts of `people` different people."""

    ip_address: str | None
    people: int
    attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class NewDevice:
    """The first sign-in of a person with a browser family from a network."""

    id: UUID
    name: str
    user_agent: str | None
    ip_address: str | None
    began_at: datetime


@dataclass(frozen=True, slots=True)
class EndingGrant:
    """An extra permission of a person that expires soon."""

    user_id: UUID
    name: str
    permission: Permission
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Unprotected:
    """A person without two-factor authentication, and when they were last reminded to set it up."""

    id: UUID
    name: str
    role: str
    reminded_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecurityOverview:
    """The blocks of the security page, with at most MAX_ROWS rows each."""

    failed_by_person: Sequence[PersonAttempts]
    failed_by_address: Sequence[AddressAttempts]
    new_devices: Sequence[NewDevice]
    ending_grants: Sequence[EndingGrant]
    without_second_factor: Sequence[Unprotected]


def find_overview(actor: Actor, now: datetime) -> SecurityOverview | None:
    """Return the blocks of the security page; None if `actor` can't manage people.

    Runs one statement for each block.
    """
    if not actor.may(Permission.USERS_UPDATE):
        return None
    since = resolve_period(SHOWN, now=now, timezone=actor.timezone).span.start
    return SecurityOverview(
        _list_failed_by_person(actor, since),
        _list_failed_by_address(actor, since),
        _list_new_devices(actor, since),
        _list_ending_grants(actor, now),
        _list_without_second_factor(actor),
    )


def list_people_without_second_factor(actor: Actor) -> Sequence[str]:
    """Return the names of people who would have to set up two-factor authentication if it were required."""
    people = _lack_second_factor(restrict(select(User.name), User, actor))
    return db.session.scalars(people.order_by(func.lower(User.name), User.id).limit(_MAX_NAMES)).all()


def is_second_factor_complete(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that every admin and owner has two-factor authentication."""
    return ~_lack_second_factor(restrict(select(User.id), User, actor)).exists()


def has_second_factor(actor: Actor) -> bool:
    """Return whether `actor` has two-factor authentication; a guest always counts as having it."""
    own = restrict(select(User.mfa_secret.is_not(None)), User, actor).where(User.id == actor.user_id)
    return actor.reference_id is None or bool(db.session.scalar(own))


def _lack_second_factor(people: Select[Any]) -> Select[Any]:
    return people.where(
        User.status == UserStatus.ACTIVE, User.role.in_((Role.ADMIN, Role.OWNER)), User.mfa_secret.is_(None)
    )


def _list_failed_by_person(actor: Actor, since: datetime) -> Sequence[PersonAttempts]:
    people = (
        restrict(select(User.id, User.name, _ATTEMPTS, _LAST), User, actor)
        .join(LoginAttempt, _OF_PERSON)
        .where(*_failed_since(since))
        .group_by(User.organization_id, User.id)
        .order_by(_ATTEMPTS.desc(), _LAST.desc(), User.id)
    )
    return [PersonAttempts(*row) for row in db.session.execute(people.limit(MAX_ROWS))]


def _list_failed_by_address(actor: Actor, since: datetime) -> Sequence[AddressAttempts]:
    """Return the addresses with the most failed sign-ins, also those to accounts that are in the trash."""
    address, people = LoginAttempt.ip_address, func.count(distinct(LoginAttempt.user_id)).label("people")
    addresses = (
        restrict(select(address, people, _ATTEMPTS, _LAST).select_from(User), User, actor)
        .join(LoginAttempt, _OF_PERSON)
        .where(*_failed_since(since), address.is_not(None))
        .group_by(address)
        .order_by(_ATTEMPTS.desc(), _LAST.desc(), address)
    )
    rows = db.session.execute(addresses.limit(MAX_ROWS), execution_options={INCLUDE_DELETED: True})
    return [AddressAttempts(*row) for row in rows]


def _failed_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return ~LoginAttempt.succeeded, LoginAttempt.created_at >= since


def _list_new_devices(actor: Actor, since: datetime) -> Sequence[NewDevice]:
    """Return each person's first sign-in per browser family and network, if recent, newest first.

    Recent means at or after `since`; those who signed in with it within `FAMILIAR_FOR` before are omitted. Attempts are
    grouped by user agent and IP address first, because deriving the family is slow.
    """
    at = LoginAttempt.created_at
    began, earlier = func.min(at).filter(at >= since), func.max(at).filter(at < since)
    sent = (
        restrict(select(User.id, User.name, LoginAttempt.user_agent, LoginAttempt.ip_address), User, actor)
        .add_columns(began.label("began_at"), earlier.label("earlier_at"))
        .join(LoginAttempt, _OF_PERSON)
        .where(LoginAttempt.succeeded, at >= since - FAMILIAR_FOR)
        .group_by(User.organization_id, User.id, LoginAttempt.user_agent, LoginAttempt.ip_address)
        .subquery()
    )
    device = (sent.c.id, _family(sent.c.user_agent), _network(sent.c.ip_address))
    last_before = func.max(sent.c.earlier_at).over(partition_by=device).label("last_before")
    first = (
        select(sent, last_before)
        .ext(distinct_on(*device))
        .order_by(*device, sent.c.began_at)  # nulls last
        .subquery()
    )
    new = (
        select(first.c.id, first.c.name, first.c.user_agent, first.c.ip_address, first.c.began_at)
        .where(first.c.began_at.is_not(None))
        .where(or_(first.c.last_before.is_(None), first.c.last_before < first.c.began_at - FAMILIAR_FOR))
        .order_by(first.c.began_at.desc(), first.c.id)
    )
    return [NewDevice(*row) for row in db.session.execute(new.limit(MAX_ROWS))]


def _family(user_agent: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the browser family of a user agent, or '' for all browsers that aren't in BROWSERS."""
    return case(*((user_agent.regexp_match(pattern), family) for family, pattern in BROWSERS), else_="")


def _network(address: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the network of an IP address: /24, or /64 for IPv6."""
    return func.network(func.set_masklen(address, case((func.family(address) == 4, 24), else_=64)))


def _list_ending_grants(actor: Actor, now: datetime) -> Sequence[EndingGrant]:
    rows = (
        restrict(select(User.id, User.name, UserPermission.permission, UserPermission.expires_at), User, actor)
        .join(
            UserPermission,
            and_(UserPermission.organization_id == User.organization_id, UserPermission.user_id == User.id),
        )
        .where(User.status == UserStatus.ACTIVE)
        .where(UserPermission.expires_at > now, UserPermission.expires_at <= now + timedelta(days=ENDING_DAYS))
        .order_by(UserPermission.expires_at, UserPermission.id)
    )
    return [
        EndingGrant(row.id, row.name, permission, row.expires_at)
        for row in db.session.execute(rows.limit(MAX_ROWS))
        for permission in grants_of([row.permission])
    ]


def _list_without_second_factor(actor: Actor) -> Sequence[Unprotected]:
    """Return the active people without two-factor authentication, those of the highest rank first."""
    people = (
        restrict(select(User.id, User.name, User.role, User.second_factor_reminded_at), User, actor)
        .where(User.status == UserStatus.ACTIVE, User.mfa_secret.is_(None))
        .order_by(RANK.desc(), User.name_key, User.id)
    )
    return [Unprotected(*row) for row in db.session.execute(people.limit(MAX_ROWS))]
