"""Rules of knowledge: how long an answer counts as right, and how long its parts may be."""

from datetime import datetime, timedelta

#: An answer that nobody has changed or confirmed for so long may be out of date.
STALE_AFTER = timedelta(days=180)

MIN_TEXT, MAX_QUESTION, MAX_ANSWER, MAX_CATEGORY = 10, 500, 5000, 50


def stale_before(now: datetime) -> datetime:
    """What was confirmed before this moment should be looked at."""
    return now - STALE_AFTER
