"""Context of a transaction: facts such as actor and organization, most of them for the database.

Row-level security reads the organization from it, and the audit trigger reads what an entry records, through
transaction-local settings (see `app.db.session`). Without an organization, no row of any organization is visible.
"""

import json
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
    """The facts about one unit of work; `operation_id` links all audit entries it causes."""

    organization_id: UUID | None = None
    actor_id: UUID | None = None
    actor_label: str = ""
    actor_role: str | None = None
    #: The API key that acts, in which case there is no acting user.
    api_key_id: UUID | None = None
    #: The platform's own organization, if a member of its staff acts inside another organization.
    actor_home_id: UUID | None = None
    #: Their visit there as JSON, if they have entered it: its id and reason, which every entry names.
    visit: str | None = None
    #: The user whose pages the actor views, if not their own.
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
        """The id of the acting user, for references in rows.

        None for platform staff, who are not users of the organization.
        """
        return self.actor_id if self.actor_home_id is None else None

    @property
    def outgoing_correlation_id(self) -> str:
        """The ID by which other services find what belongs together.

        It is that of the request behind this work; work that no request has caused is known by its operation.
        """
        return self.correlation_id or str(self.operation_id)


def visit_json(visit_id: UUID, reason: str | None) -> str:
    """Return a visit of platform staff as JSON for the context."""
    return json.dumps({"id": str(visit_id), "reason": reason})


_current: ContextVar[Context | None] = ContextVar("switchboard_context", default=None)


def current_context() -> Context:
    """Return the context of the current thread; an empty one, which sees no rows, if none was entered."""
    return _current.get() or Context()


@contextmanager
def use_context(context: Context) -> Iterator[Context]:
    """Run the block under `context`.

    A transaction that is already open retains the context it began with, so end it first.
    """
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def update_context(**changes: Any) -> Context:
    """Change facts of the current context, as a request learns them one by one, and return the result."""
    context = replace(current_context(), **changes)
    _current.set(context)
    return context
