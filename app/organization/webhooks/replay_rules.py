"""Rules for replays of deliveries (docs/webhooks.md)."""

from app.models import DeliveryStatus

#: Deliveries of one replay.
MAX_REPLAYED = 10_000

#: The only one left waits for an attempt already.
REPLAYABLE_STATUSES = (
    DeliveryStatus.PROCESSED,
    DeliveryStatus.FAILED,
    DeliveryStatus.DEAD,
    DeliveryStatus.IGNORED,
)


def is_replayable(status: str, *, is_verified: bool, body_bytes: int) -> bool:
    """Return whether a delivery can be processed again; `body_bytes` is the length of its stored body."""
    return is_verified and body_bytes > 0 and status in REPLAYABLE_STATUSES
