"""Rules for attempts at deliveries (docs/webhooks.md)."""

from datetime import timedelta

from app.backoff import wait_before_retry

#: Channel on which the database notifies the worker of new deliveries.
CHANNEL = "webhook_deliveries"
MAX_ATTEMPTS = 8
#: Deliveries of one organization before it is the next one's turn.
DELIVERIES_PER_TURN = 10
#: Wait of a due delivery after which people are notified; the database has the same (migration 0155).
LATE_AFTER = timedelta(minutes=5)

_FIRST_WAIT, _MAX_WAIT, _GROWTH = timedelta(seconds=10), timedelta(hours=1), 4


def wait_after(attempts: int) -> timedelta:
    """Return the wait after so many attempts: 10 s, then four times as long each time, up to an hour."""
    return wait_before_retry(attempts, _FIRST_WAIT, _MAX_WAIT, growth=_GROWTH)
