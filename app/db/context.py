"""Who acts, for which organization, from where: the facts every transaction carries into the database.

Row-level security reads the organization from here and the audit trigger everything else, by way of
transaction-local settings (see `app.db.session`). Without an organization no tenant row is visible.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from app.db.ids import uuid7

Source = Literal["user", "system", "external"]


@dataclass(frozen=True, slots=True)
class Context:
    """The facts of one unit of work; `operation_id` ties together all audit rows it causes."""

    organization_id: UUID | None = None
    actor_id: UUID | None = None
    actor_label: str = ""
    actor_role: str | None = None
    #: The platform's own organization, when one of its people acts inside another.
    actor_home_id: UUID | None = None
    #: Whose pages the actor looks at, when they are not their own.
    viewing_as: UUID | None = None
    source: Source = "system"
    ip_address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    operation_id: UUID = field(default_factory=uuid7)
    read_only: bool = False

    @property
    def reference_id(self) -> UUID | None:
        """Whom rows name as the one who acted: None for the platform's people, who are no users of the organization."""
        return self.actor_id if self.actor_home_id is None else None


_current: ContextVar[Context | None] = ContextVar("switchboard_context", default=None)


def current_context() -> Context:
    """The context of this thread of work; an empty one, which sees nothing, when none was entered."""
    return _current.get() or Context()


@contextmanager
def use_context(context: Context) -> Iterator[Context]:
    """Work under `context`. A transaction already open keeps the context it began with: end it first."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def update_context(**changes: Any) -> Context:
    """Change facts of the current context (the request edge learns them one by one)."""
    context = replace(current_context(), **changes)
    _current.set(context)
    return context
