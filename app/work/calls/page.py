"""Content of a call's page: the call, its conversation, its timeline, and the forms available to the user."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.errors import LazyText
from app.lists.facts import Fact, facts_of
from app.models import BookingStatus, DisputeStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.forms import Form
from app.work.calls import coaching_rules, rules
from app.work.calls.conversation_rules import Conversation, read_conversation
from app.work.calls.detail_queries import CallDetail, DisputeRow, recording_key
from app.work.calls.evidence_rules import read_findings
from app.work.calls.forms import BookingStatusForm, NoteForm, OutcomeForm
from app.work.calls.resource import CALL
from app.work.calls.timeline_page import Moment, moments_of

_LABELS = CALL.labels


@dataclass(frozen=True, slots=True)
class CallForms:
    """Forms of the page, each None if the user can't use it.

    `may_classify` is False if the booking status is set and the user can't change it.
    """

    outcome: OutcomeForm | None
    booking: BookingStatusForm | None
    note: NoteForm | None
    may_classify: bool
    may_dispute: bool
    may_dispute_booker: bool
    may_coach: bool


@dataclass(frozen=True, slots=True)
class CallPage:
    """Values for the templates of one call."""

    detail: CallDetail
    facts: Sequence[Fact]
    conversation: Conversation
    moments: Sequence[Moment]
    forms: CallForms
    #: IDs of the notes that the user can delete.
    own_notes: frozenset[UUID]

    @property
    def labels(self) -> Mapping[str, LazyText]:
        """Labels of the call's fields."""
        return _LABELS

    @property
    def coached(self) -> Mapping[int, int]:
        """Number of visible coaching notes at each turn."""
        return Counter(note.turn for note in self.detail.notes if note.turn is not None)

    @property
    def open_dispute(self) -> DisputeRow | None:
        """The dispute that is waiting for a decision, if any."""
        return next((one for one in self.detail.disputes if one.status == DisputeStatus.OPEN), None)

    @property
    def has_recording(self) -> bool:
        """True if there is a recording that the user can listen to."""
        return self.detail.may_hear and recording_key(self.detail.call) is not None

    @property
    def length(self) -> float:
        """Length of the recording in seconds: the talk time, or the end of the transcript if that is later."""
        ends = (end for _start, end, _ours in self.conversation.speech)
        return max(self.detail.call.duration_seconds or 0, *ends, 0)


def call_page(actor: Actor, detail: CallDetail, submitted: Form | None = None) -> CallPage:
    """Build the page for `actor`. `submitted` is a rejected form, which is shown with its errors."""
    own_notes = frozenset(note.id for note in detail.notes if rules.may_change_note(note.user_id, actor))
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
        may_dispute_booker=call.booking_status == BookingStatus.BOOKED and rules.may_dispute_booker(actor),
        may_coach=coaching_rules.may_coach(actor),
    )
