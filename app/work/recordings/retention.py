"""Retention of recordings, and what is removed with them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from app.db.session import INCLUDE_DELETED
from app.declarations.retained import Child, Retained
from app.extensions import db
from app.models import Call, RecordingSession, RecordingStatus
from app.security.scope import unscoped
from app.trust.retention.sweep_service import remove_children, remove_files
from app.work.recordings.resource import RECORDING_SESSION

_WHAT_WAS_SAID = (Child("call_transcript", "call_id"), Child("call_analysis", "call_id"))


def _remove_what_was_heard(organization_id: UUID, recordings: Sequence[UUID]) -> None:
    """Remove the audio, transcripts and analyses of the recordings' calls.

    The calls themselves remain, with their times.
    """
    named = unscoped(
        select(RecordingSession.call_id).where(
            RecordingSession.organization_id == organization_id,
            RecordingSession.id.in_(recordings),
            RecordingSession.call_id.is_not(None),
        ),
        why="the retention sweep covers all rows of the organization",
    )
    calls = db.session.scalars(named.execution_options(**{INCLUDE_DELETED: True})).all()
    theirs = (Call.organization_id == organization_id, Call.id.in_(calls))
    heard = unscoped(
        select(Call.audio_url).where(*theirs, Call.audio_url.is_not(None)),
        why="the retention sweep covers all rows of the organization",
    )
    remove_files(db.session.execute(heard).all(), ("audio_url",))
    db.session.execute(update(Call).where(*theirs).values(audio_url=None).execution_options(synchronize_session=False))
    remove_children(organization_id, _WHAT_WAS_SAID, [call for call in calls if call is not None])


RECORDINGS = Retained(
    kind="recordings",
    resource=RECORDING_SESSION,
    may_go=lambda _before: (RecordingSession.status != RecordingStatus.RECORDING,),
    files=("storage_key",),
    children=(Child("recording_part", "session_id"),),
    removing=_remove_what_was_heard,
)
