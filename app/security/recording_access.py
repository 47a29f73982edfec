"""Access to recordings: one rule for audio, transcript and analysis of a call, wherever they are shown.

An appointment's recording is a call of its own type. People who see that call can hear it only with recordings:read,
within the extent of that permission, and no one can once its recording session is deleted. Every other call can be
heard by everyone who sees it.
"""

from sqlalchemy import ColumnElement, not_, or_, select

from app.models import Call, CallType, RecordingSession
from app.security.actor import Actor
from app.security.permissions import Permission

#: The table, not the model, because deleted sessions, which statements otherwise exclude, are relevant here.
_session = RecordingSession.__table__.alias("session_heard").c


def may_hear_condition(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Call` that its audio, transcript and analysis are accessible to `actor`."""
    not_a_visit = Call.call_type != CallType.VISIT_CALL
    if not actor.may(Permission.RECORDINGS_READ):
        return not_a_visit
    return or_(not_a_visit, not_(_has_closed_recording(actor)))


def _has_closed_recording(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the appointment's recording is deleted or outside the extent of `actor`."""
    closed: ColumnElement[bool] = _session.deleted_at.is_not(None)
    if not actor.sees_all(Permission.RECORDINGS_READ):
        closed = or_(closed, _session.sales_rep_id != actor.user_id)
    of_the_call = (_session.organization_id == actor.organization_id, _session.call_id == Call.id)
    return select(_session.id).where(*of_the_call, closed).correlate(Call).exists()
