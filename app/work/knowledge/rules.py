"""Rules of the knowledge base: when an answer becomes stale, and the lengths of its texts."""

from datetime import datetime, timedelta

#: An answer that hasn't been edited or confirmed for this long could be out of date.
STALE_AFTER = timedelta(days=180)

MIN_TEXT, MAX_QUESTION, MAX_ANSWER, MAX_CATEGORY = 10, 500, 5000, 50


def stale_before(now: datetime) -> datetime:
    """Return the time before which a confirmation is outdated."""
    return now - STALE_AFTER
