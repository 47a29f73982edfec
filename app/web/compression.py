"""Compression of text responses: zstd, or gzip for clients that don't support it.

An attack on the compressed length (BREACH) needs a constant secret next to text chosen by the attacker. The form token
is masked differently in each response (`app.web.form_token`), and responses to other sites' requests are not
compressed.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Literal, Protocol, TypeAlias

import zstandard
from flask import Flask, Response, request

from app.security.guard import is_static

Coding: TypeAlias = Literal["zstd", "gzip"]

_CODINGS: tuple[Coding, ...] = ("zstd", "gzip")
_TYPES = frozenset(
    {"application/javascript", "application/json", "application/problem+json", "application/manifest+json",
     "image/svg+xml"}
)  # fmt: skip
#: For smaller bodies the headers outweigh the savings.
_MIN_BYTES = 600
#: Dynamic responses are compressed quickly, static ones as well as possible: levels of zstd and of gzip.
_QUICK, _BEST = (3, 5), (19, 9)
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # with gzip's header


#: Makes a compressor return all it was given, and continue.
_SO_FAR: Mapping[Coding, int] = {"zstd": zstandard.COMPRESSOBJ_FLUSH_BLOCK, "gzip": zlib.Z_SYNC_FLUSH}


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self, mode: int = ..., /) -> bytes: ...


def init_compression(app: Flask) -> None:
    """Compress responses after all hooks that change them.

    Must be called before those hooks are registered, because Flask runs the last registered hook first.
    """
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _is_text(response) or response.status_code in {204, 206, 304}:
        return response
    response.vary.add("Accept-Encoding")
    coding = _wanted()
    if coding is None or "Content-Encoding" in response.headers:
        return response
    # Bundles are not static files but are cached like them.
    if is_static(request.endpoint or "") or response.cache_control.immutable:
        response.direct_passthrough = False
        data = _best(response.get_data(), coding)
    elif response.is_streamed:
        response.headers.pop("Content-Length", None)
        response.response = _stream(response.iter_encoded(), coding)
        data = None
    else:
        plain = response.get_data()
        if len(plain) < _MIN_BYTES:
            return response
        data = _at_once(plain, coding, _QUICK)
    if data is not None:
        response.set_data(data)
    response.headers["Content-Encoding"] = coding
    etag, _is_weak = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # the same content in different bytes
    return response


def _is_text(response: Response) -> bool:
    kind = response.mimetype or ""
    is_file = response.direct_passthrough and not is_static(request.endpoint or "")
    return not is_file and (kind.startswith("text/") or kind in _TYPES)


def _wanted() -> Coding | None:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return None
    accepted = request.accept_encodings
    return next((coding for coding in _CODINGS if accepted[coding] > 0), None)


def _compressor(coding: Coding, levels: tuple[int, int] = _QUICK) -> _Compressor:
    zstd, gzip = levels
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=zstd).compressobj()
    return zlib.compressobj(gzip, wbits=_GZIP_WINDOW)


def _at_once(data: bytes, coding: Coding, levels: tuple[int, int]) -> bytes:
    compressor = _compressor(coding, levels)
    return compressor.compress(data) + compressor.flush()


@lru_cache(maxsize=256)
def _best(data: bytes, coding: Coding) -> bytes:
    """Compress a static file or a bundle at the best level, once for all requests."""
    return _at_once(data, coding, _BEST)


def _stream(pieces: Iterable[bytes], coding: Coding) -> Iterator[bytes]:
    """Compress `pieces`; the first goes out at once, the others as blocks of the compression are full."""
    compressor, rest = _compressor(coding), iter(pieces)
    for piece in islice(rest, 1):
        yield compressor.compress(piece) + compressor.flush(_SO_FAR[coding])
    for piece in rest:
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()
