"""What the app tells the audit trail. Changed rows are recorded by the database itself; it is told two more things:
events that change no row, and a better name for a change than `<resource>.updated`.

Tenant, actor and address come from the context of the transaction, so a caller can only speak for itself; so does
whose pages the actor looks at, which stands in the metadata of an event as `viewing_as`.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import bindparam

from app.audit.actions import Action
from app.db.context import current_context
from app.db.transaction import own_transaction
from app.extensions import db


class Row(Protocol):
    """A model instance with the usual id."""

    id: Any


def record_event(
    action: Action,
    resource_type: str,
    resource_id: UUID | None = None,
    metadata: Mapping[str, Any] | None = None,
    session: Session | None = None,
) -> None:
    """Record an event in the current transaction: it stays only if the transaction does.

    `metadata` must be JSON. Needs an organization in the context; in a GET, which cannot write, use `record_apart`.
    """
    _record(session or db.session(), action, resource_type, resource_id, metadata)


def record_apart(
    action: Action, resource_type: str, resource_id: UUID | None = None, metadata: Mapping[str, Any] | None = None
) -> None:
    """Record an event at once in a transaction of its own, for what must stay whatever becomes of the request:
    a refusal, a failed sign-in, a read worth recording.
    """
    with own_transaction() as session:
        _record(session, action, resource_type, resource_id, metadata)


def name_action(
    action: Action,
    row: Row,
    session: Session | None = None,
    *,
    resource_type: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Flush, and have the database record the change of `row` as `action`, with `metadata` where it says more.

        call.booking_status = status
        name_action(Action.CALL_RECLASSIFIED, call)

    At once after the change: any query in between sends it unnamed, which is a ValueError here. `row` is of the
    resource that the action's name begins with, or else of `resource_type`; a new one has been given its id. The name
    holds until the transaction ends or another row is named.
    """
    session = session or db.session()
    if row.id is None or not (row in session.new or session.is_modified(row)):
        raise ValueError(f"{action} names no change: it was flushed before, or the row has no id yet")
    # On the connection, because a statement through the session could flush the change before it has its name.
    name_change(action, resource_type or action.value.partition(".")[0], row.id, session, metadata=metadata)
    session.flush()


def name_change(
    action: Action,
    resource_type: str,
    resource_id: UUID,
    session: Session | None = None,
    *,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Have the database record a change as `action` that a statement is about to make, at once before it."""
    session = session or db.session()
    session.connection().execute(
        select(
            func.set_config("app.action", action.value, True),
            func.set_config("app.action_target", f"{resource_type}:{resource_id}", True),
            func.set_config("app.action_metadata", json.dumps(dict(metadata)) if metadata else "", True),
        )
    )


def _record(
    session: Session, action: Action, resource_type: str, resource_id: UUID | None, metadata: Mapping[str, Any] | None
) -> None:
    viewed = current_context().viewing_as
    seen_as = {"viewing_as": str(viewed)} if viewed else {}
    details = bindparam("details", {**(metadata or {}), **seen_as}, type_=JSONB)
    session.execute(select(func.record_event(action.value, resource_type, resource_id, details)))
