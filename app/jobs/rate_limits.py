"""The job that forgets the counters of limits whose time is over (`JobName.PRUNE_RATE_LIMITS`), by the clock."""

from sqlalchemy import delete, func

from app.extensions import db
from app.jobs.work import Work
from app.models import RateLimit


def _run() -> None:
    db.session.execute(delete(RateLimit).where(RateLimit.expires_at < func.now()))


PRUNE_RATE_LIMITS_WORK = Work(run=_run)
