"""Operations that create and change calendars."""

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

_SENT_ALREADY = _l("This form was already submitted. Open a new one to add another calendar.")


@dataclass(frozen=True, slots=True)
class CalendarValues:
    """Values of the form of a calendar.

    A calendar without an owner is shared with everyone.
    """

    name: str
    color: CalendarColor
    owner_user_id: UUID | None


def add(actor: Actor, calendar_id: UUID, values: CalendarValues) -> Calendar:
    """Create a calendar.

    `calendar_id` is generated with the form. Raises Forbidden, ValidationFailed for an owner whom `actor` can't choose,
    and Conflict if another calendar has the id.
    """
    actor.requires(Permission.EVENTS_WRITE)
    _check_owner(actor, values, before=actor.user_id)
    return add_row(actor, Calendar, calendar_id, _columns(values), _SENT_ALREADY)


def edit(actor: Actor, calendar_id: UUID, values: CalendarValues, *, version: int) -> Calendar:
    """Change a calendar.

    Raises NotFound, Forbidden, ValidationFailed and VersionConflict.
    """
    actor.requires(Permission.EVENTS_WRITE)
    row = get_calendar(actor, calendar_id, lock=True)
    rules.refuse_others(row, actor)
    _check_owner(actor, values, before=row.owner_user_id)
    edit_row(row, _columns(values), version)
    return row


def shown(row: Calendar) -> dict[str, Any]:
    """Return the values that the form of a calendar shows, by column."""
    return values_of(row, ("name", "color", "owner_user_id"))


def _check_owner(actor: Actor, values: CalendarValues, *, before: UUID | None) -> None:
    """Raise ValidationFailed unless `actor` can choose this owner.

    The owner can stay as it is or be the actor. Only a person who manages everyone's events can share the calendar.
    """
    owner = values.owner_user_id
    if owner in (before, actor.user_id) or (owner is None and rules.may_share(actor)):
        return
    raise ValidationFailed([FieldError("owner_user_id", _l("Choose one of the options."))])


def _columns(values: CalendarValues) -> dict[str, Any]:
    return {"name": values.name, "color": values.color.value, "owner_user_id": values.owner_user_id}
