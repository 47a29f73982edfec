"""Resources of the parts of a call: its notes, transcript and analysis."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.audit.actions import Action
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
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
)


CALL_ANALYSIS = Resource(
    name="call_analysis",
    model=CallAnalysis,
    words=Words(_l("call analysis"), _l("call analyses")),
    icon="gauge",
    title=title_of_call(CallAnalysis),
    scope=Scope((Permission.CALLS_READ,), own_rows.of_own_call(CallAnalysis.call_id)),
)
