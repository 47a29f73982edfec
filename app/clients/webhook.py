"""Outgoing webhooks: a signed POST over TLS to a URL entered by a user of an organization.

Redirects are not followed, only the status of the response is read, and the whole exchange has a time limit.
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
#: Longer than both timeouts, to cut off a server that answers one byte at a time.
WHOLE_SECONDS = 25.0

_PORT = 443
_OK = range(200, 300)


class Undelivered(ExternalServiceError):
    """Failed delivery of a webhook; the sentence states the response or error."""


@dataclass(frozen=True, slots=True)
class Network:
    """Network policy of the installation for webhooks: private networks, and an additional certificate authority."""

    allows_private: bool = False
    ca_file: Path | None = None


def sign(secret: str, moment: int, body: bytes) -> str:
    """Return the value of the header `X-Switchboard-Signature`.

    It holds `moment`, in seconds since 1970, and an HMAC-SHA256 over "<moment>.<body>".
    """
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def post(url: str, body: bytes, headers: Mapping[str, str], network: Network) -> None:
    """Send `body` to an https:// URL. Raises ExternalServiceError unless the response is 2xx."""
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
        raise Undelivered(_l("Secure connection failed: %(reason)s", reason=_reason(error))) from error
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise Undelivered(_l("The server didn’t respond: %(reason)s", reason=_reason(error))) from error
    finally:
        connection.close()
    if status not in _OK:
        raise Undelivered(_l("The server responded with status %(status)s.", status=status))


def _tls(network: Network) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if network.ca_file is not None:
        context.load_verify_locations(network.ca_file)
    return context


@contextmanager
def _not_for_ever(connection: HTTPSConnection) -> Iterator[None]:
    """Close the connection when the whole exchange takes too long, and raise TimeoutError.

    Without the error, a truncated response would pass for a short one.
    """
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
    """Return the message of the original error, cut to 200 characters."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return (str(cause) or type(cause).__name__)[:200]
