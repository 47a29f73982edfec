"""Events of providers, signed with the secret that the running server knows, for trying out webhooks."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit
from uuid import UUID

from app.config import Settings
from app.db.ids import uuid7
from app.extensions import db
from app.models import Organization, Provider
from app.organization.providers.credential_queries import WebhookCredentials, webhook_credentials
from demo.signing import signature

_SECONDS = 30.0


class CannotDeliver(Exception):
    """A delivery that can't be signed or sent; the message is for the person at the terminal."""


def deliver(settings: Settings, organization_id: UUID, path: str, body: bytes | None) -> tuple[int, str]:
    """Send a signed event to the server, and return the status and text of its answer.

    `path` is the part of the address between `/webhooks/` and the key. Without a body, a paid invoice is sent to
    `billing`. The context must have the organization. Raises CannotDeliver.
    """
    provider = _provider_of(path)
    credentials = webhook_credentials(organization_id, provider, datetime.now(UTC))
    if credentials is None:
        raise CannotDeliver(f"No secret is set for {provider}. Set one under Integrations.")
    content = _paid_invoice(organization_id, credentials) if body is None and provider is Provider.BILLING else body
    if content is None:
        raise CannotDeliver(f"Name a file with the body of the event; only {Provider.BILLING} has one of its own.")
    key = db.session.get_one(Organization, organization_id).webhook_key
    address = f"{settings.address}/webhooks/{path}/{key}"
    return _post(address, content, _headers(provider, credentials, address, content))


def _provider_of(path: str) -> Provider:
    try:
        return Provider(path.partition("/")[0])
    except ValueError:
        raise CannotDeliver(f"“{path}” is no path of a provider. Take one from docs/webhooks.md.") from None


def _headers(provider: Provider, credentials: WebhookCredentials, address: str, body: bytes) -> dict[str, str]:
    kind = "application/x-www-form-urlencoded" if provider is Provider.TWILIO else "application/json"
    if credentials.uses_bearer_token:
        return {"Content-Type": kind, "Authorization": f"Bearer {credentials.secrets[0]}"}
    return {"Content-Type": kind, **signature(provider, credentials.secrets[0], address, body, time.time())}


def _paid_invoice(organization_id: UUID, credentials: WebhookCredentials) -> bytes:
    now = datetime.now(UTC)
    event_id = uuid7()
    invoice = {
        "number": f"DEMO-{event_id.hex[-8:].upper()}",
        "amount": "129.00",
        "currency": "USD",
        "period_start": now.isoformat(),
        "period_end": now.replace(year=now.year + 1, day=1).isoformat(),
        "issued_at": now.isoformat(),
    }
    event = {
        "id": f"evt_{event_id.hex}",
        "type": "invoice.paid",
        "created": int(now.timestamp()),
        "account": credentials.account_id or str(organization_id),
        "data": {"invoice": invoice},
    }
    return json.dumps(event).encode()


def _post(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("POST", parts.path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except OSError as error:
        raise CannotDeliver(f"The server at {parts.netloc} doesn’t answer ({error}). Start it first.") from None
    finally:
        connection.close()
