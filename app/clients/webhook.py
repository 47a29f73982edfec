"""Webhooks that we send: a signed POST over TLS to an address that somebody of an organization has entered.

No redirect is followed, nothing of the answer but its status is read, and all of it has to be over in time.
"""

import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Event, Timer
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from app.clients.public_addresses import resolve
from app.errors import ExternalServiceError

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
#: Longer than both: for who answers a letter at a time.
WHOLE_SECONDS = 25.0

_PORT = 443
_OK = range(200, 300)


class Undelivered(ExternalServiceError):
    """The other side did not take it; the sentence says what came instead."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where this installation lets webhooks go: into private networks too, and whose certificates are good besides
    those of the public authorities."""

    allows_private: bool = False
    ca_file: Path | None = None


def sign(secret: str, moment: int, body: bytes) -> str:
    """The header `X-Switchboard-Signature`: an HMAC-SHA256 over "<moment>.<body>", `moment` in seconds since 1970."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def post(url: str, body: bytes, headers: Mapping[str, str], network: Network) -> None:
    """Send `body` to an address that begins with https://. Raises ExternalServiceError unless it was taken (2xx)."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORT
    address = resolve(host, port, allows_private=network.allows_private)
    connection = HTTPSConnection(
        address,
        port,
        timeout=CONNECT_SECONDS,
        server_hostname=host,
        ssl_context=_tls(network),
    )
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    try:
        with _not_for_ever(connection):
            connection.connect()
            connection.timeout = READ_SECONDS
            connection.request("POST", path, body, {"Host": parts.netloc, **headers}, preload_content=False)
            status = connection.getresponse().status
    except ssl.SSLError as error:
        raise Undelivered(_l("No safe connection: %(reason)s", reason=_reason(error))) from error
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise Undelivered(_l("The server did not answer: %(reason)s", reason=_reason(error))) from error
    finally:
        connection.close()
    if status not in _OK:
        raise Undelivered(_l("The server answered with status %(status)s.", status=status))


def _tls(network: Network) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if network.ca_file is not None:
        context.load_verify_locations(network.ca_file)
    return context


@contextmanager
def _not_for_ever(connection: HTTPSConnection) -> Iterator[None]:
    """Cut the connection when it takes too long as a whole, and raise TimeoutError: an answer that ends in its middle
    would pass for a short one."""
    is_over = Event()

    def cut() -> None:
        is_over.set()
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(WHOLE_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if is_over.is_set():
        raise TimeoutError("it took too long")


def _reason(error: Exception) -> str:
    """What went wrong, in the words of whatever failed first; never longer than a line."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return (str(cause) or type(cause).__name__)[:200]
