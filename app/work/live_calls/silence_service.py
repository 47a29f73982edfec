"""Active calls of which the provider reports nothing anymore."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.models import Call, CallStatus
from app.security.rows import held
from app.security.scope import unscoped

#: Time without an event after which an active call counts as failed.
SILENCE = timedelta(hours=1)
_MAX_CALLS = 1_000


def fail_silent_calls(organization_id: UUID, now: datetime) -> Sequence[Call]:
    """Mark the active calls of providers without news as failed, up to _MAX_CALLS, and return them.

    A later event can still say how such a call went.
    """
    active = unscoped(select(Call), why="the job ends the calls of all people").where(
        Call.organization_id == organization_id,
        Call.status == CallStatus.ACTIVE,
        Call.callrail_call_id.is_not(None),
        Call.started_at <= now - SILENCE,
        Call.updated_at <= now - SILENCE,
    )
    calls = db.session.scalars(held(active.order_by(Call.started_at, Call.id).limit(_MAX_CALLS))).all()
    for call in calls:
        call.status = CallStatus.FAILED
    db.session.flush()
    return calls
