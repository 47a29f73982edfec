"""Access to recordings: one rule for audio, transcript and analysis of a call, wherever they are shown.

An appointment's recording is a call of its own type. People who see that call can hear it only with recordings:read,
within the extent of that permission, and no one can once its recording session is deleted. Every other call can be
heard by everyone who sees it.

The queue of missed calls is shared work. Everyone who reads it can hear what callers left there: the audio and the
transcript of missed calls and voicemails of its entries, even of calls that they don't see, and nothing else of those.
"""

from sqlalchemy import ColumnElement, and_, false, not_, or_, select

from app.db.conditions import is_any_of
from app.models import Call, CallStatus, CallTranscript, CallType, Direction, MissedCallEntry, RecordingSession
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import restrict, sees_all_rows, unscoped, within

#: The table, not the model, because deleted sessions, which statements otherwise exclude, are relevant here.
_session = RecordingSession.__table__.alias("session_heard").c

#: A call of the queue was never answered, unlike callbacks and other calls that belong to an entry.
_UNANSWERED = (
    Call.direction == Direction.INBOUND,
    Call.call_type != CallType.VISIT_CALL,
    is_any_of(Call.status, (CallStatus.MISSED, CallStatus.VOICEMAIL)),
)


def may_hear_condition(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Call`, for calls that `actor` sees, that audio, transcript and analysis are accessible.

    For calls of the queue that they don't see, see `is_heard`.
    """
    not_a_visit = Call.call_type != CallType.VISIT_CALL
    if not actor.may(Permission.RECORDINGS_READ):
        return not_a_visit
    return or_(not_a_visit, not_(_has_closed_recording(actor)))


def is_heard(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Call` that its audio is accessible to `actor`, whether or not they see the call."""
    seen = and_(*within(Call, actor), may_hear_condition(actor))
    if sees_all_rows(Call, actor):
        return seen
    return or_(seen, and_(Call.organization_id == actor.organization_id, is_in_queue(actor)))


def is_in_queue(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Call` that it is a missed call or voicemail of an entry that `actor` reads."""
    if not actor.may(Permission.MISSED_CALLS_READ):
        return false()
    entries = restrict(select(MissedCallEntry.id), MissedCallEntry, actor).where(is_of_entry())
    return entries.correlate(Call).exists()


def is_of_entry() -> ColumnElement[bool]:
    """Return the condition that `Call` is a missed call or voicemail of `MissedCallEntry`: its first or a later one."""
    return and_(*_UNANSWERED, or_(Call.id == MissedCallEntry.call_id, Call.missed_entry_id == MissedCallEntry.id))


def transcripts(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for transcripts of the actor's own calls, and of the calls in the queue that they read."""
    if not actor.may(Permission.CALLS_READ) and not actor.may(Permission.MISSED_CALLS_READ):
        return false()
    own = own_rows.calls(actor) if actor.may(Permission.CALLS_READ) else false()
    calls = unscoped(select(Call.id), why="filters transcripts; no call is returned").where(
        Call.organization_id == actor.organization_id,
        Call.id == CallTranscript.call_id,
        or_(own, is_in_queue(actor)),
    )
    return calls.correlate(CallTranscript).exists()


def _has_closed_recording(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the appointment's recording is deleted or outside the extent of `actor`."""
    closed: ColumnElement[bool] = _session.deleted_at.is_not(None)
    if not actor.sees_all(Permission.RECORDINGS_READ):
        closed = or_(closed, _session.sales_rep_id != actor.user_id)
    of_the_call = (_session.organization_id == actor.organization_id, _session.call_id == Call.id)
    return select(_session.id).where(*of_the_call, closed).correlate(Call).exists()
