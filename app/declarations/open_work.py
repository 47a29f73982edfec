"""Open work of people who leave: how each kind is found, and who can be assigned to it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.notice import Notice
from app.declarations.resource import Model, Resource, Title
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role

Conditions: TypeAlias = tuple[ColumnElement[bool], ...]


class WorkKind(StrEnum):
    """A kind of work that can be reassigned, in the order on pages; the values appear in forms and errors."""

    VISITS = "visits"
    BOOKINGS = "bookings"
    CLAIMS = "claims"
    LEADS = "leads"
    CREDITED_LEADS = "credited_leads"
    TASKS = "tasks"
    ACTIONS = "actions"
    EVENTS = "events"
    RECORDINGS = "recordings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of work: rows of a resource that are assigned in `holder` and for which `is_open` holds now.

    `ever` is the condition for rows that a person who leaves permanently must not leave behind; without `is_open`, only
    that applies. `label` is the name of a row, `order` the order in which work is due. People with one of the `roles`
    can be assigned to it. With `can_be_unassigned` it can be unassigned, with the column values `when_unassigned`; with
    `can_stay` it remains assigned to the person who has left, because it records what they did. With `one_by_one`, rows
    are changed separately, so that each one that the database refuses can be reported. The new assignee is notified by
    `notice`, with the path `link.format(id)` of a row.
    """

    kind: WorkKind
    resource: Resource
    holder: Any
    roles: frozenset[Role]
    is_open: Callable[[datetime], Conditions] | None = None
    ever: Conditions | None = None
    label: Title | None = None
    order: tuple[Any, ...] = ()
    can_be_unassigned: bool = False
    when_unassigned: Mapping[str, Any] = field(default_factory=dict)
    can_stay: bool = False
    one_by_one: bool = False
    notice: Notice | None = None
    link: str = ""

    @property
    def model(self) -> Model:
        """The mapped class of the rows, a subclass of Versioned."""
        return self.resource.model

    def to_settle(self, now: datetime, *, for_good: bool = False) -> Conditions | None:
        """Return the conditions for rows that must be reassigned when a person leaves; None if no rows must.

        `for_good` is for a person who leaves permanently.
        """
        return self.ever if for_good and self.ever is not None else self.is_open(now) if self.is_open else None

    def held_by(self, user_id: UUID | Collection[UUID], now: datetime, *, for_good: bool = False) -> Conditions | None:
        """Return the conditions for rows assigned to the user(s) that must be reassigned, or None.

        `for_good` is for people who leave permanently.
        """
        wanted = self.to_settle(now, for_good=for_good)
        if wanted is None:
            return None
        is_live = (self.model.deleted_at.is_(None),) if hasattr(self.model, "deleted_at") else ()
        is_theirs = self.holder == user_id if isinstance(user_id, UUID) else self.holder.in_(user_id)
        return (is_theirs, *wanted, *is_live)


def roles_with(permission: Permission) -> frozenset[Role]:
    """Return the roles that have a permission."""
    return frozenset(role for role in Role if permission in permissions_of(role))
