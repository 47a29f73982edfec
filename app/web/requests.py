"""Setup and end of every request: its IDs, its time, the audit context, and its one log line."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request

from app import instruments
from app.caches import count_caches
from app.config import Settings
from app.db.context import Context, use_context
from app.db.deadline import use_deadline
from app.db.ids import uuid7
from app.db.transaction import SAFE_METHODS
from app.db.usage import init_database_usage, measure_database_usage
from app.errors import InternalError
from app.log import configure_logging
from app.tracing import start_tracing, traced, traceparent
from app.web.body_buffering import is_only_question, waited_seconds
from app.web.proxies import init_proxies
from app.web.request_limits import is_upload

_log = structlog.get_logger("switchboard.request")
_error_log = structlog.get_logger("switchboard.errors")

_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_MAX_USER_AGENT_LENGTH = 400
_LEAST_SECONDS = 5.0


def init_requests(app: Flask) -> None:
    """Set up the hooks of every request.

    Must be called first: the first hook before a request is the last after it, so that everything is timed.
    """
    settings: Settings = app.config["SETTINGS"]
    configure_logging(settings.log_format)
    if settings.otel_exporter_otlp_endpoint is not None:
        start_tracing(str(settings.otel_exporter_otlp_endpoint))
    init_database_usage()
    app.before_request(_begin)
    init_proxies(app)
    app.after_request(_finish)
    app.teardown_request(_leave)


def request_id() -> str:
    """Return the ID of this request, which is also the trace ID that an error shows."""
    value: str = g.request_id
    return value


def note_error(code: str) -> None:
    """Add the error code of the response to the log line."""
    g.error_code = code


def error_code() -> str | None:
    """Return the error code of the response, or None if it isn't an error."""
    code: str | None = g.get("error_code")
    return code


def _begin() -> None:
    g.began = perf_counter() - waited_seconds()
    g.database_usage = measure_database_usage()
    identifier = g.request_id = _incoming("X-Request-ID") or str(uuid7())
    correlation = g.correlation_id = _incoming("X-Correlation-ID") or identifier
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=identifier, correlation_id=correlation)
    work = g.work = ExitStack()
    g.deadline = work.enter_context(use_deadline(_seconds_left()))
    rule = request.url_rule
    route = rule.rule if rule else "none"
    # The rule, not the path, here too.
    method = instruments.method_label(request.method)
    facts = {"http_request_method": method, "http_route": route}
    g.span = work.enter_context(traced(f"{method} {route}", "SERVER", request.headers.get("traceparent"), **facts))
    work.enter_context(
        use_context(
            Context(
                source="user",
                ip_address=_address(),
                user_agent=request.user_agent.string[:_MAX_USER_AGENT_LENGTH] or None,
                request_id=identifier,
                correlation_id=correlation,
                traceparent=traceparent(),
                read_only=request.method in SAFE_METHODS,
            )
        )
    )


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    response.headers["X-Correlation-ID"] = g.correlation_id
    response.headers["X-Response-Time"] = f"{_elapsed_ms(g.began):.0f}ms"
    if g.span is not None:
        g.span.set_attribute("http.response.status_code", response.status_code)
    line = _LogLine(response)
    if is_only_question():
        return response
    if response.is_streamed and not response.direct_passthrough:
        # Flask ends its request before the first chunk is produced. The request's resources – slot, deadline, audit
        # context – are held until the last one is sent or the client disconnects.
        g.deadline.hold_for_each_wait()
        response.response = line.noting_errors(response.response)
        response.call_on_close(line.write)
        response.call_on_close(g.pop("work").close)
    else:
        line.write()
    return response


def _leave(_error: BaseException | None) -> None:
    work: ExitStack | None = g.pop("work", None)
    if work is not None:
        work.close()


class _LogLine:
    """Facts for the log line that are known when the response begins.

    For a streamed response they are logged at its end, when there is no request anymore.
    """

    def __init__(self, response: Response) -> None:
        actor = g.get("actor")
        self._began = g.began
        self._usage = g.database_usage
        self._facts = {
            "method": request.method,
            # The rule, not the path: a path can contain a token or a personal phone number.
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "error": g.get("error_code"),
            "user": str(actor.real_actor.user_id) if actor and actor.ceiling is None else None,
            "api_key": str(actor.api_key_id) if actor and actor.ceiling else None,
            "organization": str(actor.organization_id) if actor else None,
            "request_id": g.request_id,
            "correlation_id": g.correlation_id,
        }

    def noting_errors(self, pieces: Iterable[Any]) -> Iterator[Any]:
        """Yield `pieces`; log an error in between, which can't have a response of its own."""
        try:
            yield from pieces
        except Exception:
            self._facts["error"] = InternalError.code
            _error_log.exception("response broken off")
            raise

    def write(self) -> None:
        milliseconds = _elapsed_ms(self._began)
        _log.info(
            "request",
            **self._facts,
            ms=round(milliseconds, 1),
            database_ms=round(self._usage.seconds * 1000, 1),
            queries=self._usage.queries,
        )
        route = self._facts["route"] or "none"
        instruments.requests.labels(instruments.method_label(self._facts["method"]), route, self._facts["status"]).inc()
        instruments.request_seconds.labels(route).observe(milliseconds / 1000)
        instruments.database_seconds.labels(route).inc(self._usage.seconds)
        instruments.queries.labels(route).inc(self._usage.queries)
        count_caches()


def _seconds_left() -> float:
    """Return the time left for the work after waiting for the body; uploads get the full time."""
    seconds: float = current_app.config["SETTINGS"].request_seconds
    return seconds if is_upload() else min(seconds, max(_LEAST_SECONDS, seconds - waited_seconds()))


def _address() -> str | None:
    """Return the client's IP address, or None if it is unknown.

    It is unknown if a proxy sends something else ("unknown"), or if the server listens on a Unix socket.
    """
    try:
        # The zone of a link-local address is a name on that machine only, and the database accepts none.
        return str(ip_address((request.remote_addr or "").partition("%")[0]))
    except ValueError:
        return None


def _elapsed_ms(began: float) -> float:
    return (perf_counter() - began) * 1000


def _incoming(header: str) -> str | None:
    value = request.headers.get(header, "")
    return value if _ID.fullmatch(value) else None
