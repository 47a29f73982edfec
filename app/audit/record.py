"""Writing to the audit trail.

The database records changed rows itself. The app adds events that change no row, and gives some changes a more specific
action than `<resource>.updated`.

Organization, actor and address come from the context of the transaction, so callers can only record their own actions.
The user being viewed, if any, comes from there as well and is stored in the metadata of events as `viewing_as`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, Uuid, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import BindParameter, bindparam

from app.audit.actions import Action
from app.db.context import current_context
from app.db.ids import uuid7
from app.db.transaction import own_transaction
from app.errors import RateLimited
from app.extensions import db
from app.security.encryption import keyed_hash

#: More than anyone opens by hand: entries of 2.3 kB add up to 1.4 MB an hour.
READS_AN_HOUR = 600

_TOO_MANY_READS = _l(
    "You’ve made %(most)d views, searches and downloads that the audit trail records within an hour. Try again later.",
    most=READS_AN_HOUR,
)


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

    `metadata` must be JSON-serializable. Requires an organization in the context. For a request that changes nothing,
    use `record_read` or `record_apart`.
    """
    _record(session or db.session(), action, resource_type, resource_id, metadata)


def record_events(
    action: Action, resource_type: str, resource_ids: Sequence[UUID], metadata: Mapping[str, Any] | None = None
) -> None:
    """Record the same event of several records, like `record_event`, in one statement."""
    if resource_ids:
        ids = func.unnest(literal(list(resource_ids), ARRAY(Uuid())))
        db.session.execute(select(func.record_event(action.value, resource_type, ids, _details(metadata))))


def record_read(
    action: Action,
    resource_type: str,
    resource_id: UUID | None = None,
    metadata: Mapping[str, Any] | None = None,
    session: Session | None = None,
) -> None:
    """Record an event of a request that changes nothing, in the current transaction.

    Since nobody can delete an entry, a caller adds at most READS_AN_HOUR in an hour. Raises RateLimited after that.
    """
    context = current_context()
    # A name that injected SQL can't guess, so it can't use up the reads of others.
    counter = keyed_hash(f"{context.organization_id}:{context.actor_id or context.api_key_id}", "recorded reads").hex()
    recorded = func.record_read(action.value, resource_type, resource_id, _details(metadata), counter, READS_AN_HOUR)
    ends_at: datetime | None = (session or db.session()).scalar(select(recorded))
    if ends_at is not None:
        seconds = max(1, math.ceil((ends_at - datetime.now(UTC)).total_seconds()))
        reset = math.ceil(ends_at.timestamp())
        raise RateLimited(retry_after=seconds, limit=READS_AN_HOUR, remaining=0, reset=reset, message=_TOO_MANY_READS)


def record_apart(
    action: Action, resource_type: str, resource_id: UUID | None = None, metadata: Mapping[str, Any] | None = None
) -> None:
    """Record a read as `record_read` does, but immediately in a separate transaction; for GET, which can't write."""
    with own_transaction() as session:
        record_read(action, resource_type, resource_id, metadata, session)


def record_refusal(permission: str | None, method: str, route: str | None, now: datetime) -> None:
    """Count a request that was refused for lack of `permission`, and record the first of its caller, route and hour.

    After the hour's end, a job records their number. Recorded immediately, in a separate transaction.
    """
    context = current_context()
    details = _details({"permission": permission, "method": method, "route": route})
    hour = now.replace(minute=0, second=0, microsecond=0)
    caller = context.actor_id or context.api_key_id
    with own_transaction() as session:
        session.execute(
            select(
                func.record_refusal(
                    context.organization_id, uuid7(), caller, f"{method} {route or '–'}"[:300], hour, details
                )
            )
        )


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
    session.execute(select(func.record_event(action.value, resource_type, resource_id, _details(metadata))))


def _details(metadata: Mapping[str, Any] | None) -> BindParameter[Any]:
    viewed = current_context().viewing_as
    seen_as = {"viewing_as": str(viewed)} if viewed else {}
    return bindparam("details", {**(metadata or {}), **seen_as}, type_=JSONB)
