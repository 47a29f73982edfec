"""What can be done to many rows at once: of each action the rows it is for, who may, and what it does to one row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func

from app.audit.actions import Action
from app.bulk.verdicts import Verdict
from app.calls import bulk as calls
from app.calls.filters import CallFilters
from app.db.filters import Filters
from app.extensions import db
from app.models import BulkAction, Call
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Target:
    """The rows of a list that can be changed. `resource` is what the audit trail calls one of them.

    `rows` selects the chosen ones, or all that the filters keep, as they were here at a moment.
    """

    resource: str
    endpoint: str
    model: type[Any]
    filters: type[Filters]
    rows: Callable[[Actor, Any, Sequence[UUID] | None, datetime], Select[Any]]

    def count(self, actor: Actor, filters: Filters, ids: Sequence[UUID] | None, until: datetime) -> int:
        """How many there are."""
        found = self.rows(actor, filters, ids, until).with_only_columns(func.count())
        return db.session.scalar(found) or 0


@dataclass(frozen=True, slots=True)
class Change:
    """One action. `columns` are what it may change, `name` how the trail calls that if not just "updated"."""

    target: Target
    permission: Permission
    columns: tuple[str, ...]
    apply: Callable[[Actor, Any, Mapping[str, Any]], Verdict]
    name: Action | None = None


CALLS = Target("call", "calls.index", Call, CallFilters, calls.calls_to_change)

CHANGES: Mapping[BulkAction, Change] = {
    BulkAction.ASSIGN_CSR: Change(CALLS, Permission.CALLS_ASSIGN, ("csr_id",), calls.assign_csr),
    BulkAction.SET_OUTCOME: Change(CALLS, Permission.CALLS_UPDATE, ("outcome",), calls.set_outcome),
    BulkAction.SET_BOOKING_STATUS: Change(
        CALLS,
        Permission.CALLS_RECLASSIFY,
        ("booking_status", "booking_status_reason", "booking_status_source"),
        calls.set_booking_status,
        Action.CALL_RECLASSIFIED,
    ),
}


def actions_of(actor: Actor) -> list[BulkAction]:
    """The actions that `actor` may take; none for a guest of the organization, for whom no operation is kept."""
    if actor.reference_id is None:
        return []
    return [action for action, change in CHANGES.items() if actor.may(change.permission)]
