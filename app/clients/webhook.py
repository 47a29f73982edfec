"""Outgoing webhooks: a signed POST to a URL entered by a user of an organization.

Redirects are not followed, and only the status of the response is read.
"""

import hashlib
import hmac
from collections.abc import Mapping

from app.clients.http import Limits, exchange
from app.clients.http_connection import Network
from app.clients.http_errors import UnexpectedStatus
from app.clients.http_request import Outgoing

LIMITS = Limits(connect_seconds=5, read_seconds=15, whole_seconds=25, max_bytes=0, max_redirects=0)

_OK = range(200, 300)


def sign(secret: str, moment: int, body: bytes) -> str:
    """Return the value of the header `X-Switchboard-Signature`.

    It holds `moment`, in seconds since 1970, and an HMAC-SHA256 over "<moment>.<body>".
    """
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def post(url: str, body: bytes, headers: Mapping[str, str], network: Network) -> None:
    """Send `body` to an https:// URL. Raises ExternalServiceError unless the response is 2xx."""
    with exchange(Outgoing("POST", url, headers, body=body), network, LIMITS) as reply:
        if reply.status not in _OK:
            raise UnexpectedStatus(reply.status)
