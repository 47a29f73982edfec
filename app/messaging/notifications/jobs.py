"""Background jobs of notifications."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.extensions import db
from app.messaging.notifications.digest_service import forget, write_digests
from app.models import Organization


@job("notifications.digest", _l("Send daily emails"), schedule=Schedule("0 17 * * *"))
def write_daily_mails() -> None:
    """Queue the daily emails of one organization, at the end of its working day."""
    organization = db.session.get_one(Organization, current_context().organization_id)
    write_digests(datetime.now(ZoneInfo(organization.timezone)).date())


@job("notifications.forget", _l("Delete old notifications"), schedule=Schedule("20 4 * * *"))
def forget_notifications() -> None:
    """Delete old notifications of one organization every night."""
    forget(datetime.now(UTC))
