"""Query for the times at which an appointment can begin, for programs."""

from datetime import UTC, datetime

from app.errors import FieldError, ValidationFailed
from app.models import Appointment
from app.security.actor import Actor
from app.security.rows import get_row
from app.work.appointments.filters import FreeTimesQuery
from app.work.appointments.free_times_queries import get_company, list_free_days, list_reps, today_of
from app.work.appointments.rules import CHOOSE_REP
from app.work.appointments.schemas import FreeTimesRecord


def read_free_times(actor: Actor, asked: FreeTimesQuery) -> FreeTimesRecord:
    """Return the next open days from the requested one on, in the past from today on, with the reps who are free.

    Raises NotFound for the appointment, and ValidationFailed for a rep for whom `actor` can't book.
    """
    now = datetime.now(UTC)
    moved = get_row(actor, Appointment, asked.appointment_id, named="appointment") if asked.appointment_id else None
    company = get_company(actor, asked.minutes or _minutes_of(moved), asked.service_type)
    reps = [rep for rep in list_reps(actor) if asked.rep in {None, rep.id}]
    if asked.rep is not None and not reps:
        raise ValidationFailed([FieldError("repId", CHOOSE_REP)])
    first = max(asked.first_day or today_of(company, now), today_of(company, now))
    place = {"zip": asked.zip, "city": asked.city}
    days = list_free_days(actor, company, reps, first, place, now, besides=asked.appointment_id)
    return FreeTimesRecord.model_validate(
        {
            "timezone": company.zone.key,
            "minutes": company.length.visit.total_seconds() // 60,
            "travel_minutes": company.length.travel.total_seconds() // 60,
            "days": [
                {
                    "date": day.day,
                    "reps": [{"id": one.rep.id, "name": one.rep.name, "times": one.times} for one in day.reps],
                }
                for day in days
            ],
        }
    )


def _minutes_of(moved: Appointment | None) -> int | None:
    """Return the length of the appointment that is moved; None for a new one."""
    return None if moved is None else int((moved.scheduled_end_at - moved.scheduled_start_at).total_seconds() // 60)
