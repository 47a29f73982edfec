"""Rate limit of incoming webhooks: verified deliveries of each organization, shared by all processes.

Requests that aren't verified don't count, so a forger can't use up an organization's deliveries.
"""

from uuid import UUID

from flask import Flask, current_app

from app.web.api_rates import are_rates_limited, refuse_over
from app.web.rate_limits import add_to_shared_count, on_forgetting
from app.web.settled_counts import SettledCounts

DELIVERIES_PER_MINUTE = 600

_COUNTS = "switchboard_webhook_counts"
_MINUTE = 60


def init_webhook_rates(app: Flask) -> None:
    """Set up the counts of this process."""
    counts = app.extensions[_COUNTS] = SettledCounts(add_to_shared_count, _MINUTE)
    on_forgetting(app, counts.clear)


def count_delivery(organization_id: UUID) -> None:
    """Count a verified delivery, if rate limits are enabled. Raises RateLimited.

    Ends the current transaction.
    """
    if not are_rates_limited():
        return
    counts: SettledCounts = current_app.extensions[_COUNTS]
    count = counts.hit(f"webhooks of {organization_id}", DELIVERIES_PER_MINUTE)
    if count.is_over:
        refuse_over(count)
