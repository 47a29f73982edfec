"""Resources of the parts of a call: its notes, transcript and analysis."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.audit.actions import Action
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.declarations.stored import entered_as, entered_on_page, not_entered, not_returned
from app.models import CallAnalysis, CallNote, CallTranscript
from app.security import own_rows, recording_access
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.calls.person_resource import NOTE_PERSON
from app.work.calls.resource import title_of_call

CALL_NOTE = Resource(
    name="call_note",
    model=CallNote,
    words=Words(
        _l("call note"),
        _l("call notes"),
        lambda n, count: ngettext("%(count)s call note", "%(count)s call notes", n, count=count),
    ),
    icon="message-square",
    title=title_of_call(CallNote),
    scope=Scope((Permission.CALLS_READ,), own_rows.notes, everybody=own_rows.notes_without_coaching),
    person=NOTE_PERSON,
    revert=Revertible(Action.CALL_NOTE_REVERTED, each(Permission.CALLS_UPDATE, "body")),
    stored=(
        not_returned("It only replaces the name of a person who was deleted.", "author_label"),
        not_entered(
            "The path names the call, and the author is whoever writes the note.", "call_id", "user_id", "author_label"
        ),
        entered_as("is_coaching", "kind"),
        entered_on_page("turn", "parent_id"),
        not_entered("Marking coaching as done sets it.", "done_at"),
    ),
)


CALL_TRANSCRIPT = Resource(
    name="call_transcript",
    model=CallTranscript,
    words=Words(_l("transcript"), _l("transcripts")),
    icon="scroll-text",
    title=title_of_call(CallTranscript),
    scope=Scope(
        (Permission.CALLS_READ,), recording_access.transcripts, own_is_free=True, of_key=recording_access.transcripts
    ),
    stored=(
        not_returned("The ID is only needed to ask the provider again.", "shunya_task_id"),
        not_entered(
            "Speech recognition or an imported analysis writes it.",
            "call_id",
            "transcript_text",
            "speaker_labels",
            "language",
            "confidence_score",
            "shunya_task_id",
        ),
    ),
)


CALL_ANALYSIS = Resource(
    name="call_analysis",
    model=CallAnalysis,
    words=Words(_l("call analysis"), _l("call analyses")),
    icon="gauge",
    title=title_of_call(CallAnalysis),
    scope=Scope((Permission.CALLS_READ,), own_rows.of_own_call(CallAnalysis.call_id)),
    stored=(
        not_returned("The ID is only needed to ask the provider again.", "shunya_task_id"),
        not_entered(
            "The analysis or an import of analyses writes it.",
            "call_id",
            "qualification_status",
            "sentiment_score",
            "objections",
            "objection_severity",
            "sop_compliance_score",
            "sop_stages_completed",
            "sop_stages_missed",
            "pending_actions",
            "summary",
            "missed_opportunities",
            "evidence",
            "confidence",
            "shunya_task_id",
            "analysed_at",
            "model",
        ),
    ),
)
