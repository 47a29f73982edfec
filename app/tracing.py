"""Traces of requests, statements, jobs and outgoing calls, sent to a collector if OTEL_EXPORTER_OTLP_ENDPOINT is set.

Without that setting, no part of OpenTelemetry is imported and the functions here do nothing. The instrumentation is
manual because the ready-made one doesn't support this version of SQLAlchemy. Statement values and request paths are not
traced, since they can contain personal data or a token; the route is, and the host of another service.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

Attribute: TypeAlias = str | int | float | bool
Kind: TypeAlias = Literal["SERVER", "CONSUMER", "CLIENT"]

_SERVICE = "switchboard"
_HEADER = "traceparent"
# The end of every process and command waits for the last traces, but not long if the collector is down.
_SEND_SECONDS = 2

_provider: "TracerProvider | None" = None


def start_tracing(endpoint: str) -> None:
    """Send the traces of this process to the collector at `endpoint` (OTLP over HTTP). Safe to call again."""
    global _provider  # noqa: PLW0603 - one collector per process, as in OpenTelemetry itself
    if _provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    _provider = TracerProvider(resource=Resource.create({"service.name": _SERVICE}))
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + "/v1/traces", timeout=_SEND_SECONDS)
    _provider.add_span_processor(BatchSpanProcessor(exporter))


def stop_tracing() -> None:
    """Send the remaining traces; for processes that exit without running atexit handlers."""
    global _provider  # noqa: PLW0603
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def traced(name: str, kind: Kind, parent: str | None = None, **attributes: Attribute) -> Iterator["Span | None"]:
    """Create a span around the block, and yield it; yield None if tracing is off.

    `parent` is a W3C `traceparent`. Underscores in the names of `attributes` become dots.
    """
    if _provider is None:
        yield None
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    above = TraceContextTextMapPropagator().extract({_HEADER: parent}) if parent else None
    tracer = _provider.get_tracer(_SERVICE)
    dotted = {attribute.replace("_", "."): value for attribute, value in attributes.items()}
    with tracer.start_as_current_span(name, context=above, kind=SpanKind[kind], attributes=dotted) as span:
        yield span


def trace_response(span: "Span | None", status: int) -> None:
    """Record the status of another service’s response in the span of the call; from 400 on, the call has failed."""
    if span is None:
        return
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    span.set_attribute("http.response.status_code", status)
    if status >= 400:
        span.set_status(StatusCode.ERROR)


def trace_statement(text: str, seconds: float) -> None:
    """Record a span for a statement that has just ended after `seconds`."""
    if _provider is None:
        return
    ended = time.time_ns()
    verb = text.split(None, 1)[0].upper() if text.strip() else "STATEMENT"
    attributes = {"db.system.name": "postgresql", "db.query.text": text, "db.operation.name": verb}
    began = ended - int(seconds * 1e9)
    _provider.get_tracer(_SERVICE).start_span(verb, start_time=began, attributes=attributes).end(ended)


def traceparent() -> str | None:
    """Return the current span as a W3C `traceparent`, for what continues it elsewhere; None if tracing is off."""
    if _provider is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(_HEADER)
