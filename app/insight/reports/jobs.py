"""The jobs of reports."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.insight.reports.service import write_weekly


@job("reports.weekly", _l("Write the weekly report"), schedule=Schedule("0 9 * * 1"))
def write_weekly_report() -> None:
    """Of one organization, on Monday at nine in its zone."""
    write_weekly(datetime.now(UTC))
