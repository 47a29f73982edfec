"""Who may change what of an appointment, and what may become of one, from its state and who asks."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.models import AppointmentStatus
from app.periods import midnight
from app.security.actor import Actor
from app.security.permissions import Permission, Role

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500
MAX_NOTES_CHARACTERS = 5000
MAX_PLACE_CHARACTERS = 200
MAX_DEAL_VALUE = Decimal("9999999.99")

#: Of these statuses it takes the time of whoever goes.
TAKES_TIME = (AppointmentStatus.SCHEDULED, AppointmentStatus.COMPLETED)


class Held(Protocol):
    """An appointment: who booked it, and who goes."""

    csr_id: UUID | None
    sales_rep_id: UUID | None


class Placed(Protocol):
    """An appointment: when it begins, and by whose clocks."""

    scheduled_start_at: datetime
    timezone: str


class Decided(Placed, Protocol):
    """An appointment: when it was completed and decided, if it was."""

    completed_at: datetime | None
    outcome_at: datetime | None


def is_own(appointment: Held, actor: Actor) -> bool:
    """Whether it is one of this person's: a rep's where they go, everybody else's where they booked it."""
    holder = appointment.sales_rep_id if actor.role is Role.SALES_REP else appointment.csr_id
    return holder is not None and holder == actor.user_id


def may_change(appointment: Held, actor: Actor, permission: Permission) -> bool:
    """Whether `permission` lets `actor` change this appointment, which they see already."""
    return actor.sees_all(permission) or (actor.may(permission) and is_own(appointment, actor))


def refuse_others(appointment: Held, actor: Actor, permission: Permission) -> None:
    """Raise Forbidden unless `actor` may change this appointment."""
    actor.requires(permission)
    if not may_change(appointment, actor, permission):
        raise actor.refusal(
            permission,
            _l("You may change your own appointments, and this is somebody else’s. Ask a manager."),
            needed=Role.MANAGER,
        )


def may_record(appointment: Held, status: str, actor: Actor) -> bool:
    """Whether `actor` may record this visit, which they see already: whoever goes, or looks after all who do."""
    is_theirs = appointment.sales_rep_id is not None and appointment.sales_rep_id == actor.user_id
    return (
        status in TAKES_TIME
        and actor.may(Permission.RECORDINGS_WRITE)
        and actor.reference_id is not None
        and (is_theirs or actor.sees_all(Permission.RECORDINGS_WRITE))
    )


def books_for_oneself_only(actor: Actor) -> bool:
    """Whether `actor` goes to what they book: what a rep books for another would be out of their sight at once."""
    return actor.role is Role.SALES_REP and not actor.sees_all(Permission.APPOINTMENTS_WRITE)


def credited_csr(actor: Actor) -> UUID | None:
    """Who is credited with what `actor` books: nobody where a rep books for themselves."""
    return None if actor.role is Role.SALES_REP else actor.reference_id


def start_of_day(appointment: Placed) -> datetime:
    """The beginning of its day where it takes place: nothing came of it before."""
    zone = ZoneInfo(appointment.timezone)
    return midnight(appointment.scheduled_start_at.astimezone(zone).date(), zone)


def earliest_change(appointment: Decided) -> datetime:
    """Return the moment before which nothing more can have come of it: the last change, or the start of its day."""
    moments = (start_of_day(appointment), appointment.completed_at, appointment.outcome_at)
    return max(moment for moment in moments if moment is not None)


def is_to_come(status: str) -> bool:
    """Whether it may still be moved, cancelled, missed or completed."""
    return status == AppointmentStatus.SCHEDULED
