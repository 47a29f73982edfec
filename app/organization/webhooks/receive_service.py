"""Verification and storage of incoming webhooks (docs/webhooks.md).

The request is answered after COMMIT; what a delivery changes, changes later, in the worker.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NoReturn, TypeAlias
from uuid import UUID

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from app import instruments
from app.db.context import current_context, update_context
from app.db.ids import uuid7
from app.errors import DomainError, NotFound, OtherOrganization, SignatureInvalid, WebhooksNotConfigured
from app.extensions import db
from app.models import DeliveryStatus, IgnoredReason, Provider, WebhookDelivery
from app.organization.providers.credential_queries import (
    WebhookCredentials,
    platform_credentials,
    webhook_credentials,
)
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.webhooks import signature_rules
from app.organization.webhooks.event_rules import Content, ProviderEvent, body_id, read_event, with_task
from app.organization.webhooks.process_rules import CHANNEL
from app.organization.webhooks.receive_queries import (
    find_organization_of_event,
    find_organization_of_key,
    has_room_for_refusal,
)

#: Longest beginning of a body that is stored without a valid signature.
UNVERIFIED_BYTES = 1_024

_MASKED = "[redacted]"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_MAX_HEADERS, _MAX_HEADER_LENGTH = 100, 1_000

_log = structlog.get_logger("switchboard.webhooks")


#: Counts a verified delivery of an organization, or refuses it.
Count: TypeAlias = Callable[[UUID], None]


def _uncounted(_organization_id: UUID) -> None:
    """Count nothing: calls are not limited."""


class Outcome(StrEnum):
    """Answer to a verified delivery."""

    RECEIVED = "received"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A request from a provider as it arrived.

    `path` is the part of the address after the provider, such as `voice`, or ''. `headers` are by lowercase name.
    `parameters` are those of a form, and `content` the first value of each, or the JSON object.
    """

    provider: Provider
    path: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    content: Content = field(repr=False)
    parameters: Sequence[tuple[str, str]] = field(default=(), repr=False)

    def header(self, name: str) -> str:
        """Return the value of a header, or ''."""
        return self.headers.get(name.lower(), "")


def enter_organization_of(webhook_key: str) -> UUID:
    """Continue the request in the organization with this webhook key, and return its id.

    Raises NotFound if there is none, or it was deleted.
    """
    organization_id = find_organization_of_key(webhook_key)
    if organization_id is None:
        _log.warning("webhook for an unknown key")
        raise NotFound(
            "webhook", message=_l("No organization has this webhook key. Copy the address from Switchboard.")
        )
    db.session.rollback()  # it began before the organization was known
    update_context(organization_id=organization_id)
    return organization_id


def receive(request: ProviderRequest, organization_id: UUID, count: Count = _uncounted) -> Outcome:
    """Verify and store a request to the address of an organization, which has to be in the context.

    `count` is called with the organization once the request is verified; it can refuse it, and end the transaction.
    Raises WebhooksNotConfigured, SignatureInvalid, OtherOrganization and the errors of `count`.
    """
    now = datetime.now(UTC)
    credentials = webhook_credentials(organization_id, request.provider, now)
    if credentials is None:
        raise WebhooksNotConfigured
    if not _is_verified(request, credentials, now):
        _refuse(request, organization_id, IgnoredReason.WRONG_SIGNATURE, SignatureInvalid(), now)
    event = _event_of(request)
    reason = event.ignored_because
    if request.provider in (Provider.SHUNYA, Provider.BILLING):
        if event.account != (credentials.account_id or str(organization_id)):
            _refuse(request, organization_id, IgnoredReason.OTHER_ORGANIZATION, OtherOrganization(), now)
    elif credentials.company_id and event.account not in ("", credentials.company_id):
        reason = IgnoredReason.OTHER_COMPANY
    return _store_verified(request, organization_id, event, reason, count)


def receive_for_platform(request: ProviderRequest, count: Count = _uncounted) -> Outcome:
    """Verify and store a request of the platform's own account, and find its organization by task or account.

    Raises WebhooksNotConfigured, SignatureInvalid, NotFound and the errors of `count`, as `receive` does.
    """
    credentials = platform_credentials(request.provider)
    if credentials is None:
        raise WebhooksNotConfigured
    if not _is_verified(request, credentials, datetime.now(UTC)):
        instruments.webhooks_refused.labels(request.provider).inc()
        raise SignatureInvalid
    event = _event_of(request)
    organization_id = find_organization_of_event(event.task_id, event.account)
    if organization_id is None or event.account != str(organization_id):
        _log.warning("webhook for an unknown organization", provider=request.provider)
        raise NotFound("webhook", message=_l("No organization has this task or account."))
    db.session.rollback()
    update_context(organization_id=organization_id)
    return _store_verified(request, organization_id, event, event.ignored_because, count)


