"""Correlation IDs and traces of calls: where they come from, and what they never contain."""

from collections.abc import Iterator

import pytest
from flask import Flask
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from app import tracing
from app.clients.http import request
from app.clients.http_connection import Network
from app.clients.http_errors import Unreachable, UnsafeUrl
from app.db.context import Context, use_context
from tests.support.collector import Collector, response

CAUSE = "cause-of-it-all"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
SECRET = "a-secret"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The ended spans of the test, while tracing is on."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_provider", provider)
    yield exporter
    provider.shutdown()


@pytest.fixture
def answering(server: Collector) -> Collector:
    """A server that accepts requests of `/a`, whose query contains a secret."""
    server.responses[f"/a?key={SECRET}"] = response()
    return server


def call(server: Collector, network: Network) -> None:
    request("GET", server.url_of(f"/a?key={SECRET}"), credentials={"Authorization": SECRET}, network=network)


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    [span] = spans.get_finished_spans()
    return span


class TestHeaders:
    def test_a_call_has_the_correlation_id_of_the_request_behind_it(
        self, answering: Collector, network: Network
    ) -> None:
        with use_context(Context(correlation_id=CAUSE)):
            call(answering, network)

        assert answering.received[0].headers["X-Correlation-ID"] == CAUSE

    def test_a_call_that_no_request_has_caused_has_the_id_of_its_operation(
        self, answering: Collector, network: Network
    ) -> None:
        with use_context(Context()) as context:
            call(answering, network)

        assert answering.received[0].headers["X-Correlation-ID"] == str(context.operation_id)

    def test_redirected_requests_have_them_too(
        self, answering: Collector, network: Network, spans: InMemorySpanExporter
    ) -> None:
        answering.redirect(f"/a?key={SECRET}", to=answering.url_of("/b", host="127.0.0.1"))
        answering.responses["/b"] = response()
        with use_context(Context(correlation_id=CAUSE)):
            call(answering, network)

        names = ("X-Correlation-ID", "traceparent")
        first, second = ([received.headers[name] for name in names] for received in answering.received)
        assert first == second
        assert len(spans.get_finished_spans()) == 1

    def test_the_other_service_continues_the_span_of_the_call(
        self, answering: Collector, network: Network, spans: InMemorySpanExporter
    ) -> None:
        with tracing.traced("recordings.fetch", "CONSUMER", PARENT):
            call(answering, network)

        span = spans.get_finished_spans()[0]
        _version, trace, parent, _flags = answering.received[0].headers["traceparent"].split("-")
        assert span.context is not None
        assert (trace, parent) == (TRACE, f"{span.context.span_id:016x}")

    def test_without_tracing_here_the_trace_goes_on_as_it_came(self, answering: Collector, network: Network) -> None:
        with use_context(Context(traceparent=PARENT)):
            call(answering, network)

        assert answering.received[0].headers["traceparent"] == PARENT

    def test_without_any_trace_no_trace_is_sent(self, answering: Collector, network: Network) -> None:
        call(answering, network)

        assert "traceparent" not in answering.received[0].headers


class TestSpans:
    def test_a_span_names_the_host_but_neither_path_nor_credentials(
        self, answering: Collector, network: Network, spans: InMemorySpanExporter
    ) -> None:
        call(answering, network)

        span = only(spans)
        assert (span.name, span.kind) == ("GET localhost", SpanKind.CLIENT)
        assert dict(span.attributes or {}) == {
            "http.request.method": "GET",
            "server.address": "localhost",
            "server.port": answering.port,
            "http.response.status_code": 200,
        }
        assert span.status.status_code == StatusCode.UNSET
        assert SECRET not in span.to_json()

    @pytest.mark.parametrize("status", [404, 503])
    def test_a_response_that_says_error_is_one(
        self, answering: Collector, network: Network, spans: InMemorySpanExporter, status: int
    ) -> None:
        answering.responses[f"/a?key={SECRET}"] = response(status)
        call(answering, network)

        assert only(spans).status.status_code == StatusCode.ERROR
        assert (only(spans).attributes or {})["http.response.status_code"] == status

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (b"220 here\r\n\r\n", Unreachable),
            (response(302, {"Location": f"https://{SECRET}:{SECRET}@localhost:{SECRET}/"}), UnsafeUrl),
        ],
    )
    def test_a_failure_is_an_error_without_the_url(
        self,
        app: Flask,
        answering: Collector,
        network: Network,
        spans: InMemorySpanExporter,
        answer: bytes,
        error: type[Exception],
    ) -> None:
        answering.responses[f"/a?key={SECRET}"] = answer
        with app.app_context(), pytest.raises(error):
            call(answering, network)

        assert only(spans).status.status_code == StatusCode.ERROR
        assert SECRET not in only(spans).to_json()
