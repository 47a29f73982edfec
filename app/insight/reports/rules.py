"""When the weekly report is written, and how people are told of it as long as nobody says otherwise."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.declarations.notice import Way

#: What the notice is called, also in what people have chosen.
REPORT_READY = "report_ready"

WAYS = frozenset({Way.PAGE, Way.MAIL})

#: Monday is 1, as in `organizations.report_weekday`.
WEEKDAYS, HOURS = range(1, 8), range(24)

#: So many views of the team come in one mail.
MAX_CHOSEN = 5


def ways_decided(*, by_mail: bool) -> frozenset[Way]:
    """Of people for whom the organization has decided."""
    return WAYS if by_mail else WAYS - {Way.MAIL}


def next_report(now: datetime, timezone: str, weekday: int, hour: int) -> datetime:
    """When the next one is written, after `now`; in UTC. By the clocks on the wall: an hour that they skip is reached
    right after, and one that comes twice is meant once."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=today.isoweekday() - weekday)
    of_weeks = (
        datetime.combine(day + timedelta(weeks=week), time(hour), zone).astimezone(UTC) for week in range(-1, 3)
    )
    return next(moment for moment in of_weeks if moment > now)
