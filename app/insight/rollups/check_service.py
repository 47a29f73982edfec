"""Comparison of stored numbers with the rows, and removal of wrong ones."""

from datetime import datetime, timedelta

import structlog

from app.extensions import db
from app.insight.rollups.check_queries import Problem, Sample, wrong_days
from app.insight.rollups.ledgers import LEDGERS
from app.insight.rollups.refresh_service import discard_days

_log = structlog.get_logger("switchboard.rollups")


class WrongNumbers(Exception):
    """Error for stored numbers that differed from the rows; the text is for the operator."""


def nightly_sample(now: datetime) -> Sample:
    """Return the days that are compared every night: those of the last week, and some earlier ones."""
    return Sample(now - timedelta(days=7), earlier=7)


def check_days(now: datetime, sample: Sample | None = None) -> None:
    """Compare stored days with the rows; without a sample, all of them.

    Raises WrongNumbers if any are wrong or missing. Wrong days are logged and discarded, so that pages show the right
    numbers and the days are counted again.
    """
    found = {ledger: wrong_days(ledger, now, sample) for ledger in LEDGERS}
    for ledger, wrong in found.items():
        for day in wrong:
            start = day.starts_at and day.starts_at.isoformat()
            _log.error(
                "wrong numbers", ledger=ledger.name, table=day.table, day=start, rows=day.rows, problem=day.problem.name
            )
        if starts := {day.starts_at for day in wrong if day.problem is not Problem.MISSING}:
            discard_days(ledger, starts)
    db.session.commit()
    if number := sum(map(len, found.values())):
        raise WrongNumbers(
            f"Stored days that differed from the records or were missing: {number}. They will be counted again. See "
            "the log."
        )
