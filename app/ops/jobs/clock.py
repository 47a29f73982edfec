"""Scheduler that enqueues jobs when they are due.

Every worker runs a clock, and the database arbitrates: each due run is enqueued once. Runs missed while no worker was
alive are made up for by a single run.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.declarations.job import Job, JobScope, Schedule
from app.extensions import db
from app.ops.jobs.queue import QUEUE

_ZONES = text("SELECT organization_zones()")
_FOR_EACH = text("SELECT schedule_jobs(:name, :queue, :zone, :due, :chosen)")
_FOR_ALL = text("""
    SELECT procrastinate_defer_periodic_job_v2(
      :queue, NULL, :name, :name, -10, 'schedule', CAST(extract(epoch FROM CAST(:due AS timestamptz)) AS bigint), '{}'
    )
""")

_log = structlog.get_logger("switchboard.schedule")


class Clock:
    """Scheduler that remembers what it enqueued, so a tick without due jobs only queries the time zones."""

    def __init__(self, app: Flask, jobs: Iterable[Job]) -> None:
        self._app = app
        self._scheduled = [(job.name, job.schedule) for job in jobs if job.schedule is not None]
        self._put_in: dict[tuple[str, str], datetime] = {}

    def tick(self, now: datetime) -> None:
        """Enqueue what has become due by `now`. Raises OperationalError if the database cannot be reached."""
        with self._app.app_context(), jobs_role(), use_context(Context()):
            zones = db.session.scalars(_ZONES).all()
            db.session.rollback()
            for name, schedule in self._scheduled:
                for zone in ("UTC",) if schedule.scope is JobScope.SYSTEM else zones:
                    self._put_in_once(name, schedule, zone, schedule.last_due(now, zone))

    def _put_in_once(self, name: str, schedule: Schedule, zone: str, due: datetime) -> None:
        if self._put_in.get((name, zone)) == due:
            return
        is_for_all = schedule.scope is JobScope.SYSTEM
        number = _put_in_for_all(name, due) if is_for_all else _put_in_for_each(name, schedule, zone, due)
        db.session.commit()
        self._put_in[name, zone] = due
        if number:
            _log.debug("scheduled", job=name, zone=zone, due=due.isoformat(), number=number)


def _put_in_for_each(name: str, schedule: Schedule, zone: str, due: datetime) -> int:
    chosen: list[UUID] | None = None
    if schedule.only is not None:
        chosen = list(db.session.scalars(text(f"SELECT {schedule.only}()")))
        if not chosen:
            return 0
    values = {"name": name, "queue": QUEUE, "zone": zone, "due": due, "chosen": chosen}
    number: int = db.session.execute(_FOR_EACH, values).scalar_one()
    return number


def _put_in_for_all(name: str, due: datetime) -> int:
    try:
        put_in = db.session.execute(_FOR_ALL, {"name": name, "queue": QUEUE, "due": due}).scalar_one()
    except IntegrityError:  # the previous run is still waiting
        db.session.rollback()
        return 0
    return 0 if put_in is None else 1
