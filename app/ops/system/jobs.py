"""Job that maintains the installation."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func

from app.declarations.job import JobScope, Schedule, job
from app.extensions import db
from app.models import RateLimit


@job(
    "rate_limits.prune",
    _l("Delete expired rate-limit counters"),
    schedule=Schedule("*/10 * * * *", scope=JobScope.SYSTEM),
)
def prune_rate_limits() -> None:
    """Delete expired counters of rate limits."""
    db.session.execute(delete(RateLimit).where(RateLimit.expires_at < func.now()))
