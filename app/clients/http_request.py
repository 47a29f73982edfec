"""A request to another service, and the request that follows a redirect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias
from urllib.parse import urljoin, urlsplit

from flask_babel import lazy_gettext as _l

from app.clients.http_errors import UnsafeHeader, UnsafeUrl

Method: TypeAlias = Literal["GET", "POST"]

_PORT = 443
#: Redirects of a POST after which browsers and libraries send a GET.
_TO_GET = frozenset({301, 302, 303})
_UNSAFE_REDIRECT = _l("The server redirects to a URL that can’t be used. Use a URL that redirects to https:// only.")


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a URL that a request is sent to: host, port, and path with its query."""

    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the parts of `url`. Raises UnsafeUrl."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORT
        except ValueError as error:
            raise UnsafeUrl from error
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or " " in url or not _is_one_line(url):
            raise UnsafeUrl
        query = f"?{parts.query}" if parts.query else ""
        return cls(parts.hostname, port, f"{parts.path or '/'}{query}")

    @property
    def origin(self) -> tuple[str, int]:
        """Host and port; the scheme is always https."""
        return self.host, self.port


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to send; `credentials` are headers for the host and port of `url` only.

    A body in pieces can be sent once, so without redirects; its length is in `headers`.
    """

    method: Method
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | Iterator[bytes] | None = field(default=None, repr=False)

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers with the credentials. Raises UnsafeHeader."""
        headers = {**self.headers, **self.credentials}
        if not all(map(_is_one_line, (*headers, *headers.values()))):
            raise UnsafeHeader
        return headers

    def redirected(self, status: int, location: str) -> Self:
        """Return the request that follows a redirect. Raises UnsafeUrl."""
        try:
            url = urljoin(self.url, location)
            is_same_origin = Target.of(url).origin == Target.of(self.url).origin
        except (UnsafeUrl, ValueError):
            raise UnsafeUrl(_UNSAFE_REDIRECT) from None  # the causes can contain the URL, and errors are traced
        following = replace(self, url=url, credentials=self.credentials if is_same_origin else {})
        if self.method != "POST" or status not in _TO_GET:
            return following
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("content-")}
        return replace(following, method="GET", headers=headers, body=None)


def _is_one_line(text: str) -> bool:
    """Return whether the text has printable ASCII characters only, none of which ends a line."""
    return text.isascii() and text.isprintable()
