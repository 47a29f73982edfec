"""Traces of requests, statements and jobs, sent to a collector when OTEL_EXPORTER_OTLP_ENDPOINT names one.

Without that setting nothing of OpenTelemetry is imported, and what is called here does nothing. It is done by hand:
the ready-made instrumentation refuses this version of SQLAlchemy. No value of a statement and no path of a request is
told, they may hold people's data or a token; the route is.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

Attribute: TypeAlias = str | int | float | bool
Kind: TypeAlias = Literal["SERVER", "CONSUMER"]

_SERVICE = "switchboard"
_HEADER = "traceparent"
# The end of a process, and of every command, waits for the last traces: not for long where nobody takes them.
_SEND_SECONDS = 2

_provider: "TracerProvider | None" = None


def start_tracing(endpoint: str) -> None:
    """Send the traces of this process to the collector at `endpoint` (OTLP over HTTP). Safe to call again."""
    global _provider  # noqa: PLW0603 - one collector a process, as OpenTelemetry itself has it
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
    """Send what is left; for processes that end without saying goodbye to their modules."""
    global _provider  # noqa: PLW0603
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def traced(name: str, kind: Kind, parent: str | None = None, **attributes: Attribute) -> Iterator["Span | None"]:
    """A span around the block, below `parent` (a `traceparent` of W3C) where one is given; None when nobody listens.

    Underscores in the names of `attributes` stand for dots.
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


def trace_statement(text: str, seconds: float) -> None:
    """A span for a statement that has just ended after `seconds`."""
    if _provider is None:
        return
    ended = time.time_ns()
    verb = text.split(None, 1)[0].upper() if text.strip() else "STATEMENT"
    attributes = {"db.system.name": "postgresql", "db.query.text": text, "db.operation.name": verb}
    began = ended - int(seconds * 1e9)
    _provider.get_tracer(_SERVICE).start_span(verb, start_time=began, attributes=attributes).end(ended)


def traceparent() -> str | None:
    """The current span in W3C's words, for a job that goes on with it; None when nobody listens."""
    if _provider is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(_HEADER)