def _is_verified(request: ProviderRequest, credentials: WebhookCredentials, now: datetime) -> bool:
    return any(_is_signed(request, secret, credentials, now) for secret in credentials.secrets)


def _is_signed(request: ProviderRequest, secret: str, credentials: WebhookCredentials, now: datetime) -> bool:
    body, header = request.body, request.header
    match request.provider:
        case Provider.TWILIO:
            signature = header("X-Twilio-Signature")
            return signature_rules.is_signed_by_twilio(secret, request.url, request.parameters, signature)
        case Provider.VAPI if credentials.uses_bearer_token:
            return signature_rules.is_bearer_of(secret, header("Authorization"))
        case Provider.VAPI:
            return signature_rules.is_signed_by_vapi(secret, body, header("X-Vapi-Signature"))
        case Provider.CALLRAIL:
            return signature_rules.is_signed_by_callrail(secret, body, header("Signature"))
        case Provider.SHUNYA:
            signature, timestamp = header("X-Shunya-Signature"), header("X-Shunya-Timestamp")
            return signature_rules.is_signed_by_shunya(secret, body, signature, timestamp, now)
        case Provider.BILLING:
            return signature_rules.is_signed_by_billing(secret, body, header("X-Billing-Signature"), now)


def _event_of(request: ProviderRequest) -> ProviderEvent:
    content = with_task(request.provider, request.content, request.headers)
    return read_event(request.provider, request.path, request.body, content)


def _store_verified(
    request: ProviderRequest,
    organization_id: UUID,
    event: ProviderEvent,
    reason: IgnoredReason | None,
    count: Count,
) -> Outcome:
    count(organization_id)
    status = DeliveryStatus.IGNORED if reason else DeliveryStatus.RECEIVED
    is_new = _insert(request, organization_id, event, status, reason, is_verified=True)
    if not is_new:
        return Outcome.DUPLICATE
    if reason:
        return Outcome.IGNORED
    db.session.execute(select(func.pg_notify(CHANNEL, "")))
    return Outcome.RECEIVED


def _refuse(
    request: ProviderRequest, organization_id: UUID, reason: IgnoredReason, error: DomainError, now: datetime
) -> NoReturn:
    """Store the beginning of a request that isn't accepted, unless many were stored today, and raise the error.

    Its caller commits.
    """
    instruments.webhooks_refused.labels(request.provider).inc()
    if has_room_for_refusal(organization_id, request.provider, now.replace(hour=0, minute=0, second=0, microsecond=0)):
        event = ProviderEvent(request.path or "unknown", body_id(request.body))
        _insert(request, organization_id, event, DeliveryStatus.IGNORED, reason, is_verified=False)
    raise error


def _insert(
    request: ProviderRequest,
    organization_id: UUID,
    event: ProviderEvent,
    status: DeliveryStatus,
    reason: IgnoredReason | None,
    *,
    is_verified: bool,
) -> bool:
    """Insert the delivery and return whether it is new; the first of several with the same event ID counts."""
    update_context(source="external", actor_label=str(CATALOGUE[request.provider].label))
    delivery_id = db.session.scalar(
        insert(WebhookDelivery)
        .values(
            organization_id=organization_id,
            id=uuid7(),
            provider=request.provider,
            event_type=event.type,
            external_id=event.id,
            headers=_masked(request.headers),
            body=request.body if is_verified else request.body[:UNVERIFIED_BYTES],
            body_sha256=sha256(request.body).digest(),
            signature_ok=is_verified,
            status=status,
            ignored_because=reason,
            correlation_id=current_context().correlation_id,
            **({} if status == DeliveryStatus.RECEIVED else {"next_attempt_at": None}),
        )
        .on_conflict_do_nothing(
            index_elements=[WebhookDelivery.organization_id, WebhookDelivery.provider, WebhookDelivery.external_id],
            index_where=text("signature_ok"),
        )
        .returning(WebhookDelivery.id)
    )
    return delivery_id is not None


def _masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers to store: without secrets, and without what the database can't hold."""
    shortened = sorted(headers.items())[:_MAX_HEADERS]
    return {
        name: _MASKED if name in _SECRET_HEADERS else value.replace("\0", "")[:_MAX_HEADER_LENGTH]
        for name, value in shortened
    }
