"""The jobs of notifications."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.extensions import db
from app.messaging.notifications.digest_service import forget, write_digests
from app.models import Organization


@job("notifications.digest", _l("Write the daily mails"), schedule=Schedule("0 17 * * *"))
def write_daily_mails() -> None:
    """Of one organization, each day when its work ends."""
    organization = db.session.get_one(Organization, current_context().organization_id)
    write_digests(datetime.now(ZoneInfo(organization.timezone)).date())


@job("notifications.forget", _l("Remove old notifications"), schedule=Schedule("20 4 * * *"))
def forget_notifications() -> None:
    """Of one organization, each night."""
    forget(datetime.now(UTC))
