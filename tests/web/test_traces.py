"""Traces of a request, its statements and its jobs, and no traces without a collector."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask.testing import FlaskClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app import tracing
from app.config import PROJECT_ROOT
from tests.support.serving import serving
from tests.web.callers import JSON

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-01"


class Collector:
    """A server that accepts traces like OpenTelemetry's collector."""

    def __init__(self) -> None:
        received: list[tuple[str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Suppress the server's log output."""

        self._received = received
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._serving = serving(self._server)
        self._serving.__enter__()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._serving.__exit__(None, None, None)

    def spans(self) -> list[Span]:
        """Stop tracing, which sends the remaining spans, and return all spans.

        They are in the order in which they ended.
        """
        tracing.stop_tracing()  # sends the remaining ones
        assert {path for path, _body in self._received} == {"/v1/traces"}
        found = []
        for _path, body in self._received:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A running collector that receives the app's traces."""
    collector = Collector()
    tracing.start_tracing(collector.address)
    yield collector
    tracing.stop_tracing()
    collector.close()


@pytest.fixture
def _silent_collector() -> Iterator[None]:
    """A collector that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        tracing.start_tracing(f"http://127.0.0.1:{listening.getsockname()[1]}")
        yield
        tracing.stop_tracing()


def attributes_of(span: Span) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "") for one in span.attributes}


def test_request_is_traced_with_its_statements_below_its_caller(browser: FlaskClient, collector: Collector) -> None:
    browser.get("/probe/fine")  # fills the caches of the process, whose statements aren't part of every request
    secret = {"statement": "SELECT 'a secret in an address'"}
    browser.get("/probe/sql", query_string=secret, headers={"traceparent": CALLER})

    request = next(span for span in collector.spans() if span.name == "GET /probe/sql")
    assert request.trace_id.hex() == TRACE
    assert request.parent_span_id.hex() == CALLER.split("-")[2]
    assert attributes_of(request) == {
        "http.request.method": "GET",
        "http.route": "/probe/sql",
        "http.response.status_code": 200,
    }
    below = [span for span in collector.spans() if span.parent_span_id == request.span_id]
    assert {span.name for span in below} == {"SELECT"}
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano for span in below)


def test_job_goes_on_with_the_trace_of_the_request(collector: Collector) -> None:
    with tracing.traced("GET /calls", "SERVER", CALLER):
        handed_over = tracing.traceparent()
    with tracing.traced("imports.run", "CONSUMER", handed_over):
        tracing.trace_statement("UPDATE imports SET status = %s", 0.01)

    update, *_others = (span for span in collector.spans() if span.name == "UPDATE")
    assert update.trace_id.hex() == TRACE


def test_without_a_collector_nothing_is_told(browser: FlaskClient) -> None:
    assert browser.get("/probe/fine", headers={**JSON, "traceparent": CALLER}).status_code == 200
    assert tracing.traceparent() is None


def test_without_a_collector_nothing_is_even_loaded() -> None:
    code = "import sys, app; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0


@pytest.mark.usefixtures("_silent_collector")
def test_collector_that_says_nothing_holds_nobody_up(browser: FlaskClient) -> None:
    began = time.monotonic()
    assert browser.get("/probe/fine").status_code == 200
    assert time.monotonic() - began < 2

    tracing.stop_tracing()
    assert time.monotonic() - began < 8  # limit for a process that stops; the exporter's own timeout is ten seconds
