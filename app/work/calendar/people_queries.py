"""Queries for people in calendars: whose calendar can be opened, and who can be invited."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, select

from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.lists.choices import Choice
from app.models import User, UserStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.work.appointments.free_times_queries import list_reps

_MAX_PEOPLE = 500


def list_calendar_people(actor: Actor) -> list[Choice]:
    """Return the people whose calendars `actor` can open, by name.

    They are everyone, or the actor and the reps for whom they can book. The calendar of a rep outside the scope only
    shows when that rep is busy.
    """
    if actor.sees_all(Permission.EVENTS_READ):
        return list_active_people(actor)
    found = {actor.user_id: Choice(actor.user_id, actor.name)}
    if actor.may(Permission.APPOINTMENTS_WRITE):
        found |= {rep.id: rep for rep in list_reps(actor)}
    return sorted(found.values(), key=lambda one: one.name.casefold())


def sees_every_calendar(actor: Actor) -> bool:
    """Return whether all entries of all calendars are within the scope."""
    return actor.sees_all(Permission.EVENTS_READ) and actor.sees_all(Permission.APPOINTMENTS_READ)


def get_calendar_person(actor: Actor, people: Sequence[Choice], person_id: UUID | None) -> Choice:
    """Return the person whose calendar is requested, by default the actor.

    `people` are those offered, which may not be everyone if there are many. Raises NotFound for a person whose calendar
    `actor` can't open.
    """
    if person_id is None or person_id == actor.user_id:
        return Choice(actor.user_id, actor.name)
    found = next((one for one in people if one.id == person_id), None)
    if found is None and actor.sees_all(Permission.EVENTS_READ):
        found = next(iter(list_active(actor, [person_id])), None)
    if found is None:
        raise NotFound("user", person_id)
    return found


def list_active_people(actor: Actor) -> list[Choice]:
    """Return the active people of the organization, by name.

    Everyone who plans an event can invite them. The number is limited to what fits in a list; submitted ids are checked
    with `list_active`.
    """
    return _choices(_active(actor).order_by(User.name_key, User.id).limit(_MAX_PEOPLE))


def list_active(actor: Actor, ids: Collection[UUID]) -> list[Choice]:
    """Return the people with these `ids` who are active in the organization."""
    return _choices(_active(actor).where(is_any_of(User.id, list(ids))))


def names_of(actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of these people by id, including people who have left."""
    if not ids:
        return {}
    named = _people(actor).where(is_any_of(User.id, list(ids)))
    return {one.id: one.name for one in _choices(named.execution_options(**{INCLUDE_DELETED: True}))}


def _people(actor: Actor) -> Select[UUID, str]:
    return unscoped(
        select(User.id, User.name), why="the names of colleagues are visible to everyone who can plan events"
    ).where(User.organization_id == actor.organization_id)


def _active(actor: Actor) -> Select[UUID, str]:
    return _people(actor).where(User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))


def _choices(people: Select[UUID, str]) -> list[Choice]:
    return [Choice(*row) for row in db.session.execute(people)]
