"""Signatures as providers make them, written from their documents, independently of the app that verifies them."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

from app.models import Provider


def signature(provider: Provider, secret: str, address: str, body: bytes, seconds: float) -> dict[str, str]:
    """Return the headers with which a provider signs a body sent to an address, in seconds since 1970."""
    match provider:
        case Provider.TWILIO:
            return twilio(secret, address, body)
        case Provider.VAPI:
            return vapi(secret, body)
        case Provider.CALLRAIL:
            return callrail(secret, body)
        case Provider.SHUNYA:
            return shunya(secret, body, seconds)
        case Provider.BILLING:
            return billing(secret, body, seconds)


def twilio(secret: str, url: str, body: bytes) -> dict[str, str]:
    """Return the header of a form; each parameter is expected once."""
    text = url + "".join(f"{name}{value}" for name, value in sorted(parse_qsl(body.decode(), keep_blank_values=True)))
    return {"X-Twilio-Signature": _base64_sha1(secret, text.encode())}


def vapi(secret: str, body: bytes) -> dict[str, str]:
    return {"X-Vapi-Signature": _hex_sha256(secret, body)}


def callrail(secret: str, body: bytes) -> dict[str, str]:
    return {"Signature": _base64_sha1(secret, body)}


def shunya(secret: str, body: bytes, seconds: float) -> dict[str, str]:
    """Return the headers of a body that is signed at a time in seconds since 1970."""
    milliseconds = str(int(seconds * 1_000))
    signature = _hex_sha256(secret, f"{milliseconds}.".encode() + body)
    return {"X-Shunya-Timestamp": milliseconds, "X-Shunya-Signature": signature}


def billing(secret: str, body: bytes, seconds: float) -> dict[str, str]:
    signature = _hex_sha256(secret, f"{int(seconds)}.".encode() + body)
    return {"X-Billing-Signature": f"t={int(seconds)},v1={signature}"}


def _base64_sha1(secret: str, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha1).digest()).decode()


def _hex_sha256(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
