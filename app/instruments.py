"""Prometheus metrics of the app, served at `/metrics` (see `app.ops.system.metrics_views`).

The web server runs several processes, and any of them can be scraped. If SHARED_BY is set in the environment when this
module is loaded (`app.server.processes` sets it), the processes forked from this one share their values, and
`shared_metrics` adds them up.
"""

import os

from prometheus_client import Counter, Gauge, Histogram

from app.shared_metrics import share_metrics

#: Environment variable with the number of processes that share their values.
SHARED_BY = "METRICS_SHARED_BY"

if SHARED_BY in os.environ:
    share_metrics(int(os.environ[SHARED_BY]))  # before the first metric, which chooses where its value is stored

#: HTTP methods with their own label. Clients can send any word, and a label for each would exhaust memory.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER_METHOD = "other"

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

requests = Counter("switchboard_requests", "Requests answered.", ["method", "route", "status"])
request_seconds = Histogram(
    "switchboard_request_seconds", "From the first line of a request to its answer.", ["route"], buckets=_BUCKETS
)
database_seconds = Counter("switchboard_database_seconds", "Time spent waiting for statements.", ["route"])
queries = Counter("switchboard_queries", "Statements sent.", ["route"])
refused = Counter("switchboard_refused", "Requests refused by a rate limit.", ["route"])
refused_at_once = Counter("switchboard_refused_at_once", "Requests that found no slot.", ["lane"])
webhooks_refused = Counter(
    "switchboard_webhooks_refused", "Webhooks without a valid signature, or about another organization.", ["provider"]
)
working = Gauge("switchboard_requests_working", "Requests being worked on.", multiprocess_mode="livesum")
waiting = Gauge("switchboard_requests_waiting", "Requests waiting for a place.", multiprocess_mode="livesum")
kept = Gauge(
    "switchboard_kept", "Answers kept by their values: there, not there, kept.", ["what", "outcome"],
    multiprocess_mode="livesum",
)  # fmt: skip
connections = Gauge("switchboard_pool_in_use", "Database connections in use.", multiprocess_mode="livesum")


def method_label(method: str) -> str:
    """Return the metric label for a request's method; unknown methods, which can be any text, share one."""
    return method if method in _METHODS else _OTHER_METHOD
