"""The JSON API of calls, with their notes, transcripts and analyses."""

from app.declarations.api import Action, Api, Outside, Parent, Write, sample_id
from app.declarations.entered_fields import input_with, record_with, records_with, sent_values
from app.errors import Conflict, OutOfRange, StorageUnavailable
from app.models import CallAnalysis, CallNote, CallTranscript
from app.security.permissions import Permission
from app.security.recording_access import is_in_queue
from app.trust.trash.delete_service import delete
from app.work.calls import service
from app.work.calls.audio_operations import play_call
from app.work.calls.part_resource import CALL_ANALYSIS, CALL_NOTE, CALL_TRANSCRIPT
from app.work.calls.record_queries import analysis_records, call_records, note_records, transcript_records
from app.work.calls.resource import CALL
from app.work.calls.schemas import (
    AnalysisRecord,
    BookingStatusInput,
    CallRecord,
    CreditInput,
    NewNoteInput,
    NoteInput,
    NoteRecord,
    OutcomeInput,
    TranscriptRecord,
)

CALLS = Api(
    CALL,
    path="calls",
    key="call",
    records=records_with(CALL, call_records),
    record=record_with(CALL, CallRecord),
    read=Permission.CALLS_READ,
    actions=(
        Action(
            Permission.CALLS_RECLASSIFY,
            lambda actor, call_id, given, version: service.set_booking_status(
                actor, call_id, given.booking_status, reason=given.reason, version=version
            ),
            BookingStatusInput,
            {"bookingStatus": "not_booked", "reason": "They want to compare offers first."},
            verb="booking-status",
            does="set",
            takes_version=True,
            errors=(Conflict,),
        ),
        Action(
            Permission.CALLS_UPDATE,
            lambda actor, call_id, body, version: service.set_outcome(
                actor, call_id, body.outcome, entered=sent_values(CALL, body), version=version
            ),
            input_with(CALL, OutcomeInput),
            {"outcome": "follow_up"},
            verb="outcome",
            does="set",
            takes_version=True,
        ),
        Action(
            Permission.CALLS_ASSIGN,
            lambda actor, call_id, given: service.assign_csr(actor, call_id, given.csr_id),
            CreditInput,
            {"csrId": sample_id("user", "csr")},
            verb="assign",
            errors=(Conflict,),
        ),
    ),
)

NOTES = Api(
    CALL_NOTE,
    path="notes",
    key="note",
    parent=Parent(CALLS, CallNote.call_id),
    records=note_records,
    record=NoteRecord,
    read=Permission.CALLS_READ,
    create=Write(
        Permission.CALLS_UPDATE,
        lambda actor, call_id, note_id, given: service.add_note(
            actor, call_id, note_id, given.body, is_coaching=given.is_coaching
        ),
        NewNoteInput,
        {"body": "Asked to be called back in the afternoon."},
    ),
    change=Write(
        Permission.CALLS_UPDATE,
        lambda actor, note_id, given, version: service.edit_note(actor, note_id, given.body, version=version),
        NoteInput,
        {"body": "Asked to be called back tomorrow."},
    ),
    delete=Write(Permission.CALLS_UPDATE, lambda actor, note_id: delete(actor, "call_note", [note_id])),
)

TRANSCRIPTS = Api(
    CALL_TRANSCRIPT,
    path="transcript",
    key="transcript",
    parent=Parent(CALLS, CallTranscript.call_id, besides=is_in_queue),
    records=transcript_records,
    record=TranscriptRecord,
    read=Permission.CALLS_READ,
    also_read=(Permission.MISSED_CALLS_READ,),
    has_list=False,
)

ANALYSES = Api(
    CALL_ANALYSIS,
    path="analysis",
    key="analysis",
    parent=Parent(CALLS, CallAnalysis.call_id),
    records=analysis_records,
    record=AnalysisRecord,
    read=Permission.CALLS_READ,
    has_list=False,
)

AUDIO = Outside(
    play_call,
    name="getCallAudio",
    method="GET",
    path="calls/{call_id}/audio",
    summary="Get the recording of a call, whole or a range of it",
    reason="it streams sound, in ranges",
    permissions=(Permission.CALLS_READ, Permission.MISSED_CALLS_READ),
    gives={200: ("audio/*",), 206: ("audio/*",), 302: ()},
    errors=(OutOfRange, StorageUnavailable),
)

API = (
    CALLS,
    NOTES,
    TRANSCRIPTS,
    ANALYSES,
    AUDIO,
)
