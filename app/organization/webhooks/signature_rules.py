"""Signatures of incoming webhooks, over the body as it arrived (docs/webhooks.md).

Pure functions; signatures are compared in constant time.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

#: Largest difference between the time of a signature and ours, in either direction.
TOLERANCE = timedelta(seconds=300)

_DEFAULT_PORTS = {"https": 443, "http": 80}
#: Digits of a time in seconds or milliseconds; a longer number is no time.
_DIGITS = re.compile(r"[0-9]{1,15}")
_BEARER = "bearer "


def is_signed_by_twilio(secret: str, url: str, parameters: Iterable[tuple[str, str]], signature: str) -> bool:
    """Return whether Twilio signed a form sent to `url`.

    The signature covers the URL with or without its port, then each name with its values, without duplicates.
    """
    text = "".join(name + value for name, value in sorted(set(parameters)))
    return any(
        _is_equal(signature, _base64_sha1(secret, (variant + text).encode())) for variant in _with_and_without_port(url)
    )


def is_signed_by_vapi(secret: str, body: bytes, signature: str) -> bool:
    return _is_equal(signature.lower(), _hex_sha256(secret, body))


def is_bearer_of(secret: str, authorization: str) -> bool:
    """Return whether an `Authorization` header carries the secret as a bearer token."""
    scheme, token = authorization[: len(_BEARER)], authorization[len(_BEARER) :]
    return scheme.lower() == _BEARER and _is_equal(token.strip(), secret)


def is_signed_by_callrail(secret: str, body: bytes, signature: str) -> bool:
    return _is_equal(signature, _base64_sha1(secret, body))


def is_signed_by_shunya(secret: str, body: bytes, signature: str, timestamp: str, now: datetime) -> bool:
    """Return whether Shunya signed the body at `timestamp`, in milliseconds since 1970, and no more than 300 s ago."""
    if not _is_recent(timestamp, 1_000, now):
        return False
    return _is_equal(signature.lower(), _hex_sha256(secret, timestamp.encode() + b"." + body))


def is_signed_by_billing(secret: str, body: bytes, header: str, now: datetime) -> bool:
    """Return whether the header `t=<seconds>,v1=<signature>` signs the body, and no more than 300 s ago.

    It can have several signatures, while the provider replaces its secret.
    """
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _equals, value in pairs if name == "t"]
    if len(times) != 1 or not _is_recent(times[0], 1, now):
        return False
    expected = _hex_sha256(secret, times[0].encode() + b"." + body)
    return any(_is_equal(value.lower(), expected) for name, _equals, value in pairs if name == "v1")


def _is_recent(timestamp: str, per_second: int, now: datetime) -> bool:
    if not _DIGITS.fullmatch(timestamp):
        return False
    # The largest number of 15 digits is a year after 9999 in seconds.
    seconds = int(timestamp) / per_second
    return abs(seconds - now.astimezone(UTC).timestamp()) <= TOLERANCE.total_seconds()


def _with_and_without_port(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    without = parts._replace(netloc=host).geturl()
    return (without, parts._replace(netloc=f"{host}:{port}").geturl()) if port else (without,)


def _base64_sha1(secret: str, content: bytes) -> str:
    return b64encode(hmac.new(secret.encode(), content, hashlib.sha1).digest()).decode()


def _hex_sha256(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _is_equal(sent: str, expected: str) -> bool:
    # As bytes: the comparison of texts refuses characters beyond ASCII.
    return hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), expected.encode())
