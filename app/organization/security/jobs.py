"""Background job of the watches."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.organization.security.alert_mail_service import mail_alerts


@job(
    "security.mail_alerts",
    _l("Email security alerts"),
    schedule=Schedule("* * * * *", only="organizations_with_alerts_to_mail"),
)
def mail_security_alerts() -> None:
    """Email the waiting alerts of one organization, unless the last email of their watch is less than an hour old."""
    mail_alerts(datetime.now(UTC))
