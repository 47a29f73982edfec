"""Queries for incoming webhooks, before and after their organization is known."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.db.transaction import own_transaction
from app.extensions import db
from app.models import Provider, WebhookDelivery
from app.security.scope import unscoped

#: Refused requests of a provider that are stored on one day.
MAX_REFUSED = 100


def find_organization_of_key(webhook_key: str) -> UUID | None:
    """Return the organization with this webhook key, or None. Runs in its own transaction."""
    return _find(webhook_key, None, None)


def find_organization_of_event(task_id: str, account: str) -> UUID | None:
    """Return the organization of a task or an account of the platform, or None. Runs in its own transaction."""
    return _find(None, task_id or None, account or None)


def has_room_for_refusal(organization_id: UUID, provider: Provider, since: datetime) -> bool:
    """Return whether fewer than MAX_REFUSED requests of the provider were refused and stored since a time.

    Other requests that ask the same wait until this transaction ends.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{provider} {organization_id}", 0))))
    refused = unscoped(
        select(WebhookDelivery.id), why="a provider's request is counted, without a signed-in user"
    ).where(
        WebhookDelivery.organization_id == organization_id,
        WebhookDelivery.provider == provider,
        ~WebhookDelivery.signature_ok,
        WebhookDelivery.created_at >= since,
    )
    number: int = db.session.scalars(select(func.count()).select_from(refused.limit(MAX_REFUSED).subquery())).one()
    return number < MAX_REFUSED


def _find(webhook_key: str | None, task_id: str | None, account: str | None) -> UUID | None:
    with own_transaction() as session:
        organization_id: UUID | None = session.scalar(
            select(func.find_webhook_organization(webhook_key, task_id, account))
        )
    return organization_id
