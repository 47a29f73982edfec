"""Entries in the trail for the number of refused requests, once their hour has ended."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from app.audit.actions import Action
from app.audit.record import record_event
from app.db.context import Context, Source, current_context
from app.db.session import organization_scope
from app.extensions import db
from app.models import AuditLog, RefusedRequest
from app.security.scope import unscoped

_DAY = timedelta(days=1)
#: Details that the app adds; the database adds those of keys and visits, which no one can claim.
_DETAILS = frozenset({"permission", "method", "route", "viewing_as"})


def record_refusals(now: datetime) -> None:
    """Record how many requests were refused in past hours: an entry for each caller, route and hour with several.

    The entry is the caller's own and has the details of the first one. It is committed together with the deletion of
    its count, so a repetition records only what is missing.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    past = unscoped(select(RefusedRequest), why="a job records the refusals of all callers").where(
        RefusedRequest.organization_id == current_context().organization_id, RefusedRequest.hour < hour
    )
    oldest = past.order_by(RefusedRequest.hour, RefusedRequest.id).limit(1)
    while (row := db.session.scalar(oldest)) is not None:
        row_id, first = row.id, _first_entry(row)
        with organization_scope(_context_of(first), db.session):
            locked = db.session.scalar(past.where(RefusedRequest.id == row_id).with_for_update())
            if locked is not None:  # another run can have recorded it since
                if locked.requests > 1:
                    record_event(Action.PERMISSION_REFUSED, "permission", metadata=_facts(locked, first))
                db.session.delete(locked)
            db.session.commit()


def _first_entry(row: RefusedRequest) -> AuditLog | None:
    """Return the entry of the hour's first refusal; None if its month was removed from the trail since."""
    first = (
        select(AuditLog)
        .where(AuditLog.organization_id == current_context().organization_id, AuditLog.id == row.entry_id)
        # The hour is the app's, and the time of the entry the database's.
        .where(AuditLog.created_at.between(row.hour - _DAY, row.hour + _DAY))
    )
    return db.session.scalar(first)


def _context_of(first: AuditLog | None) -> Context:
    """Return the context of the refused request, without the request itself."""
    organization_id = current_context().organization_id
    if first is None:
        return Context(organization_id)
    visit = first.details.get("visit")
    return Context(
        organization_id,
        actor_id=first.user_id,
        api_key_id=first.details.get("apiKeyId"),
        actor_label=first.actor_label,
        actor_role=first.actor_role,
        visit=json.dumps(visit) if visit else None,
        source=cast(Source, first.source),
        ip_address=first.ip_address,
    )


def _facts(row: RefusedRequest, first: AuditLog | None) -> Mapping[str, Any]:
    """Return the details of the entry with the number; without the first entry, they name the caller."""
    counted = {"count": row.requests, "hour": row.hour.isoformat()}
    if first is None:
        method, _space, route = row.route.partition(" ")
        return {**counted, "method": method, "route": route, "caller": str(row.caller_id)}
    return {**counted, **{name: value for name, value in first.details.items() if name in _DETAILS}}
