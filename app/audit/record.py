"""Writing to the audit trail.

The database records changed rows itself. The app adds events that change no row, and gives some changes a more specific
action than `<resource>.updated`.

Organization, actor and address come from the context of the transaction, so callers can only record their own actions.
The user being viewed, if any, comes from there as well and is stored in the metadata of events as `viewing_as`.
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
    """A model instance with the primary key `id`."""

    id: Any


def record_event(
    action: Action,
    resource_type: str,
    resource_id: UUID | None = None,
    metadata: Mapping[str, Any] | None = None,
    session: Session | None = None,
) -> None:
    """Record an event in the current transaction: it is stored only if the transaction commits.

    `metadata` must be JSON-serializable. Requires an organization in the context; in a GET request, which cannot write,
    use `record_apart`.
    """
    _record(session or db.session(), action, resource_type, resource_id, metadata)


def record_apart(
    action: Action, resource_type: str, resource_id: UUID | None = None, metadata: Mapping[str, Any] | None = None
) -> None:
    """Record an event immediately in a separate transaction.

    Use it for events that must be stored even if the request fails, such as a refusal or a failed sign-in, and for
    reads that must be recorded.
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
    """Flush, and have the database record the change of `row` as `action` with the optional `metadata`.

        call.booking_status = status
        name_action(Action.CALL_RECLASSIFIED, call)

    Call this immediately after the change: any query in between flushes the change without its name, which raises
    ValueError here. `row` must be of the resource that the action's name begins with, or of `resource_type` if that is
    passed; a new row must have its id already. The name applies until the transaction ends or another row is named.
    """
    session = session or db.session()
    if row.id is None or not (row in session.new or session.is_modified(row)):
        raise ValueError(f"{action} names no change: it was flushed before, or the row has no id yet")
    # Executed on the connection: a statement through the session could flush the change before it is named.
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
    """Have the database record the change made by the next statement as `action`.

    Call it immediately before that statement.
    """
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
