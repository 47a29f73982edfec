"""Queries for the metrics that come from the database."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.db.deadline import use_deadline
from app.extensions import db
from app.ops.jobs.queries import queue_numbers
from app.ops.system.check_queries import CHECK_SECONDS
from app.ops.system.queries import database_facts


def database_numbers() -> dict[str, float]:
    """Return the numbers by name.

    If the database does not respond within CHECK_SECONDS, the only one is `database_up`, with the value 0.
    """
    try:
        with use_deadline(CHECK_SECONDS):
            return _numbers()
    except SQLAlchemyError:
        db.session.rollback()
        return {"database_up": 0}


def _numbers() -> dict[str, float]:
    queue, facts = queue_numbers(), database_facts()
    deliveries = db.session.execute(text("SELECT dead, lag_seconds FROM delivery_numbers()")).one()
    numbers = {
        "database_up": 1,
        "database_bytes": facts.size_bytes,
        "jobs_waiting": queue.waiting,
        "jobs_running": queue.running,
        "jobs_failed": queue.failed,
        "job_lag_seconds": queue.lag_seconds,
        "workers": queue.workers,
        "deliveries_dead": deliveries.dead,
        "delivery_lag_seconds": deliveries.lag_seconds,
    }
    if facts.sealed_at is not None:
        numbers["audit_seal_age_seconds"] = (facts.now - facts.sealed_at).total_seconds()
    if facts.backup_checked_at is not None:
        numbers["backup_check_age_seconds"] = (facts.now - facts.backup_checked_at).total_seconds()
        numbers["backup_fine"] = int(bool(facts.is_backup_fine))
    return numbers
