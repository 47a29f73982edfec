"""Work that somebody can leave behind: how each kind is found, and who can take it over."""

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
    """What can be handed over, in the order in which pages show it. The names stand in forms and in refusals."""

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
    """One kind: rows of a resource whose `holder` names the person, where `is_open` holds now.

    `ever` is what of it somebody who goes for good must not leave behind; without `is_open` it is only that. `label` is
    what people call a row, `order` that in which it is due. `roles` can take it over. With `may_be_nobodys` it can
    wait for somebody, with `when_nobodys` as the values of its columns; with `may_stay` it stays in the name of who has
    left, for it says what they did. `one_by_one` where the database may refuse a row, so that every refusal can be
    told. Whoever takes it over is told by `notice`, with the path of a row, `link.format(id)`.
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
        """A mapped class that is Versioned."""
        return self.resource.model

    def to_settle(self, now: datetime, *, for_good: bool = False) -> Conditions | None:
        """What makes a row work that somebody who goes must not leave behind; None where nothing does."""
        return self.ever if for_good and self.ever is not None else self.is_open(now) if self.is_open else None

    def held_by(self, user_id: UUID | Collection[UUID], now: datetime, *, for_good: bool = False) -> Conditions | None:
        """That a row is theirs (or of one of them), and has to be somebody's after them; None where none has."""
        wanted = self.to_settle(now, for_good=for_good)
        if wanted is None:
            return None
        is_live = (self.model.deleted_at.is_(None),) if hasattr(self.model, "deleted_at") else ()
        is_theirs = self.holder == user_id if isinstance(user_id, UUID) else self.holder.in_(user_id)
        return (is_theirs, *wanted, *is_live)


def roles_with(permission: Permission) -> frozenset[Role]:
    """The roles that have a permission."""
    return frozenset(role for role in Role if permission in permissions_of(role))
