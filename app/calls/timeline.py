"""What happened to a call, in one line of moments: itself, its notes, its analysis, its changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.audit.actions import Action
from app.audit.queries import HistoryEntry
from app.calls.detail import CallDetail
from app.models import CallNote, NoteKind

#: What changes along with something else, or for machines only.
_BESIDES = frozenset({"version", "booking_status_source", "external_fingerprint"})


class MomentKind(StrEnum):
    """What a moment is about."""

    STARTED = "started"
    ANSWERED = "answered"
    ANALYSED = "analysed"
    NOTE = "note"
    CREATED = "created"
    CHANGED = "changed"
    RECLASSIFIED = "reclassified"
    PLAYED = "played"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened; `who` is "" where it was nobody. Of a note, `note` is there; of a change, `entry`."""

    at: datetime
    kind: MomentKind
    who: str = ""
    #: Whether the person has been deleted since.
    is_gone: bool = False
    note: CallNote | None = None
    entry: HistoryEntry | None = None

    @property
    def is_coaching(self) -> bool:
        """Whether it is a note for the CSR and managers only."""
        return self.note is not None and self.note.kind == NoteKind.COACHING


def moments_of(detail: CallDetail) -> Sequence[Moment]:
    """Everything that happened to a call, newest first."""
    moments = [*_of_the_call(detail), *_of_notes(detail), *_of_history(detail)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def changed_fields(entry: HistoryEntry) -> list[str]:
    """The columns that a person changed, in alphabetical order."""
    return [name for name in entry.changes if name not in _BESIDES]


def _of_the_call(detail: CallDetail) -> Iterator[Moment]:
    call = detail.call
    yield Moment(call.started_at, MomentKind.STARTED)
    if call.answered_at is not None:
        speaker = detail.handler or detail.csr
        yield Moment(call.answered_at, MomentKind.ANSWERED, speaker.name if speaker else "")
    if detail.analysis is not None:
        yield Moment(detail.analysis.analysed_at, MomentKind.ANALYSED)


def _of_notes(detail: CallDetail) -> Iterator[Moment]:
    for note, author, gone_at in detail.notes:
        yield Moment(note.created_at, MomentKind.NOTE, author, is_gone=gone_at is not None, note=note)


def _of_history(detail: CallDetail) -> Iterator[Moment]:
    for entry in detail.history:
        kind = _KINDS.get(entry.action, MomentKind.CHANGED)
        if kind is not MomentKind.CHANGED or changed_fields(entry):
            yield Moment(entry.at, kind, entry.actor_label, entry=entry)


_KINDS = {
    "call.created": MomentKind.CREATED,
    Action.CALL_RECLASSIFIED.value: MomentKind.RECLASSIFIED,
    Action.RECORDING_PLAYED.value: MomentKind.PLAYED,
}
