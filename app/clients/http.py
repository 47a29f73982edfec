"""The HTTP client for all other services: providers, and the streams of organizations.

Every URL is https, and its host is resolved once: the addresses are checked, and the connection goes to the checked
address. The target of a redirect is checked like the first URL. `request` keeps a small response in memory, `download`
stores a large one, and `exchange` is for callers that need only the status.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPResponse
from ssl import SSLContext

from app.clients.http_connection import Network, PinnedConnection, TimeLimit
from app.clients.http_errors import EncodedReply, ReplyTooLarge, TooManyRedirects, UnexpectedStatus
from app.clients.http_request import Method, Outgoing, Target
from app.clients.public_addresses import resolve
from app.db.context import current_context
from app.storage import StoredFile, storage
from app.tracing import trace_response, traced, traceparent

_MEGABYTE = 1024 * 1024
_PIECE_BYTES = 64 * 1024
_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: Policy for services on the internet.
PUBLIC = Network()


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an exchange: times in seconds, size of the body in bytes, number of redirects.

    The whole time includes redirects and storing, so that a server that sends one byte at a time is cut off. Without
    redirects, one is a response like any other.
    """

    connect_seconds: float
    read_seconds: float
    whole_seconds: float
    max_bytes: int
    max_redirects: int = 3


#: For a call of a provider, whose response fits into memory.
PROVIDER = Limits(connect_seconds=3, read_seconds=10, whole_seconds=10, max_bytes=_MEGABYTE)
#: For a file: at 30 Mbit/s, 200 MB take a minute, during which the worker does nothing else.
DOWNLOAD = Limits(connect_seconds=3, read_seconds=10, whole_seconds=60, max_bytes=200 * _MEGABYTE)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response in memory; names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class OpenReply:
    """A response whose body has not been read yet."""

    def __init__(self, connection: PinnedConnection, response: HTTPResponse, time_limit: TimeLimit) -> None:
        self._connection, self._response, self._time_limit = connection, response, time_limit
        self.status = response.status
        self.headers: Mapping[str, str] = {
            name.lower(): ", ".join(response.headers.get_all(name, ())) for name in response.headers
        }
        #: Size of the body in bytes, if the server has declared it.
        self.declared_bytes = response.length

    def pieces(self, max_bytes: int) -> Iterator[bytes]:
        """Yield the body. Raises EncodedReply, ReplyTooLarge and Unreachable."""
        if not self._is_plain():
            raise EncodedReply
        if self.declared_bytes is not None and self.declared_bytes > max_bytes:
            raise ReplyTooLarge(max_bytes)
        buffer = bytearray(_PIECE_BYTES)
        size = 0
        while length := self._read_into(buffer, size):
            size += length
            if size > max_bytes:
                raise ReplyTooLarge(max_bytes)
            yield bytes(memoryview(buffer)[:length])

    def close(self) -> None:
        """Close the connection, also if some of the body wasn't read."""
        self._response.close()
        self._connection.close()

    def _is_plain(self) -> bool:
        encoding = self.headers.get("content-encoding", "identity")
        return encoding.lower() == "identity" and (self._response.chunked or "transfer-encoding" not in self.headers)

    def _read_into(self, buffer: bytearray, size: int) -> int:
        """Read more of the body, of which `size` bytes were read, and return how much."""
        with self._time_limit.translated_failures():
            # Unlike `read`, this never reads more than fits, whatever the server gives as the size of a chunk.
            length = self._response.readinto(buffer)
            if not length and self.declared_bytes is not None and size < self.declared_bytes:
                raise ConnectionError("the response was cut short")
            return length


