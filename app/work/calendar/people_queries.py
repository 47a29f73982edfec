"""Reading people as calendars name them: whose may be looked at, and who can be asked to come."""

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
    """Whose calendars `actor` may open, by name: everybody's, or one's own and those of the reps one books.

    Of a rep who is not in the scope, the calendar shows when they are taken and no more.
    """
    if actor.sees_all(Permission.EVENTS_READ):
        return list_everybody(actor)
    found = {actor.user_id: Choice(actor.user_id, actor.name)}
    if actor.may(Permission.APPOINTMENTS_WRITE):
        found |= {rep.id: rep for rep in list_reps(actor)}
    return sorted(found.values(), key=lambda one: one.name.casefold())


def sees_every_calendar(actor: Actor) -> bool:
    """Whether all that stands in all calendars is within the scope."""
    return actor.sees_all(Permission.EVENTS_READ) and actor.sees_all(Permission.APPOINTMENTS_READ)


def get_calendar_person(actor: Actor, people: Sequence[Choice], person_id: UUID | None) -> Choice:
    """Whose calendar is asked for; without an id one's own. `people` are those offered, which of many are not all.

    Raises NotFound for one that may not be opened.
    """
    if person_id is None or person_id == actor.user_id:
        return Choice(actor.user_id, actor.name)
    found = next((one for one in people if one.id == person_id), None)
    if found is None and actor.sees_all(Permission.EVENTS_READ):
        found = next(iter(list_active(actor, [person_id])), None)
    if found is None:
        raise NotFound("user", person_id)
    return found


def list_everybody(actor: Actor) -> list[Choice]:
    """Everybody active in the organization, by name: whoever plans something says who comes. As many as can be
    chosen from a list; what is sent is held against `list_active`.
    """
    return _choices(_active(actor).order_by(User.name_key, User.id).limit(_MAX_PEOPLE))


def list_active(actor: Actor, ids: Collection[UUID]) -> list[Choice]:
    """Those of these people who are active in the organization."""
    return _choices(_active(actor).where(is_any_of(User.id, list(ids))))


def names_of(actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called, also those who left."""
    if not ids:
        return {}
    named = _people(actor).where(is_any_of(User.id, list(ids)))
    return {one.id: one.name for one in _choices(named.execution_options(**{INCLUDE_DELETED: True}))}


def _people(actor: Actor) -> Select[UUID, str]:
    return unscoped(select(User.id, User.name), why="names of colleagues are open to whoever plans with them").where(
        User.organization_id == actor.organization_id
    )


def _active(actor: Actor) -> Select[UUID, str]:
    return _people(actor).where(User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))


def _choices(people: Select[UUID, str]) -> list[Choice]:
    return [Choice(*row) for row in db.session.execute(people)]
