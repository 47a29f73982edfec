"""Records and inputs of subscriptions and invoices in the JSON API."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Ids, OneOf
from app.declarations.record import Record, Timestamp
from app.models import InvoiceStatus, PlanCode, SubscriptionStatus
from app.people.users.takeover_schemas import TakeoverInput

_MAX_USERS = 1_000


class SubscriptionRecord(Record):
    """The subscription of an organization, the limits of its plan, and the downgrade that is scheduled.

    `users_to_deactivate` lose their seats when the downgrade starts; `downgrade_refused_at` is set if it could not.
    """

    id: UUID
    plan: PlanCode
    status: SubscriptionStatus
    current_period_start: Timestamp
    current_period_end: Timestamp
    call_minutes: int
    team_members: int
    phone_numbers: int
    storage_bytes: int
    scheduled_plan: PlanCode | None
    scheduled_for: Timestamp | None
    users_to_deactivate: list[UUID]
    downgrade_refused_at: Timestamp | None
    payment_failed_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class PlanInput(TakeoverInput):
    """The plan to change to; for a smaller one also the people who lose their seats, and who takes over their work."""

    plan: OneOf[PlanCode]
    users: Annotated[Ids, Field(alias="usersToDeactivate", max_length=_MAX_USERS)] = ()


class InvoiceRecord(Record):
    """An amount for a period."""

    id: UUID
    number: str
    amount: Decimal
    currency: str
    status: InvoiceStatus
    period_start: Timestamp
    period_end: Timestamp
    issued_at: Timestamp
    paid_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
