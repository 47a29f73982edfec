"""The jobs of reports."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.insight.reports.service import write_weekly


@job(
    "reports.weekly",
    _l("Write the weekly report"),
    schedule=Schedule("0 * * * *", only="organizations_with_weekly_reports_due"),
)
def write_weekly_report() -> None:
    """Of one organization, at the hour of the week that it has chosen; as soon as may be where that was missed."""
    write_weekly(datetime.now(UTC))
