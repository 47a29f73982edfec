"""Watchdog that ends work of the app's database role beyond its limits.

The limits are settings of the role, which any of its sessions can lift, even through an injected statement. The worker
therefore checks from outside. It terminates the connection, because code can catch the cancellation of a statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import Flask
from sqlalchemy import text

from app.db.bootstrap import IDLE_LIMIT, STATEMENT_LIMIT
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db

#: The server itself ends work within its limits, but can be late when busy.
MARGIN = timedelta(seconds=10)

# The connections are determined first, because the conditions of one query have no order of evaluation.
_END = text("""
    WITH at_work AS (
      SELECT pid, state, clock_timestamp() - CASE state WHEN 'active' THEN query_start ELSE state_change END AS lasted,
             CASE state WHEN 'active' THEN CAST(:statement AS interval) ELSE CAST(:idle AS interval) END AS allowed
      FROM pg_stat_activity
      WHERE datname = current_database() AND usename = 'app_rw'
        AND (state = 'active' OR state LIKE 'idle in transaction%')
    ), overlong AS MATERIALIZED (
      SELECT pid, state, CAST(extract(epoch FROM lasted) AS float) AS seconds FROM at_work WHERE lasted > allowed
    )
    SELECT pid, state, seconds FROM (
      SELECT pid, state, seconds, pg_terminate_backend(pid) AS is_ended FROM overlong OFFSET 0
    ) AS done WHERE is_ended
""")

_log = structlog.get_logger("switchboard.watchdog")


@dataclass(frozen=True, slots=True)
class Ended:
    """A terminated connection of the app, and how long it had been in its state."""

    pid: int
    state: str
    seconds: float


def end_overlong_work(app: Flask) -> Sequence[Ended]:
    """Terminate and return the app's connections whose statement or idle transaction is overlong.

    Overlong means beyond the limit plus MARGIN.
    """
    limits = {"statement": STATEMENT_LIMIT + MARGIN, "idle": IDLE_LIMIT + MARGIN}
    with app.app_context(), jobs_role(), use_context(Context()):
        ended = [Ended(*row) for row in db.session.execute(_END, limits)]
        db.session.rollback()
    for one in ended:
        _log.warning("connection of the app ended", pid=one.pid, state=one.state, seconds=round(one.seconds, 1))
    return ended
