"""Jobs of webhook deliveries: replaying many of them, and noticing that they wait for long."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.ops.jobs.queue import request_job
from app.organization.webhooks import lag_service, replay_service
from app.organization.webhooks.filters import DeliveryFilters
from app.tenancy.actor_queries import get_job_actor


def request_replay(filters: DeliveryFilters, until: datetime) -> UUID:
    """Enqueue the replay of the deliveries that match the filters and arrived by a time; return the id of the job.

    Those of an organization run one after another. Raises RateLimited.
    """
    return request_job(
        replay_deliveries,
        one_by_one=f"{replay_deliveries.name} {current_context().organization_id}",
        filters=urlencode(filters.parameters()),
        until=until.isoformat(),
    )


@job("webhooks.replay", _l("Replay webhook deliveries"))
def replay_deliveries(filters: str, until: str) -> None:
    """Replay all deliveries that match the filters of a query string."""
    parsed = DeliveryFilters.parse(parse_qs(filters))
    replay_service.replay_matching(get_job_actor(), parsed, datetime.fromisoformat(until))


@job(
    "webhooks.notify_of_lag",
    _l("Check for late webhook deliveries"),
    schedule=Schedule("*/5 * * * *", only="organizations_with_late_deliveries"),
)
def notify_of_lag() -> None:
    """Notify the people in charge of an organization whose deliveries are late."""
    lag_service.notify_of_lag(datetime.now(UTC))
