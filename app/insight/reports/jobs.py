"""Background jobs of reports."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.insight.reports.service import write_weekly


@job(
    "reports.weekly",
    _l("Create the weekly report"),
    schedule=Schedule("0 * * * *", only="organizations_with_weekly_reports_due"),
)
def write_weekly_report() -> None:
    """Write the report of one organization at its scheduled hour, or as soon as possible after it."""
    write_weekly(datetime.now(UTC))
