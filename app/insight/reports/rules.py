"""The schedule of the weekly report, and its default notification channels."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.declarations.notice import Way

#: Name of the notification kind, also in users' choices.
REPORT_READY = "report_ready"

WAYS = frozenset({Way.PAGE, Way.MAIL})

#: Monday is 1, as in `organizations.report_weekday`.
WEEKDAYS, HOURS = range(1, 8), range(24)

#: Number of team views in one email.
MAX_CHOSEN = 5


def channels_for(*, by_mail: bool) -> frozenset[Way]:
    """Return the channels of people whose email setting the organization has made."""
    return WAYS if by_mail else WAYS - {Way.MAIL}


def next_report(now: datetime, timezone: str, weekday: int, hour: int) -> datetime:
    """Return the time of the next report after `now`, in UTC.

    `hour` is local: one skipped by a clock change is due right after the change, and one that occurs twice counts once.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=today.isoweekday() - weekday)
    of_weeks = (
        datetime.combine(day + timedelta(weeks=week), time(hour), zone).astimezone(UTC) for week in range(-1, 3)
    )
    return next(moment for moment in of_weeks if moment > now)
