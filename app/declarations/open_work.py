"""Open work of people who leave: how each kind is found, and who can take it over."""

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
    """Kind of work that can be handed over, in the order on pages; the names are used in forms and in errors."""

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
    that applies. `label` is the name of a row, `order` the order in which work is due. `roles` can take it over. With
    `may_be_nobodys` it can be unassigned, with the column values `when_nobodys`; with `may_stay` it remains assigned to
    the person who has left, because it records what they did. With `one_by_one`, rows are changed separately, so that
    each one that the database refuses can be reported. The new assignee is notified by `notice`, with the path
    `link.format(id)` of a row.
    """

    kind: WorkKind
    resource: Resource
    holder: Any
    roles: frozenset[Role]
    is_open: Callable[[datetime], Conditions] | None = None
    ever: Conditions | None = None
    label: Title | None = None
    order: tuple[Any, ...] = ()
    may_be_nobodys: bool = False
    when_nobodys: Mapping[str, Any] = field(default_factory=dict)
    may_stay: bool = False
    one_by_one: bool = False
    notice: Notice | None = None
    link: str = ""

    @property
    def model(self) -> Model:
        """Mapped class, a subclass of Versioned."""
        return self.resource.model

    def to_settle(self, now: datetime, *, for_good: bool = False) -> Conditions | None:
        """Return the conditions for rows that a person who leaves must hand over; None if there are none."""
        return self.ever if for_good and self.ever is not None else self.is_open(now) if self.is_open else None

    def held_by(self, user_id: UUID | Collection[UUID], now: datetime, *, for_good: bool = False) -> Conditions | None:
        """Return the conditions for rows assigned to the user(s) that must be handed over; None if there are none."""
        wanted = self.to_settle(now, for_good=for_good)
        if wanted is None:
            return None
        is_live = (self.model.deleted_at.is_(None),) if hasattr(self.model, "deleted_at") else ()
        is_theirs = self.holder == user_id if isinstance(user_id, UUID) else self.holder.in_(user_id)
        return (is_theirs, *wanted, *is_live)


def roles_with(permission: Permission) -> frozenset[Role]:
    """Return the roles that have a permission."""
    return frozenset(role for role in Role if permission in permissions_of(role))
