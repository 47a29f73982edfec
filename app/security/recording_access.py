"""Which calls a person may hear: one rule for audio, transcript and analysis, wherever they are shown.

A visit is a recording. Whoever sees the call hears it only with recordings:read, within the reach of that permission,
and nobody does once its recording session is deleted. Every other call is heard by whoever sees it.
"""

from sqlalchemy import ColumnElement, not_, or_, select

from app.models import Call, CallType, RecordingSession
from app.security.actor import Actor
from app.security.permissions import Permission

#: The table, not the model: deleted sessions, which statements otherwise leave out, are what matters here.
_session = RecordingSession.__table__.alias("session_heard").c


def may_hear_condition(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Call` that its audio, transcript and analysis are open to `actor`."""
    not_a_visit = Call.call_type != CallType.VISIT_CALL
    if not actor.may(Permission.RECORDINGS_READ):
        return not_a_visit
    return or_(not_a_visit, not_(_has_closed_recording(actor)))


def _has_closed_recording(actor: Actor) -> ColumnElement[bool]:
    """Whether the visit was recorded, and this recording is deleted or beyond the reach of `actor`."""
    closed: ColumnElement[bool] = _session.deleted_at.is_not(None)
    if not actor.sees_all(Permission.RECORDINGS_READ):
        closed = or_(closed, _session.sales_rep_id != actor.user_id)
    of_the_call = (_session.organization_id == actor.organization_id, _session.call_id == Call.id)
    return select(_session.id).where(*of_the_call, closed).correlate(Call).exists()
