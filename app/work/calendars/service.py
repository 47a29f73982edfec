"""Writing calendars."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import Calendar, CalendarColor
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row, values_of
from app.work.calendars import rules
from app.work.calendars.queries import get_calendar

_SENT_ALREADY = _l("This form was sent already. Open a new one to add another calendar.")


@dataclass(frozen=True, slots=True)
class CalendarValues:
    """What the form of a calendar holds; without an owner it is everybody's."""

    name: str
    color: CalendarColor
    owner_user_id: UUID | None


def add(actor: Actor, calendar_id: UUID, values: CalendarValues) -> Calendar:
    """Add a calendar; `calendar_id` is made with the form. Raises Forbidden, ValidationFailed for somebody else's, and
    Conflict when another calendar has the id."""
    actor.requires(Permission.EVENTS_WRITE)
    _check_owner(actor, values, before=actor.user_id)
    return add_row(actor, Calendar, calendar_id, _columns(values), _SENT_ALREADY)


def edit(actor: Actor, calendar_id: UUID, values: CalendarValues, *, version: int) -> Calendar:
    """Change a calendar. Raises NotFound, Forbidden, ValidationFailed and VersionConflict."""
    actor.requires(Permission.EVENTS_WRITE)
    row = get_calendar(actor, calendar_id, lock=True)
    rules.refuse_others(row, actor)
    _check_owner(actor, values, before=row.owner_user_id)
    edit_row(row, _columns(values), version)
    return row


def shown(row: Calendar) -> dict[str, Any]:
    """What the form of a calendar shows, by the names of its columns."""
    return values_of(row, ("name", "color", "owner_user_id"))


def _check_owner(actor: Actor, values: CalendarValues, *, before: UUID | None) -> None:
    """Nobody makes somebody else's; everybody's are made by who sees every event."""
    owner = values.owner_user_id
    if owner in (before, actor.user_id) or (owner is None and rules.may_share(actor)):
        return
    raise ValidationFailed([FieldError("owner", _l("Choose one of the values offered."))])


def _columns(values: CalendarValues) -> dict[str, Any]:
    return {"name": values.name, "color": values.color.value, "owner_user_id": values.owner_user_id}
