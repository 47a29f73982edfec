"""What the page of one call shows: the call, its conversation, its timeline, and the forms that this person may use."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.errors import Sentence
from app.lists.facts import Fact, facts_of
from app.models import BookingDispute, DisputeStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.forms import Form
from app.work.calls import coaching_rules, rules
from app.work.calls.conversation_rules import Conversation, read_conversation
from app.work.calls.detail_queries import CallDetail, recording_key
from app.work.calls.evidence_rules import read_findings
from app.work.calls.forms import BookingStatusForm, NoteForm, OutcomeForm
from app.work.calls.resource import CALL
from app.work.calls.timeline_page import Moment, moments_of

_LABELS = CALL.labels


@dataclass(frozen=True, slots=True)
class CallForms:
    """The forms of the page. None: not for this person.

    `may_classify` is False where the booking status is set and somebody else's to change.
    """

    outcome: OutcomeForm | None
    booking: BookingStatusForm | None
    note: NoteForm | None
    may_classify: bool
    may_dispute: bool
    may_coach: bool


@dataclass(frozen=True, slots=True)
class CallPage:
    """Everything that the templates of one call get."""

    detail: CallDetail
    facts: Sequence[Fact]
    conversation: Conversation
    moments: Sequence[Moment]
    forms: CallForms
    #: The ids of the notes that this person may delete.
    own_notes: frozenset[UUID]

    @property
    def labels(self) -> Mapping[str, Sentence]:
        """What the call's fields are called."""
        return _LABELS

    @property
    def coached(self) -> Mapping[int, int]:
        """How many coaching notes that this person may see stand at each turn."""
        return Counter(note.turn for note, *_ in self.detail.notes if note.turn is not None)

    @property
    def open_dispute(self) -> BookingDispute | None:
        """The one that waits to be decided."""
        return next((one for one in self.detail.disputes if one.status == DisputeStatus.OPEN), None)

    @property
    def has_recording(self) -> bool:
        """Whether there is a recording that may be heard."""
        return self.detail.may_hear and recording_key(self.detail.call) is not None

    @property
    def length(self) -> float:
        """Of the recording, in seconds: the talk, or what was written down of it if that is longer."""
        ends = (end for _start, end, _ours in self.conversation.speech)
        return max(self.detail.call.duration_seconds or 0, *ends, 0)


def call_page(actor: Actor, detail: CallDetail, submitted: Form | None = None) -> CallPage:
    """The page as `actor` sees it; `submitted` is a form that came back with errors and stands in its place."""
    own_notes = frozenset(note.id for note, *_ in detail.notes if rules.may_change_note(note.user_id, actor))
    return CallPage(
        detail=detail,
        facts=facts_of(CALL, detail.call),
        conversation=_conversation(detail),
        moments=moments_of(detail),
        forms=_forms(actor, detail, submitted),
        own_notes=own_notes,
    )


def _conversation(detail: CallDetail) -> Conversation:
    analysis, transcript = detail.analysis, detail.transcript
    findings = read_findings(analysis.evidence, analysis.objections, analysis.missed_opportunities) if analysis else []
    labels, text = (transcript.speaker_labels, transcript.transcript_text) if transcript else ([], "")
    return read_conversation(labels, text, findings)


def _forms(actor: Actor, detail: CallDetail, submitted: Form | None) -> CallForms:
    call = detail.call
    may_update = rules.may_change(call, actor, Permission.CALLS_UPDATE)
    may_reclassify = rules.may_change(call, actor, Permission.CALLS_RECLASSIFY)
    outcome, booking, note = (
        submitted if isinstance(submitted, kind) else None for kind in (OutcomeForm, BookingStatusForm, NoteForm)
    )
    return CallForms(
        outcome=(outcome or OutcomeForm.of(call)) if may_update else None,
        booking=(booking or BookingStatusForm.of(call)) if may_reclassify else None,
        note=(note or NoteForm.new()) if may_update else None,
        may_classify=rules.may_classify(call, actor),
        may_dispute=rules.may_dispute(call, actor),
        may_coach=coaching_rules.may_coach(actor),
    )
