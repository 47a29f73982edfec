"""The watchdog: ends what the app's role does longer than its limits allow.

The limits are settings of the role, and whoever speaks for the role can lift them, a statement that was smuggled into a
request too. The worker looks from outside. It ends the connection: a statement that is only cancelled may catch that.
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

#: The server ends what keeps to its limits itself, and a busy one is late.
MARGIN = timedelta(seconds=10)

# Who is ended is found first: conditions of one query have no order.
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
    """A connection of the app that was ended: how long it had been in this state."""

    pid: int
    state: str
    seconds: float


def end_overlong_work(app: Flask) -> Sequence[Ended]:
    """End the app's connections that run a statement, or hold an idle transaction, beyond their limit and MARGIN."""
    limits = {"statement": STATEMENT_LIMIT + MARGIN, "idle": IDLE_LIMIT + MARGIN}
    with app.app_context(), jobs_role(), use_context(Context()):
        ended = [Ended(*row) for row in db.session.execute(_END, limits)]
        db.session.rollback()
    for one in ended:
        _log.warning("connection of the app ended", pid=one.pid, state=one.state, seconds=round(one.seconds, 1))
    return ended
