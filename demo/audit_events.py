"""Audit trail entries of sign-ins, failed sign-ins, denied requests, exports and two role changes.

The role changes are some months old; all other entries are from the last weeks.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from app.audit.actions import Action
from app.models.calls import RecordSource
from app.security.permissions import Permission, Role
from demo.office import Office
from demo.people import Employee, of_role
from demo.rows import AuditRow, SignInRow

_DAYS, _KNOWN_DAYS_AGO = 30, 45
_SUNDAY = 6
_ON_SATURDAY, _AT_ALL, _FAILS, _REFUSED = 0.35, 0.93, 0.04, 0.012
_ATTACKED_DAYS_AGO, _ATTACKS = 11, 6
_STRANGER = "198.51.100.77"
_SCRIPT = "python-requests/2.32.5"
_PROMOTED_DAYS_AGO = (210, 96)
_REFUSALS = (
    (Permission.JOBS_READ, "/jobs"),
    (Permission.TRASH_READ, "/trash"),
    (Permission.USERS_READ, "/users"),
    (Permission.EXPORTS_CREATE, "/exports"),
)


def trail_rows(office: Office) -> Iterator[AuditRow | SignInRow]:
    """Yield the entries, person by person, and the attempts to sign in that some of them tell of.

    Everyone's first attempt is older than the entries, so that their usual device is known.
    """
    for person in office.staff:
        at = office.now - timedelta(days=_KNOWN_DAYS_AGO)
        yield _attempt(office, person.id, at, person.ip_address, person.user_agent, succeeded=True)
    for entry in _entries(office):
        yield entry
        person_id = entry.user_id or entry.resource_id
        if person_id and entry.action in (Action.SESSION_STARTED, Action.SESSION_FAILED):
            has_begun = entry.action == Action.SESSION_STARTED
            yield _attempt(office, person_id, entry.created_at, entry.ip_address, entry.user_agent, succeeded=has_begun)


def _entries(office: Office) -> Iterator[AuditRow]:
    chance = office.stream("trail")
    today = office.local(office.now).date()
    for person in office.staff:
        for days_ago in range(_DAYS, 0, -1):
            yield from _day(office, person, today - timedelta(days=days_ago), chance)
    yield from _attack(office)
    yield from _promotions(office)
    yield from _exports(office)


def _day(office: Office, person: Employee, day: date, chance: random.Random) -> Iterator[AuditRow]:
    odds = 0.0 if day.weekday() == _SUNDAY else _ON_SATURDAY if day.weekday() == _SUNDAY - 1 else _AT_ALL
    if office.absences.is_off(person.id, day) or chance.random() > odds:
        return
    start = person.member.working.shift[0]
    at = datetime.combine(day, time(start), office.company.timezone).astimezone(UTC)
    at -= timedelta(minutes=chance.uniform(1, 14))
    if chance.random() < _FAILS:
        yield _failed(
            office, person, at - timedelta(seconds=chance.uniform(9, 40)), person.ip_address, person.user_agent
        )
    session_id = office.ids.at(at)
    after = {"user_id": str(person.id), "ip_address": person.ip_address, "user_agent": person.user_agent}
    yield _entry(office, person, at, Action.SESSION_STARTED, "session", session_id, after=after)
    if person.member.role in {Role.CSR, Role.SALES_REP} and chance.random() < _REFUSED:
        permission, route = chance.choice(_REFUSALS)
        what = {"permission": permission.value, "method": "GET", "route": route}
        later = at + timedelta(minutes=chance.uniform(20, 400))
        yield _entry(office, person, later, Action.PERMISSION_REFUSED, "permission", None, metadata=what)


def _attack(office: Office) -> Iterator[AuditRow]:
    """Yield failed sign-ins of one night in which a stranger tried passwords on the owner's account."""
    owner = of_role(office.staff, Role.OWNER)[0]
    day = office.local(office.now).date() - timedelta(days=_ATTACKED_DAYS_AGO)
    at = datetime.combine(day, time(3, 14), office.company.timezone).astimezone(UTC)
    for number in range(_ATTACKS):
        yield _failed(office, owner, at + timedelta(seconds=2**number), _STRANGER, _SCRIPT)


def _promotions(office: Office) -> Iterator[AuditRow]:
    """Yield role changes for two people who started with another role."""
    owner, admin = (of_role(office.staff, role)[0] for role in (Role.OWNER, Role.ADMIN))
    manager = of_role(office.staff, Role.MANAGER)[-1]
    for days_ago, person, old in zip(_PROMOTED_DAYS_AGO, (admin, manager), (Role.SUPPORT, Role.CSR), strict=True):
        yield _entry(
            office,
            owner,
            office.now - timedelta(days=days_ago),
            Action.USER_ROLE_CHANGED,
            "user",
            person.id,
            before={"role": old, "version": 1},
            after={"role": person.member.role, "version": 2},
        )


def _exports(office: Office) -> Iterator[AuditRow]:
    """Yield entries of lists exported as CSV."""
    manager = of_role(office.staff, Role.MANAGER)[0]
    for days_ago in (24, 17, 10, 3):
        at = office.now - timedelta(days=days_ago, minutes=47)
        what = {"rows": 60 + days_ago, "filters": {"period": "last_7"}}
        yield _entry(office, manager, at, Action.CALLS_EXPORTED, "call", None, metadata=what)


def _failed(office: Office, person: Employee, at: datetime, address: str, browser: str) -> AuditRow:
    """Return the entry of a failed sign-in.

    Since no one is signed in, its actor is the email address that was tried.
    """
    return AuditRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        user_id=None,
        actor_label=office.company.email_of(person.member),
        actor_role=None,
        source=RecordSource.USER,
        action=Action.SESSION_FAILED,
        resource_type="user",
        resource_id=person.id,
        ip_address=address,
        user_agent=browser,
        operation_id=uuid5(person.id, at.isoformat()),
        created_at=at,
    )


def _attempt(
    office: Office, person_id: UUID, at: datetime, address: str | None, browser: str | None, *, succeeded: bool
) -> SignInRow:
    return SignInRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        user_id=person_id,
        succeeded=succeeded,
        ip_address=address,
        user_agent=browser,
        created_at=at,
    )


def _entry(
    office: Office,
    person: Employee,
    at: datetime,
    action: Action,
    resource: str,
    resource_id: UUID | None,
    **values: Any,
) -> AuditRow:
    return AuditRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        user_id=person.id,
        actor_label=person.member.name,
        actor_role=person.member.role,
        source=RecordSource.USER,
        action=action,
        resource_type=resource,
        resource_id=resource_id,
        ip_address=person.ip_address,
        user_agent=person.user_agent,
        operation_id=uuid5(person.id, f"{action}{at.isoformat()}"),
        created_at=at,
        **values,
    )
