"""Reading what an organization subscribes to, what it pays and what its use costs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from app.db.paging import newest_or_oldest_first
from app.errors import NotFound
from app.extensions import db
from app.models import Budget, Invoice, Plan, Subscription, UsageCost, User
from app.models.users import TAKES_A_SEAT
from app.organization.billing.filters import InvoiceFilters
from app.periods import PeriodName, Span, resolve_period
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import get_row, held
from app.security.scope import restrict, unscoped, visible

#: More people than any plan has seats.
_MAX_ROWS = 10_000


def find_subscription(actor: Actor) -> Subscription | None:
    """What the organization subscribes to; None where it was made without."""
    return db.session.scalar(visible(Subscription, actor))


def get_subscription(actor: Actor) -> Subscription:
    """The subscription of the actor's organization; raises NotFound."""
    subscription = find_subscription(actor)
    if subscription is None:
        raise NotFound("subscription")
    return subscription


def lock_subscription(organization_id: UUID) -> Subscription:
    """It, held until the transaction ends; the organization is locked already. Raises NotFound."""
    its = unscoped(select(Subscription), why="services change it for the organization; who may is asked before").where(
        Subscription.organization_id == organization_id
    )
    subscription = db.session.scalar(held(its))
    if subscription is None:
        raise NotFound("subscription")
    return subscription


def list_plans() -> Sequence[Plan]:
    """All plans, the cheapest first."""
    return db.session.scalars(select(Plan).order_by(Plan.monthly_price, Plan.code)).all()


def list_members(organization_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows (id, name, email, role, status, last_seen_at, avatar_key) of those who take a seat, by name."""
    members = (
        unscoped(
            select(User.id, User.name, User.email, User.role, User.status, User.last_seen_at, User.avatar_key),
            why="all seats count, and whoever changes the plan chooses among all who take one",
        )
        .where(User.organization_id == organization_id, TAKES_A_SEAT)
        .order_by(func.lower(User.name), User.id)
    )
    return db.session.execute(members.limit(_MAX_ROWS)).all()


INVOICE_SORTS = newest_or_oldest_first("createdAt", Invoice.created_at, Invoice.id)


def _conditions(filters: InvoiceFilters) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(Invoice.status == filters.status)
    return found


def get_invoice(actor: Actor, invoice_id: UUID) -> Invoice:
    """One of them; raises NotFound."""
    return get_row(actor, Invoice, invoice_id, named="invoice")


def list_latest_invoices(actor: Actor, number: int) -> Sequence[Invoice]:
    """The first of them."""
    latest = visible(Invoice, actor).order_by(Invoice.created_at.desc(), Invoice.id.desc())
    return db.session.scalars(latest.limit(number)).all()


def month_of(actor: Actor, now: datetime) -> Span:
    """The calendar month of the organization that `now` is in: what budgets are about."""
    return resolve_period(PeriodName.MONTH, now=now, timezone=actor.timezone).span


def costs_by_kind(actor: Actor, span: Span) -> Mapping[str, Decimal]:
    """What use has cost in a span of time, in USD; kinds without any are left out."""
    sums = (
        restrict(select(UsageCost.kind, func.sum(UsageCost.amount).label("amount")), UsageCost, actor)
        .where(UsageCost.occurred_at >= span.start, UsageCost.occurred_at < span.end)
        .group_by(UsageCost.kind)
        .order_by(UsageCost.kind)
    )
    return {row.kind: row.amount for row in db.session.execute(sums)}


def budgets_by_kind(actor: Actor) -> Mapping[str, Budget]:
    """The budgets that are set."""
    return {budget.kind: budget for budget in db.session.scalars(visible(Budget, actor).order_by(Budget.kind))}


_INVOICE_ROW = select(
    Invoice.id,
    Invoice.number,
    Invoice.amount,
    Invoice.currency,
    Invoice.status,
    Invoice.period_start,
    Invoice.period_end,
    Invoice.issued_at,
    Invoice.paid_at,
    Invoice.created_at,
)


#: The invoices that `filters` keep.
invoice_list = ListOf(
    Invoice, _INVOICE_ROW, narrow=lambda filters, _actor, _now: _conditions(filters), sorts=INVOICE_SORTS
)
