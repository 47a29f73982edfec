"""A local server that receives requests over TLS, with a certificate that only the test trusts."""

import json
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.serving import serving


@dataclass(frozen=True)
class Received:
    """A request as received."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Decoded JSON lines of the delivery."""
        return [json.loads(line) for line in self.body.splitlines()]


class Collector:
    """Server that responds with each of `next_statuses` once, and then with `status`.

    `redirect_to` is the target of a redirect. For paths in `responses`, the response is exactly the bytes there. A
    server that `dawdles` sends `slow_start` and then a letter at a time, for five seconds; one that `babbles` doesn't
    respond in HTTP. Servers of the same folder share its certificate.
    """

    def __init__(self, folder: Path) -> None:
        self.received: list[Received] = []
        self.status = 204
        self.next_statuses: list[int] = []
        self.redirect_to: str | None = None
        self.responses: dict[str, bytes] = {}
        self.dawdles = self.babbles = False
        self.has_finished_dawdling = False
        self.slow_start = b"HTTP/1.1 200 OK\r\nX-Answer: "
        self.certificate = folder / "certificate.pem"
        key = folder / "key.pem"
        if not self.certificate.exists():
            _make_certificate(self.certificate, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._serving = serving(self._server)

    @property
    def port(self) -> int:
        """Port that the server listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """URL of the server, with a host name that is in its certificate."""
        return self.url_of("/collect?tenant=1")

    @property
    def paths(self) -> list[str]:
        """Paths of the received requests, in order."""
        return [received.path for received in self.received]

    def url_of(self, path: str, host: str = "localhost") -> str:
        """Return the URL of a path; `host` can also be 127.0.0.1, which is in the certificate too."""
        return f"https://{host}:{self.port}{path}"

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """Respond to requests of `path` with a redirect."""
        self.responses[path] = response(status, {"Location": to})

    def __enter__(self) -> Self:
        self._serving.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._serving.__exit__(None, None, None)


def response(status: int = 200, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return a response as bytes; without a header that says otherwise, its length is declared."""
    fields = {"Connection": "close", **(headers or {})}
    if "Transfer-Encoding" not in fields:
        fields = {"Content-Length": str(len(body)), **fields}
    lines = [f"HTTP/1.1 {status} Any", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _answering(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        """Handler that records each request and responds as the collector is configured."""

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            collector.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
            if self.path in collector.responses:
                with suppress(OSError):  # a client that refuses a response closes the connection
                    self.wfile.write(collector.responses[self.path])
                return
            if collector.babbles:
                self.wfile.write(b"220 here\r\n\r\n")
                return
            if collector.dawdles:
                self._dawdle()
                return
            status = collector.next_statuses.pop(0) if collector.next_statuses else collector.status
            self.send_response(status)
            if collector.redirect_to is not None:
                self.send_header("Location", collector.redirect_to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _dawdle(self) -> None:
            with suppress(OSError):
                self.wfile.write(collector.slow_start)
                for _ in range(100):
                    self.wfile.write(b"a")
                    time.sleep(0.05)
                collector.has_finished_dawdling = True

        def log_message(self, *_arguments: object) -> None:
            """Suppress the log of requests."""

    return Answering


def _make_certificate(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
