"""Payments that the payment provider reports by webhook (docs/webhooks.md)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l

from app.declarations.delivery import DeliveredEvent, DeliveryHandler, Effect
from app.errors import FieldError, ValidationFailed
from app.models import Provider
from app.organization.billing.payment_service import Bill, payment_failed, payment_succeeded
from app.organization.billing.queries import lock_subscription

_ACTIONS = {"invoice.paid": "payment.succeeded", "invoice.payment_failed": "payment.failed"}
_UNREADABLE = _l("The value is missing or can’t be read.")


def record_payment(event: DeliveredEvent) -> Sequence[Effect]:
    """Record a paid invoice or a failed payment.

    Raises NotFound without a subscription, and ValidationFailed for an event that can't be read.
    """
    record = payment_succeeded if event.type == "invoice.paid" else payment_failed
    moment = _from_epoch(event.content.get("created"))
    if not record(event.organization_id, event.id, occurred_at=moment, bill=_bill_of(event.content)):
        return ()
    subscription = lock_subscription(event.organization_id)
    return (Effect("subscription", subscription.id, _ACTIONS[event.type]),)


PAYMENTS = DeliveryHandler(Provider.BILLING, frozenset(_ACTIONS), record_payment)


def _bill_of(content: Mapping[str, Any]) -> Bill | None:
    data = content.get("data")
    invoice = data.get("invoice") if isinstance(data, dict) else None
    if invoice is None:
        return None
    if not isinstance(invoice, dict):
        raise _unreadable("data.invoice")
    return Bill(
        _text(invoice, "number"),
        _amount(invoice, "amount"),
        _text(invoice, "currency"),
        _moment(invoice, "period_start"),
        _moment(invoice, "period_end"),
        _moment(invoice, "issued_at"),
    )


def _from_epoch(value: object) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        raise _unreadable("created") from None


def _text(invoice: Mapping[str, Any], name: str) -> str:
    value = invoice.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise _unreadable(f"data.invoice.{name}")
    return value


def _amount(invoice: Mapping[str, Any], name: str) -> Decimal:
    try:
        amount = Decimal(_text(invoice, name))
    except InvalidOperation:
        raise _unreadable(f"data.invoice.{name}") from None
    if not amount.is_finite():
        raise _unreadable(f"data.invoice.{name}")
    return amount


def _moment(invoice: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(invoice, name))
    except ValueError:
        raise _unreadable(f"data.invoice.{name}") from None
    if moment.tzinfo is None:
        raise _unreadable(f"data.invoice.{name}")
    return moment


def _unreadable(field: str) -> ValidationFailed:
    return ValidationFailed([FieldError(field, _UNREADABLE)])
