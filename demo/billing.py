"""Billing of the company: its plan, monthly invoices, the daily cost of usage, and the budgets for it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from app.audit.actions import Action
from app.models.billing import CostKind, InvoiceStatus, PlanCode, SubscriptionStatus
from app.models.calls import RecordSource
from app.models.messages import Channel
from demo.office import Office
from demo.rows import (
    AuditRow,
    BudgetRow,
    CallRow,
    CostRow,
    InvoiceRow,
    MessageRow,
    Row,
    SubscriptionRow,
    TranscriptRow,
)

_PRICES = {PlanCode.STARTER: Decimal(149), PlanCode.PROFESSIONAL: Decimal(499), PlanCode.ENTERPRISE: Decimal(1499)}
# Per unit: a minute, a text, a thousand tokens, a minute of speech.
_UNIT_COSTS = {
    CostKind.CALL_MINUTES: Decimal("0.014"),
    CostKind.SMS: Decimal("0.0079"),
    CostKind.AI_TOKENS: Decimal("0.0006"),
    CostKind.TRANSCRIPTION: Decimal("0.0043"),
}
_TOKENS_A_CHARACTER = 0.0011
_MILLIONTH = Decimal("0.000001")
_BUDGETS = (
    (CostKind.CALL_MINUTES, Decimal(150), False),
    (CostKind.AI_TOKENS, Decimal(40), True),
    (CostKind.SMS, Decimal(25), False),
)
_PAID_AFTER = timedelta(days=2, hours=5)
_MONTHS_OF_INVOICES = 12


class Costs:
    """Usage by calls, texts and transcripts, added up by day and kind of cost."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._used: defaultdict[tuple[date, CostKind], float] = defaultdict(float)

    def add(self, row: Row) -> None:
        """Add the usage of `row` if it is a call, a transcript or a text."""
        if isinstance(row, CallRow):
            self._use(row, CostKind.CALL_MINUTES, row.duration_seconds / 60)
        elif isinstance(row, TranscriptRow):
            self._use(row, CostKind.AI_TOKENS, len(row.transcript_text) * _TOKENS_A_CHARACTER)
            self._use(row, CostKind.TRANSCRIPTION, row.speaker_labels[-1]["end"] / 60)
        elif isinstance(row, MessageRow) and row.channel is Channel.SMS:
            self._use(row, CostKind.SMS, 1)

    def _use(self, row: Row, kind: CostKind, quantity: float) -> None:
        self._used[self._office.local(row.created_at).date(), kind] += quantity

    def rows(self) -> Iterator[CostRow]:
        """Yield one row per day and kind, created at the end of that day; for today, now."""
        office = self._office
        for (day, kind), used in sorted(self._used.items()):
            end = datetime.combine(day, time(23, 59), office.company.timezone).astimezone(UTC)
            at = min(end, office.now)
            quantity = Decimal(used).quantize(_MILLIONTH)
            yield CostRow(
                organization_id=office.organization_id,
                id=office.ids.at(at),
                occurred_at=at,
                kind=kind,
                quantity=quantity,
                unit_cost=_UNIT_COSTS[kind],
                amount=(quantity * _UNIT_COSTS[kind]).quantize(_MILLIONTH),
                created_at=at,
            )


def plan_rows(office: Office) -> Iterator[SubscriptionRow | InvoiceRow | AuditRow | BudgetRow]:
    """Yield the subscription, a year of invoices with the entries of their payments, and the budgets."""
    start, end = _period(office, 0)
    subscription_id = office.ids.at(office.founded)
    yield SubscriptionRow(
        organization_id=office.organization_id,
        id=subscription_id,
        plan=office.company.plan,
        status=SubscriptionStatus.ACTIVE,
        current_period_start=start,
        current_period_end=end,
        created_at=office.founded,
    )
    for months_ago in reversed(range(_MONTHS_OF_INVOICES)):
        invoice = _invoice(office, months_ago)
        yield invoice
        if invoice.paid_at is not None:
            yield _payment(invoice, invoice.paid_at, subscription_id, office)
    for kind, amount, hard_stop in _BUDGETS:
        yield BudgetRow(
            organization_id=office.organization_id,
            id=office.ids.at(office.founded),
            kind=kind,
            monthly_amount=amount,
            hard_stop=hard_stop,
            created_at=office.founded,
        )


def _invoice(office: Office, months_ago: int) -> InvoiceRow:
    start, end = _period(office, months_ago)
    paid_at = start + _PAID_AFTER
    is_paid = paid_at < office.now
    return InvoiceRow(
        organization_id=office.organization_id,
        id=office.ids.at(start),
        number=f"SB-{office.company.slug.upper()}-{start:%Y%m}",
        amount=_PRICES[office.company.plan],
        currency="USD",
        status=InvoiceStatus.PAID if is_paid else InvoiceStatus.OPEN,
        period_start=start,
        period_end=end,
        issued_at=start,
        paid_at=paid_at if is_paid else None,
        created_at=start,
    )


def _payment(invoice: InvoiceRow, at: datetime, subscription_id: UUID, office: Office) -> AuditRow:
    """Return the audit trail entry for a payment reported by the provider."""
    return AuditRow(
        organization_id=invoice.organization_id,
        id=office.ids.at(at),
        user_id=None,
        actor_label="Payment provider",
        actor_role=None,
        source=RecordSource.EXTERNAL,
        action=Action.PAYMENT_SUCCEEDED,
        resource_type="subscription",
        resource_id=subscription_id,
        metadata={"invoice": invoice.number},
        ip_address=None,
        user_agent=None,
        operation_id=uuid5(subscription_id, invoice.number),
        created_at=at,
    )


def _period(office: Office, months_ago: int) -> tuple[datetime, datetime]:
    """Return the start and end of the calendar month `months_ago`, in the company's time zone."""
    today = office.local(office.now).date()
    months = today.year * 12 + today.month - 1 - months_ago
    first, last = (
        datetime(number // 12, number % 12 + 1, 1, tzinfo=office.company.timezone).astimezone(UTC)
        for number in (months, months + 1)
    )
    return first, last
