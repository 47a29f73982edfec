"""Jobs that keep stored numbers up to date and right."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.declarations.job import Retries, Schedule, job
from app.insight.rollups.check_service import check_days, nightly_sample
from app.insight.rollups.refresh_service import refresh_all

#: The next run starts within a minute anyway.
_AT_ONCE = Retries(max_tries=2, max_wait=timedelta(seconds=20))


# Jobs are stored by name, so these two keep theirs.
@job(
    "rollups.remake",
    _l("Update stored numbers"),
    schedule=Schedule("* * * * *", only="organizations_with_stale_rollups"),
    retries=_AT_ONCE,
)
def refresh_stale() -> None:
    """Count the days with changes, the last full day, and the past hours of today."""
    refresh_all(datetime.now(UTC))


@job("rollups.remake_hourly", _l("Update stored numbers after a release"), schedule=Schedule("20 * * * *"))
def refresh_hourly() -> None:
    """Count the days whose definitions or time zone have changed; only the app knows its definitions."""
    refresh_all(datetime.now(UTC))


@job(
    "rollups.check",
    _l("Compare stored numbers with records"),
    schedule=Schedule("15 3 * * *"),
    # A second try would find nothing, and hide that there was something.
    retries=Retries(max_tries=1),
)
def check_stored() -> None:
    """Compare some days with the rows."""
    now = datetime.now(UTC)
    check_days(now, nightly_sample(now))
