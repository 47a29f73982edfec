"""HTTPS connections to checked addresses, and the time limit of a whole exchange."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import Self

from flask_babel import lazy_gettext as _l

from app.clients.http_errors import Unreachable

_MAX_REASON_LENGTH = 200
_TOO_LONG = "it took too long"


@dataclass(frozen=True, slots=True)
class Network:
    """Network policy of the installation: private networks, and an additional certificate authority."""

    allows_private: bool = False
    ca_file: Path | None = None

    def tls(self) -> ssl.SSLContext:
        """Create a TLS context that requires a certificate for the name of the host."""
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context


class TimeLimit:
    """Limit of `seconds` for a whole exchange, against a server that sends one byte at a time.

    When the time is over, the connection in use is shut down, which wakes the thread that waits for it.
    """

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def apply_to(self, connected: socket.socket) -> None:
        """Shut down this socket at the end of the time. Raises TimeoutError if it is over."""
        self._socket = connected
        self.seconds_left()

    def seconds_left(self) -> float:
        """Return the remaining time, more than none. Raises TimeoutError if it is over."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError(_TOO_LONG)
        return left

    @contextmanager
    def translated_failures(self) -> Iterator[None]:
        """Raise errors of the network inside the block as Unreachable.

        So is a block that ends after the time is over, because what it read can be incomplete.
        """
        try:
            yield
            self.seconds_left()
        except (OSError, HTTPException, ValueError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> Unreachable:
        if monotonic() >= self._end:
            return Unreachable(_l("The server didn’t respond: %(reason)s", reason=_TOO_LONG))
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return Unreachable(_l("Secure connection failed: %(reason)s", reason=_reason(error)))
        return Unreachable(_l("The server didn’t respond: %(reason)s", reason=_reason(error)))

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # closed in the meantime
                # Not the method of the TLS socket, after which it would read the rest without decrypting it.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class PinnedConnection(HTTPSConnection):
    """Connection to `address`, whose certificate must match the name `host`.

    The address was checked before; resolving the name again could lead elsewhere. Connecting and waiting for bytes are
    limited by `connect_seconds` and `read_seconds`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        address: str,
        tls: ssl.SSLContext,
        time_limit: TimeLimit,
        *,
        connect_seconds: float,
        read_seconds: float,
    ) -> None:
        super().__init__(host, port, timeout=min(connect_seconds, time_limit.seconds_left()), context=tls)
        self._address, self._tls, self._time_limit, self._read_seconds = address, tls, time_limit, read_seconds

    def connect(self) -> None:
        """Open the connection. Raises OSError, of which ssl.SSLError is a kind."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A response without a length ends with the connection: without TLS's own end, it was cut off (RFC 9112, 9.8).
        encrypted = self._tls.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
        self.sock = encrypted
        self._time_limit.apply_to(encrypted)
        encrypted.do_handshake()
        encrypted.settimeout(self._read_seconds)


def _reason(error: Exception) -> str:
    """Return the message of the original error, cut to 200 characters."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return (str(cause) or type(cause).__name__)[:_MAX_REASON_LENGTH]