@contextmanager
def exchange(outgoing: Outgoing, network: Network, limits: Limits) -> Iterator[OpenReply]:
    """Send a request, follow redirects, and yield the response, whose connection is closed after the block.

    Every request of it continues the current trace and has the correlation ID. Raises UnsafeUrl, UnsafeHeader,
    AddressRefused, NameUnknown, TooManyRedirects and Unreachable.
    """
    target = Target.of(outgoing.url)
    with (
        traced(
            f"{outgoing.method} {target.host}",  # neither path nor query: they can contain personal data or a token
            "CLIENT",
            http_request_method=outgoing.method,
            server_address=target.host,
            server_port=target.port,
        ) as span,
        TimeLimit(limits.whole_seconds) as time_limit,
        closing(_follow(_traceable(outgoing), network, limits, time_limit)) as reply,
    ):
        trace_response(span, reply.status)
        yield reply


def request(
    method: Method,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    body: bytes | Iterator[bytes] | None = None,
    network: Network = PUBLIC,
    limits: Limits = PROVIDER,
) -> Reply:
    """Send a request and return its response, whatever its status, with the body in memory.

    `credentials` are headers for the host and port of `url` only. Raises what `exchange` does, EncodedReply and
    ReplyTooLarge.
    """
    outgoing = Outgoing(method, url, headers or {}, credentials or {}, body)
    with exchange(outgoing, network, limits) as reply:
        return Reply(reply.status, reply.headers, b"".join(reply.pieces(limits.max_bytes)))


def download(
    url: str,
    key: str,
    *,
    headers: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    network: Network = PUBLIC,
    limits: Limits = DOWNLOAD,
) -> StoredFile:
    """Store the file at `url` under `key`, all or nothing; only one piece of it is in memory.

    `credentials` are headers for the host and port of `url` only. Raises what `exchange` does, UnexpectedStatus unless
    the status is 200, EncodedReply, ReplyTooLarge, and the errors of `Storage.write`.
    """
    outgoing = Outgoing("GET", url, headers or {}, credentials or {})
    with exchange(outgoing, network, limits) as reply:
        if reply.status != _OK:
            raise UnexpectedStatus(reply.status)
        expected = limits.max_bytes if reply.declared_bytes is None else reply.declared_bytes
        storage().refuse_full(min(expected, limits.max_bytes))
        return storage().write(key, reply.pieces(limits.max_bytes))


def _traceable(outgoing: Outgoing) -> Outgoing:
    """Add the headers by which the other service finds what belongs together."""
    context = current_context()
    headers = {"X-Correlation-ID": context.outgoing_correlation_id}
    parent = traceparent() or context.traceparent
    if parent is not None:
        headers["traceparent"] = parent
    return replace(outgoing, headers={**outgoing.headers, **headers})


def _follow(outgoing: Outgoing, network: Network, limits: Limits, time_limit: TimeLimit) -> OpenReply:
    """Send the request and those that redirects ask for, and return the last response."""
    tls = network.tls()
    for _hop in range(limits.max_redirects + 1):
        reply = _send(outgoing, network, tls, limits, time_limit)
        location = reply.headers.get("location")
        if limits.max_redirects == 0 or reply.status not in _REDIRECTS or location is None:
            return reply
        reply.close()
        outgoing = outgoing.redirected(reply.status, location)
    raise TooManyRedirects


def _send(outgoing: Outgoing, network: Network, tls: SSLContext, limits: Limits, time_limit: TimeLimit) -> OpenReply:
    """Send one request, and return its response as soon as its headers have arrived."""
    target, headers = Target.of(outgoing.url), {"User-Agent": "Switchboard", **outgoing.all_headers}
    address = resolve(target.host, target.port, allows_private=network.allows_private)
    with time_limit.translated_failures():
        connection = PinnedConnection(
            target.host,
            target.port,
            address,
            tls,
            time_limit,
            connect_seconds=limits.connect_seconds,
            read_seconds=limits.read_seconds,
        )
        try:
            connection.request(outgoing.method, target.path, outgoing.body, headers)
            return OpenReply(connection, connection.getresponse(), time_limit)
        except BaseException:
            connection.close()
            raise
