"""Events of the payment provider: failed payments and paid invoices.

Events are delivered several times and in any order. Each counts once, which the database enforces, and the resulting
state of a subscription depends on when the payments were made, not on when their events arrived.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.audit.actions import Action
from app.audit.record import name_action, record_event
from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.extensions import db
from app.models import Invoice, InvoiceStatus, PaymentEvent, PaymentOutcome, Role, Subscription
from app.organization.billing.notices import PAYMENT_FAILED
from app.organization.billing.queries import lock_subscription
from app.organization.billing.rules import PaymentState
from app.security.scope import unscoped
from app.tenancy.notification_service import notify_all
from app.tenancy.organization_queries import lock_organization
from app.tenancy.people_queries import list_people_in_charge
from app.tenancy.quota_service import BILLING_PAGE


@dataclass(frozen=True, slots=True)
class Bill:
    """The invoice that a payment event is about.

    `amount` is in `currency` (ISO 4217), and the period is [start, end).
    """

    number: str
    amount: Decimal
    currency: str
    period_start: datetime
    period_end: datetime
    issued_at: datetime


def payment_failed(organization_id: UUID, event_id: str, *, occurred_at: datetime, bill: Bill | None = None) -> bool:
    """Record a failed payment and notify the owners; return False if the event is known already.

    A failure that is reported after a later payment is recorded without changing the subscription. Raises NotFound
    without a subscription, and ValidationFailed for an invalid bill.
    """
    subscription = _hold(organization_id)
    if not _is_change(subscription, event_id, PaymentOutcome.FAILED, occurred_at, bill):
        return False
    if bill is not None:
        _keep(subscription, bill)
    facts = _facts(event_id, bill)
    paid_at = _last_payment(organization_id)
    if paid_at is not None and paid_at >= occurred_at:
        facts |= {"retry_count": subscription.retry_count, "superseded": True}
        record_event(Action.PAYMENT_FAILED, "subscription", subscription.id, facts)
        return True
    standing = PaymentState(subscription.status, subscription.retry_count).after_failure()
    subscription.payment_failed_at = datetime.now(UTC)
    facts["retry_count"] = standing.failures
    _store_state(subscription, standing, Action.PAYMENT_FAILED, facts)
    owners = list_people_in_charge(organization_id, Role.OWNER)
    notify_all(PAYMENT_FAILED, owners, _l("A payment for your subscription failed."), BILLING_PAGE)
    return True


def payment_succeeded(organization_id: UUID, event_id: str, *, occurred_at: datetime, bill: Bill | None = None) -> bool:
    """Record a paid invoice, which settles earlier failures; return False if the event is known already.

    Failures after that payment still count, even if they were reported first. Raises the errors of `payment_failed`.
    """
    subscription = _hold(organization_id)
    if not _is_change(subscription, event_id, PaymentOutcome.SUCCEEDED, occurred_at, bill):
        return False
    if bill is not None:
        _keep(subscription, bill, paid_at=occurred_at)
    standing = PaymentState(subscription.status, subscription.retry_count).after_payment(
        _failures_since(organization_id)
    )
    if not standing.failures:
        subscription.payment_failed_at = None
    _store_state(subscription, standing, Action.PAYMENT_SUCCEEDED, _facts(event_id, bill))
    return True


def _hold(organization_id: UUID) -> Subscription:
    lock_organization(organization_id)
    return lock_subscription(organization_id)


def _is_change(
    subscription: Subscription, event_id: str, outcome: PaymentOutcome, occurred_at: datetime, bill: Bill | None
) -> bool:
    stored = db.session.scalar(
        insert(PaymentEvent)
        .values(
            organization_id=subscription.organization_id,
            id=uuid7(),
            event_id=event_id,
            outcome=outcome,
            occurred_at=occurred_at,
            invoice_number=bill.number if bill else None,
        )
        .on_conflict_do_nothing(index_elements=[PaymentEvent.organization_id, PaymentEvent.event_id])
        .returning(PaymentEvent.id)
    )
    return stored is not None


def _keep(subscription: Subscription, bill: Bill, paid_at: datetime | None = None) -> None:
    """Store the invoice as the provider has it.

    A paid invoice is left unchanged, because a failure that is reported afterwards is older.
    """
    wanted = unscoped(select(Invoice), why="handles an event of the payment provider, without a signed-in user").where(
        Invoice.organization_id == subscription.organization_id, Invoice.number == bill.number
    )
    invoice = db.session.scalar(wanted.with_for_update())
    if invoice is None:
        invoice = Invoice(organization_id=subscription.organization_id, number=bill.number, status=InvoiceStatus.OPEN)
    elif invoice.status == InvoiceStatus.PAID:
        return
    with translated_integrity_errors():
        invoice.amount, invoice.currency = bill.amount, bill.currency
        invoice.period_start, invoice.period_end = bill.period_start, bill.period_end
        invoice.issued_at = bill.issued_at
        if paid_at is not None:
            invoice.status, invoice.paid_at = InvoiceStatus.PAID, paid_at
        db.session.add(invoice)


def _last_payment(organization_id: UUID) -> datetime | None:
    return db.session.scalar(
        unscoped(
            select(func.max(PaymentEvent.occurred_at)),
            why="handles an event of the payment provider, without a signed-in user",
        ).where(PaymentEvent.organization_id == organization_id, PaymentEvent.outcome == PaymentOutcome.SUCCEEDED)
    )


def _failures_since(organization_id: UUID) -> int:
    """Count the failures since the latest payment, which has to exist."""
    failures = unscoped(
        select(func.count(PaymentEvent.id)), why="handles an event of the payment provider, without a signed-in user"
    ).where(
        PaymentEvent.organization_id == organization_id,
        PaymentEvent.outcome == PaymentOutcome.FAILED,
        PaymentEvent.occurred_at > _last_payment(organization_id),
    )
    return db.session.scalar(failures) or 0


def _facts(event_id: str, bill: Bill | None) -> dict[str, Any]:
    return {"event_id": event_id, **({"invoice": bill.number} if bill else {})}


def _store_state(subscription: Subscription, standing: PaymentState, action: Action, facts: dict[str, Any]) -> None:
    """Store the new payment state, and write an audit entry even if the subscription's row doesn't change.

    A payment without a preceding failure doesn't change the row.
    """
    before = (subscription.status, subscription.retry_count)
    subscription.status, subscription.retry_count = standing.status, standing.failures
    if before != (standing.status, standing.failures):
        name_action(action, subscription, resource_type="subscription", metadata=facts)
    else:
        record_event(action, "subscription", subscription.id, facts)
