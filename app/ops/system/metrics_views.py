"""Views of `/metrics` in Prometheus's text format, for clients with METRICS_TOKEN.

Without that setting the page doesn't exist. Any process of the web server can be scraped: it adds up the values of all
processes. Values from the database (queue, seals) are queried each time.
"""

import hmac
from collections.abc import Iterator

from flask import Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import SecretStr

from app.errors import NotFound, TokenInvalid, Unauthenticated
from app.ops.system.metric_queries import database_numbers
from app.ops.system.views import system
from app.security.guard import public
from app.shared_metrics import SharedMetrics, are_metrics_shared
from app.web.concurrency_limit import Lane, in_lane
from app.web.maintenance import open_during_maintenance


@system.get("/metrics")
@public
@open_during_maintenance
@in_lane(Lane.HEALTH)
def metrics() -> Response:
    """Return all metrics of all processes."""
    _check_token(current_app.config["SETTINGS"].metrics_token)
    registry = CollectorRegistry()
    registry.register(_DatabaseCollector())
    return Response(_of_processes() + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _check_token(token: SecretStr | None) -> None:
    if token is None:
        raise NotFound("route")
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Unauthenticated
    if not hmac.compare_digest(presented.encode(), token.get_secret_value().encode()):
        raise TokenInvalid


def _of_processes() -> bytes:
    """Return the metrics of all web server processes, or of this process outside the web server."""
    if not are_metrics_shared():
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(SharedMetrics())
    return generate_latest(registry)


class _DatabaseCollector(Collector):
    """Collector of metrics from the database, or of `database_up` alone if the database does not respond."""

    def collect(self) -> Iterator[Metric]:
        for name, value in database_numbers().items():
            yield GaugeMetricFamily(f"switchboard_{name}", _MEANINGS[name], value=value)


_MEANINGS = {
    "database_up": "Whether the database answers.",
    "database_bytes": "Size of the whole database.",
    "jobs_waiting": "Jobs that nobody has begun.",
    "jobs_running": "Jobs being worked on.",
    "jobs_failed": "Jobs with no try left: dead letters.",
    "job_lag_seconds": "How long the job that waits longest could have been running.",
    "workers": "Workers that gave a life sign within 20 seconds.",
    "deliveries_dead": "Webhook deliveries that failed for good in the last 24 hours.",
    "delivery_lag_seconds": "How long the webhook delivery that waits longest has been due.",
    "audit_seal_age_seconds": "Time since the audit trail was last sealed for everybody.",
    "backup_check_age_seconds": "Time since a backup was last read back.",
    "backup_fine": "Whether that backup was whole.",
}
