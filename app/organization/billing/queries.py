"""Queries for an organization's subscription, invoices, budgets and usage costs."""

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
    """Return the organization's subscription; None if the organization was created without one."""
    return db.session.scalar(visible(Subscription, actor))


def get_subscription(actor: Actor) -> Subscription:
    """Return the subscription of the actor's organization.

    Raises NotFound.
    """
    subscription = find_subscription(actor)
    if subscription is None:
        raise NotFound("subscription")
    return subscription


def lock_subscription(organization_id: UUID) -> Subscription:
    """Return the subscription, locked until the transaction ends.

    The organization has to be locked already. Raises NotFound.
    """
    its = unscoped(select(Subscription), why="callers check the permission before they change the subscription").where(
        Subscription.organization_id == organization_id
    )
    subscription = db.session.scalar(held(its))
    if subscription is None:
        raise NotFound("subscription")
    return subscription


def list_plans() -> Sequence[Plan]:
    """Return all plans, cheapest first."""
    return db.session.scalars(select(Plan).order_by(Plan.monthly_price, Plan.code)).all()


def list_members(organization_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the people who take a seat, sorted by name.

    Rows are (id, name, email, role, status, last_seen_at, avatar_key).
    """
    members = (
        unscoped(
            select(User.id, User.name, User.email, User.role, User.status, User.last_seen_at, User.avatar_key),
            why="every member takes a seat; all are visible to users who can change the plan",
        )
        .where(User.organization_id == organization_id, TAKES_A_SEAT)
        .order_by(func.lower(User.name), User.id)
    )
    return db.session.execute(members.limit(_MAX_ROWS)).all()


INVOICE_SORTS = newest_or_oldest_first("createdAt", Invoice.created_at, Invoice.id)


def _conditions(filters: InvoiceFilters) -> list[ColumnElement[bool]]:
    """Return `filters` as SQL conditions."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(Invoice.status == filters.status)
    return found


def _list_conditions(filters: InvoiceFilters, _actor: Actor, _now: datetime) -> list[ColumnElement[bool]]:
    return _conditions(filters)


def get_invoice(actor: Actor, invoice_id: UUID) -> Invoice:
    """Return an invoice.

    Raises NotFound.
    """
    return get_row(actor, Invoice, invoice_id, named="invoice")


def list_latest_invoices(actor: Actor, number: int) -> Sequence[Invoice]:
    """Return the latest invoices, newest first."""
    latest = visible(Invoice, actor).order_by(Invoice.created_at.desc(), Invoice.id.desc())
    return db.session.scalars(latest.limit(number)).all()


def month_of(actor: Actor, now: datetime) -> Span:
    """Return the organization's calendar month that contains `now`, the span that a budget covers."""
    return resolve_period(PeriodName.MONTH, now=now, timezone=actor.timezone).span


def costs_by_kind(actor: Actor, span: Span) -> Mapping[str, Decimal]:
    """Return the usage costs in a span of time, in USD; kinds without any are omitted."""
    sums = (
        restrict(select(UsageCost.kind, func.sum(UsageCost.amount).label("amount")), UsageCost, actor)
        .where(UsageCost.occurred_at >= span.start, UsageCost.occurred_at < span.end)
        .group_by(UsageCost.kind)
        .order_by(UsageCost.kind)
    )
    return {row.kind: row.amount for row in db.session.execute(sums)}


def budgets_by_kind(actor: Actor) -> Mapping[str, Budget]:
    """Return the budgets that are set, by kind of usage."""
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


#: The invoices that `actor` can see and that match `filters`.
invoice_list = ListOf(Invoice, _INVOICE_ROW, narrow=_list_conditions, sorts=INVOICE_SORTS)

#: The same invoices with all their values.
invoice_records = ListOf(
    Invoice, _INVOICE_ROW.add_columns(Invoice.updated_at), narrow=_list_conditions, sorts=INVOICE_SORTS
)

_SUBSCRIPTION = select(
    Subscription.id,
    Subscription.plan,
    Subscription.status,
    Subscription.current_period_start,
    Subscription.current_period_end,
    Subscription.scheduled_plan,
    Subscription.scheduled_for,
    Subscription.scheduled_users_to_deactivate.label("users_to_deactivate"),
    Subscription.downgrade_refused_at,
    Subscription.payment_failed_at,
    Subscription.created_at,
    Subscription.updated_at,
    Subscription.version,
    Plan.call_minutes,
    Plan.team_members,
    Plan.phone_numbers,
    Plan.storage_bytes,
).join(Plan, Plan.code == Subscription.plan)


def _not_deleted_conditions() -> list[ColumnElement[bool]]:
    return [Subscription.deleted_at.is_(None)]


#: The subscription of the actor's organization, with the limits of its plan.
subscription_record = ListOf(
    Subscription, _SUBSCRIPTION, narrow=lambda _filters, _actor, _now: _not_deleted_conditions(), sorts=()
)
