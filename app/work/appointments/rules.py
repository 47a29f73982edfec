"""Rules of appointments: who can change what, depending on the appointment's state and the actor."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.models import AppointmentStatus
from app.periods import midnight
from app.security.actor import Actor
from app.security.occupation_rules import is_sales_rep
from app.security.permissions import Permission, Role

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500
MAX_NOTES_CHARACTERS = 5000
MAX_PLACE_CHARACTERS = 200
MAX_DEAL_VALUE = Decimal("9999999.99")

CHOOSE_REP = _l("Choose a sales rep.")
CHOOSE_BOOKER = _l("Choose an active person who books appointments, or no one.")
DEAL_VALUE_RANGE = _l("Enter an amount from 0 to 9,999,999.99.")

#: Value of no one in fields for who booked.
NO_ONE = "none"

#: Time after a booking during which whoever made it can undo it.
UNDO_WITHIN = timedelta(minutes=10)
#: Times before an appointment at which its reminder is due, the usual one first.
REMINDED_BEFORE = (timedelta(days=1), timedelta(hours=1))

#: Statuses in which the appointment takes the rep's time.
TAKES_TIME = (AppointmentStatus.SCHEDULED, AppointmentStatus.COMPLETED)


class Held(Protocol):
    """An appointment with the person who booked it and the rep who goes to it."""

    csr_id: UUID | None
    sales_rep_id: UUID | None


class Placed(Protocol):
    """An appointment with its start and its time zone."""

    scheduled_start_at: datetime
    timezone: str


class Decided(Placed, Protocol):
    """An appointment with the times when it was completed and decided."""

    completed_at: datetime | None
    outcome_at: datetime | None


def is_own(appointment: Held, actor: Actor) -> bool:
    """Return whether the appointment is the actor's.

    A rep owns those they go to, everyone else those they booked.
    """
    holder = appointment.sales_rep_id if is_sales_rep(actor) else appointment.csr_id
    return holder is not None and holder == actor.user_id


def may_change(appointment: Held, actor: Actor, permission: Permission) -> bool:
    """Return whether `permission` lets `actor` change this appointment, which they see already."""
    return actor.sees_all(permission) or (actor.may(permission) and is_own(appointment, actor))


def refuse_others(appointment: Held, actor: Actor, permission: Permission) -> None:
    """Raise Forbidden unless `actor` can change this appointment."""
    actor.requires(permission)
    if not may_change(appointment, actor, permission):
        raise actor.refusal(
            permission,
            _l("You can only edit your own appointments. Ask a manager."),
            needed=Role.MANAGER,
        )


def may_record(appointment: Held, status: str, actor: Actor) -> bool:
    """Return whether `actor` can record this appointment, which they see already.

    The rep who goes to it can, and so can people of the organization who manage all recordings, as long as `status` is
    one of TAKES_TIME. Guests can't.
    """
    is_theirs = appointment.sales_rep_id is not None and appointment.sales_rep_id == actor.user_id
    return (
        status in TAKES_TIME
        and actor.may(Permission.RECORDINGS_WRITE)
        and actor.reference_id is not None
        and (is_theirs or actor.sees_all(Permission.RECORDINGS_WRITE))
    )


def books_for_oneself_only(actor: Actor) -> bool:
    """Return whether `actor` can book appointments only for themselves.

    A rep would no longer see an appointment booked for another rep.
    """
    return is_sales_rep(actor) and not actor.sees_all(Permission.APPOINTMENTS_WRITE)


def credited_csr(actor: Actor) -> UUID | None:
    """Return the id of the person credited with what `actor` books, or None for a rep or a guest."""
    return None if is_sales_rep(actor) else actor.reference_id


def start_of_day(appointment: Placed) -> datetime:
    """Return the start of the appointment's day in its time zone.

    No result can be earlier than that.
    """
    zone = ZoneInfo(appointment.timezone)
    return midnight(appointment.scheduled_start_at.astimezone(zone).date(), zone)


def earliest_change(appointment: Decided) -> datetime:
    """Return the earliest time that the next result can have.

    It is the time of the last recorded result or the start of the appointment's day, whichever is later.
    """
    moments = (start_of_day(appointment), appointment.completed_at, appointment.outcome_at)
    return max(moment for moment in moments if moment is not None)


class Booked(Protocol):
    """An appointment as it was booked, with who booked it."""

    created_by: UUID | None
    booked_at: datetime
    status: str
    version: int


def may_undo_booking(appointment: Booked, actor: Actor, now: datetime) -> bool:
    """Return whether `actor` just booked this appointment, and it hasn't changed since."""
    return (
        appointment.created_by is not None
        and appointment.created_by == actor.reference_id
        and is_to_come(appointment.status)
        and appointment.version == 1
        and now - appointment.booked_at <= UNDO_WITHIN
    )


def reminder_due(start: datetime, now: datetime) -> datetime:
    """Return when a reminder of an appointment at `start` is due: a day before it, or an hour, or else now."""
    return next((start - before for before in REMINDED_BEFORE if start - before > now), now)


def is_to_come(status: str) -> bool:
    """Return whether the appointment can still be moved, canceled, missed or completed."""
    return status == AppointmentStatus.SCHEDULED
