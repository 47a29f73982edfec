"""Timeline of a call: the call itself, its notes, its analysis, its disputes and its changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.audit.actions import Action
from app.audit.queries import HistoryEntry
from app.errors import LazyText as Text
from app.models import NoteKind
from app.web.labels import label
from app.work.calls.detail_queries import CallDetail, DisputeRow, NoteRow
from app.work.calls.resource import CALL

#: Labels that differ from those in lists.
_FIELDS: dict[str, Text] = {
    "answered_at": _l("Answered at"),
    "audio_url": _l("Recording"),
    "booking_status": _l("Booking status"),
    "booking_status_reason": _l("Reason"),
    "called_number": _l("Called number"),
    "caller_number": _l("Caller’s number"),
    "contact_card_id": _l("Contact"),
    "duration_seconds": _l("Talk time"),
    "ended_at": lazy_pgettext("moment", "End"),
    "handled_by": _l("Answered by"),
    "handled_by_user_id": _l("Answered by"),
    "lead_id": _l("Lead"),
    "missed_entry_id": _l("Missed call"),
    "started_at": _l("Start"),
}

#: Fields whose values are shown too. The others can contain values that not every viewer of the call can see.
_KINDS_OF_VALUES = {"outcome": "CallOutcome", "booking_status": "BookingStatus", "status": "CallStatus"}

#: Fields that change with others, or are only used internally.
_BESIDES = frozenset({"version", "booking_status_source", "external_fingerprint"})


class MomentKind(StrEnum):
    """Kind of a moment on the timeline."""

    STARTED = "started"
    ANSWERED = "answered"
    ANALYSED = "analysed"
    NOTE = "note"
    CREATED = "created"
    CHANGED = "changed"
    RECLASSIFIED = "reclassified"
    PLAYED = "played"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field, with labels. Values that aren't shown are None."""

    field: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on the timeline.

    `who` is "" if no person caused it. Notes have `note`, changes have `entry`.
    """

    at: datetime
    kind: MomentKind
    who: str = ""
    #: Whether the person has since been deleted.
    is_gone: bool = False
    note: NoteRow | None = None
    entry: HistoryEntry | None = None
    dispute: DisputeRow | None = None

    @property
    def changes(self) -> Sequence[Change]:
        """The changed fields of an entry."""
        return changes_in(self.entry) if self.entry else ()

    @property
    def is_coaching(self) -> bool:
        """True for a coaching note, visible only to its author, the call's CSR, and those with coaching:read."""
        return self.note is not None and self.note.kind == NoteKind.COACHING


def moments_of(detail: CallDetail) -> Sequence[Moment]:
    """Return the moments on the timeline of a call, latest first."""
    moments = [*_of_the_call(detail), *_of_notes(detail), *_of_disputes(detail), *_of_history(detail)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def changes_in(entry: HistoryEntry) -> list[Change]:
    """Return the changes in an entry that are of interest to users."""
    return [_change(name, *values) for name, values in entry.changes.items() if name not in _BESIDES]


def _change(name: str, before: object, after: object) -> Change:
    words = str(_FIELDS.get(name) or CALL.recorded.get(name) or name.replace("_", " ").capitalize())
    kind = _KINDS_OF_VALUES.get(name)
    if name == "booking_status_reason":
        return Change(words, after=str(after)) if after else Change(words)
    if kind is None:
        return Change(words)
    return Change(words, *(label(str(value) if value else None, kind) for value in (before, after)))


def _of_the_call(detail: CallDetail) -> Iterator[Moment]:
    call = detail.call
    yield Moment(call.started_at, MomentKind.STARTED)
    if call.answered_at is not None:
        speaker = detail.handler or detail.csr
        yield Moment(call.answered_at, MomentKind.ANSWERED, speaker.name if speaker else "")
    if detail.analysis is not None:
        yield Moment(detail.analysis.analysed_at, MomentKind.ANALYSED)


def _of_notes(detail: CallDetail) -> Iterator[Moment]:
    there = {note.id for note in detail.notes}
    for note in detail.notes:
        if note.parent_id is not None and note.parent_id not in there:
            continue  # the note it answers was deleted
        yield Moment(
            note.created_at, MomentKind.NOTE, note.author, is_gone=note.author_deleted_at is not None, note=note
        )


def _of_disputes(detail: CallDetail) -> Iterator[Moment]:
    for one in detail.disputes:
        yield Moment(one.created_at, MomentKind.DISPUTED, one.raised_by_label, dispute=one)
        if one.decided_at is not None:
            yield Moment(one.decided_at, MomentKind(one.status), one.decided_by_label or "", dispute=one)


def _of_history(detail: CallDetail) -> Iterator[Moment]:
    for entry in detail.history:
        kind = _KINDS.get(entry.action, MomentKind.CHANGED)
        if kind is not MomentKind.CHANGED or changes_in(entry):
            yield Moment(entry.at, kind, entry.actor_label, entry=entry)


_KINDS = {
    "call.created": MomentKind.CREATED,
    Action.CALL_RECLASSIFIED.value: MomentKind.RECLASSIFIED,
    Action.RECORDING_PLAYED.value: MomentKind.PLAYED,
}
