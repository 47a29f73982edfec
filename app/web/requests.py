"""The edge of every request: its ids, its time, the facts for the audit, and its one log line."""

import re
from contextlib import ExitStack
from ipaddress import ip_address
from time import perf_counter

import structlog
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings
from app.db.context import Context, use_context
from app.db.ids import uuid7
from app.db.transaction import SAFE_METHODS
from app.log import configure_logging
from app.web.database_usage import init_database_usage, measure_database_usage

_log = structlog.get_logger("switchboard.request")

_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_LONGEST_USER_AGENT = 400


def init_requests(app: Flask) -> None:
    """Plug this in first: what is first before a request is last after it, so the time covers everything."""
    settings: Settings = app.config["SETTINGS"]
    configure_logging(settings.log_format)
    init_database_usage()
    if settings.trusted_proxies:
        near = settings.trusted_proxies
        # Flask's own way to put something around an app.
        app.wsgi_app = ProxyFix(app.wsgi_app, near, near, near)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_leave)


def request_id() -> str:
    """The id of this request; also the trace id that an error shows."""
    value: str = g.request_id
    return value


def note_error(code: str) -> None:
    """Let the log line say which error was answered."""
    g.error_code = code


def _begin() -> None:
    g.began = perf_counter()
    g.database_usage = measure_database_usage()
    g.request_id = _incoming("X-Request-ID") or str(uuid7())
    g.correlation_id = _incoming("X-Correlation-ID") or g.request_id
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, correlation_id=g.correlation_id)
    g.work = ExitStack()
    g.work.enter_context(
        use_context(
            Context(
                source="user",
                ip_address=_address(),
                user_agent=request.user_agent.string[:_LONGEST_USER_AGENT] or None,
                request_id=g.request_id,
                correlation_id=g.correlation_id,
                read_only=request.method in SAFE_METHODS,
            )
        )
    )


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    response.headers["X-Correlation-ID"] = g.correlation_id
    response.headers["X-Response-Time"] = f"{_elapsed_ms(g.began):.0f}ms"
    line = _LogLine(response)
    if response.is_streamed:
        response.call_on_close(line.write)
    else:
        line.write()
    return response


def _leave(_error: BaseException | None) -> None:
    work: ExitStack | None = g.pop("work", None)
    if work is not None:
        work.close()


class _LogLine:
    """What is known when the answer begins; a streamed answer is written down when it has ended, without a request."""

    def __init__(self, response: Response) -> None:
        actor = g.get("actor")
        self._began = g.began
        self._usage = g.database_usage
        self._facts = {
            "method": request.method,
            # The rule, not the path: a path can hold a token or a person's number.
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "error": g.get("error_code"),
            "user": str(actor.user_id) if actor else None,
            "organization": str(actor.organization_id) if actor else None,
            "request_id": g.request_id,
            "correlation_id": g.correlation_id,
        }

    def write(self) -> None:
        _log.info(
            "request",
            **self._facts,
            ms=round(_elapsed_ms(self._began), 1),
            database_ms=round(self._usage.seconds * 1000, 1),
            queries=self._usage.queries,
        )


def _address() -> str | None:
    """The caller's address; None when a proxy says something else ("unknown") or the server listens on a socket."""
    try:
        # The zone of a link-local address is a name on that machine only, and the database takes none.
        return str(ip_address((request.remote_addr or "").partition("%")[0]))
    except ValueError:
        return None


def _elapsed_ms(began: float) -> float:
    return (perf_counter() - began) * 1000


def _incoming(header: str) -> str | None:
    value = request.headers.get(header, "")
    return value if _ID.fullmatch(value) else None
