"""Queries for the owner of a calendar feed, and for the entries in it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select

from app.extensions import db
from app.models import (
    AppointmentStatus,
    EventStatus,
    Organization,
    OrganizationStatus,
    User,
    UserPermission,
    UserStatus,
)
from app.models.users import GRANT_COUNTS
from app.security.actor import Actor
from app.security.matrix import grants_of
from app.security.permissions import Permission, Role
from app.security.scope import unscoped, visible
from app.security.tokens import Token
from app.work.appointments.place_rules import in_one_line
from app.work.appointments.rules import TAKES_TIME
from app.work.calendar.ical_rules import IcalEvent, IcalStatus
from app.work.calendar.window_queries import MAX_ENTRIES, select_events, select_visits

BACK, AHEAD = timedelta(days=90), timedelta(days=366)

_GRANTED = (
    unscoped(select(UserPermission.permission), why="permissions of the feed's owner, who is identified by its address")
    .where(
        UserPermission.organization_id == User.organization_id,
        UserPermission.user_id == User.id,
        GRANT_COUNTS,
    )
    .scalar_subquery()
)


def find_feed_owner(token: Token) -> Actor | None:
    """Return the active person whose calendar the token opens, if they can see events, else None.

    Returns None as well if the organization isn't active. The context must already be that of the person's
    organization.
    """
    owner = (
        unscoped(
            select(
                User.id,
                User.name,
                User.email,
                User.role,
                User.language,
                Organization.timezone,
                Organization.name.label("organization_name"),
                func.array(_GRANTED).label("granted"),
            ),
            why="no signed-in user; the feed's address identifies its owner",
        )
        .join(Organization, Organization.id == User.organization_id)
        .where(User.organization_id == token.organization_id, User.calendar_feed_hash == token.digest)
        .where(User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))
        .where(Organization.status == OrganizationStatus.ACTIVE)
    )
    found = db.session.execute(owner).one_or_none()
    if found is None:
        return None
    actor = Actor(
        organization_id=token.organization_id,
        user_id=found.id,
        name=found.name,
        email=found.email,
        role=Role(found.role),
        granted=grants_of(found.granted),
        organization_name=found.organization_name,
        timezone=found.timezone,
        language=found.language,
    )
    return actor if actor.may(Permission.EVENTS_READ) else None


def get_feed_row(actor: Actor, *, lock: bool = False) -> User:
    """Return the actor's own row; with `lock`, locked until the transaction ends."""
    mine = visible(User, actor).where(User.id == actor.user_id)
    if lock:
        mine = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(mine).one()


def has_feed(actor: Actor) -> bool:
    """Return whether the actor's calendar has a feed address."""
    mine = unscoped(select(User.id), why="the actor's own feed address").where(
        User.organization_id == actor.organization_id, User.id == actor.user_id, User.calendar_feed_hash.is_not(None)
    )
    return db.session.scalar(mine) is not None


def list_feed(actor: Actor, now: datetime, host: str) -> list[IcalEvent]:
    """Return the actor's entries from 90 days ago to a year ahead.

    Canceled entries are included with their status, which calendar apps handle themselves.
    """
    start, end = now - BACK, now + AHEAD
    visits = select_visits(actor, [actor.user_id], start, end).limit(MAX_ENTRIES)
    events = select_events(actor, [actor.user_id], start, end).limit(MAX_ENTRIES)
    found = [_visit(row, host) for row in db.session.execute(visits)]
    return found + [_event(row, host, ZoneInfo(actor.timezone)) for row in db.session.execute(events)]


def _visit(row: Row[Any], host: str) -> IcalEvent:
    return IcalEvent(
        uid=_uid("appointment", row.id, host),
        start=row.scheduled_start_at,
        end=row.scheduled_end_at,
        summary=": ".join(filter(None, (row.service_type, row.contact_name))),
        status=_VISITS.get(row.status, IcalStatus.CONFIRMED),
        changed=row.updated_at,
        created=row.created_at,
        sequence=row.version - 1,
        location=in_one_line({name: getattr(row, name) for name in ("address_line_1", "city", "state", "zip")}),
        is_taking=row.status in TAKES_TIME,
    )


def _event(row: Row[Any], host: str, zone: ZoneInfo) -> IcalEvent:
    start, end = _days_or_moments(row.start_at, row.end_at, zone)
    return IcalEvent(
        uid=_uid("event", row.id, host),
        start=start,
        end=end,
        summary=row.title,
        status=_EVENTS[row.status],
        changed=row.updated_at,
        created=row.created_at,
        sequence=row.version - 1,
        location=row.location or "",
        description=row.description or "",
        is_taking=row.status == EventStatus.CONFIRMED,
    )


def _days_or_moments(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime | date, datetime | date]:
    """Return dates for whole days in the organization's time zone, otherwise the times."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    return (first.date(), last.date()) if first.time() == last.time() == time() else (start, end)


def _uid(kind: str, row_id: UUID, host: str) -> str:
    return f"{kind}-{row_id}@{host}"


_VISITS = {AppointmentStatus.CANCELLED.value: IcalStatus.CANCELLED}
_EVENTS = {
    EventStatus.CONFIRMED.value: IcalStatus.CONFIRMED,
    EventStatus.TENTATIVE.value: IcalStatus.TENTATIVE,
    EventStatus.CANCELLED.value: IcalStatus.CANCELLED,
}
