"""Deletion, restoring and purging of recordings."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import delete

from app.declarations.deletable import Deletable
from app.extensions import db
from app.models import Appointment, Call, CallAnalysis, CallTranscript, RecordingSession
from app.ops.jobs.queue import enqueue
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.trust.trash.file_jobs import remove_file
from app.trust.trash.kinds import find_even_deleted
from app.work.appointments.resource import APPOINTMENT
from app.work.appointments.trash import label_of_appointment
from app.work.recordings.resource import RECORDING_SESSION


def _label(recording: RecordingSession) -> str:
    """Return the label of the recording's appointment."""
    appointment = find_even_deleted(Appointment, recording.organization_id, recording.appointment_id)
    return label_of_appointment(appointment) if appointment else _("Unknown")


def _purge_what_was_heard(recordings: Iterable[RecordingSession]) -> None:
    """Delete the transcripts and analyses of the recordings' calls, and the files after the commit."""
    heard = unscoped(Call, why="purging a recording deletes its transcript and analysis as well")
    for recording in recordings:
        call = db.session.get(heard, (recording.organization_id, recording.call_id)) if recording.call_id else None
        for key in {recording.storage_key, call.audio_url if call else None} - {None}:
            enqueue(remove_file, key=key)
        if call is None:
            continue
        call.audio_url = None
        for model in (CallTranscript, CallAnalysis):
            of_the_call = (model.organization_id == call.organization_id, model.call_id == call.id)
            db.session.execute(delete(model).where(*of_the_call))


RECORDING_DELETION = Deletable(
    resource=RECORDING_SESSION,
    label=_label,
    permission=Permission.RECORDINGS_DELETE,
    optional_parents={"appointment_id": APPOINTMENT.name},
    purging=_purge_what_was_heard,
)
