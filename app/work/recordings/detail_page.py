"""Content of the page of a recording."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.errors import LazyText
from app.models import RecordingFailure, RecordingSession, RecordingStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.recordings.detail_queries import UNPREPARED, RecordingDetail
from app.work.recordings.forms import ContinueForm
from app.work.recordings.rules import (
    FAILURES,
    UNDOABLE_FOR,
    RecordingPhase,
    has_original,
    is_unplayable,
    numbers_in_words,
    phase_of,
    recorded_minutes,
)

_BAR = 4
_HEIGHT = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the waveform."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """Context of the templates of a recording.

    `is_recording` is True while parts can arrive, `may_record` if the user can add parts, end and discard it. `minutes`
    is the approximate length of the audio that has arrived, at least 1 if there is any.
    """

    detail: RecordingDetail
    is_recording: bool
    #: Whether audio is arriving; None once the recording has ended.
    phase: RecordingPhase | None
    is_preparing: bool
    #: Whether people were notified that the preparation takes long.
    is_late: bool
    may_record: bool
    may_delete: bool
    bars: tuple[Bar, ...]
    minutes: int
    #: Starts another recording of the appointment, after this one was interrupted.
    go_on: ContinueForm | None
    is_undoable: bool
    undoable_until: datetime | None
    #: The numbers of the parts that never arrived, as text.
    missing: str
    #: Reason why it can't be played, if it has arrived and can't, and whether its file can be downloaded.
    failure: LazyText | None = None
    has_original: bool = False
    bar_width: int = _BAR
    height: int = _HEIGHT


def recording_page(actor: Actor, detail: RecordingDetail) -> RecordingPage:
    """Return the context of the recording's page as `actor` sees it."""
    row = detail.recording
    is_preparing = row.status in UNPREPARED
    is_own = actor.sees_all(Permission.RECORDINGS_WRITE) or row.sales_rep_id == actor.user_id
    is_recording = row.status == RecordingStatus.RECORDING
    return RecordingPage(
        detail=detail,
        is_recording=is_recording,
        phase=phase_of(detail.arrived_at, datetime.now(UTC)) if is_recording else None,
        is_preparing=is_preparing,
        is_late=is_preparing and row.delayed_at is not None,
        may_record=actor.may(Permission.RECORDINGS_WRITE) and actor.reference_id is not None and is_own,
        may_delete=actor.may(Permission.RECORDINGS_DELETE),
        minutes=recorded_minutes(len(detail.parts)),
        go_on=ContinueForm.new() if is_recording and detail.parts else None,
        is_undoable=row.is_undoable,
        undoable_until=row.discarded_at + UNDOABLE_FOR if row.discarded_at else None,
        missing=numbers_in_words(detail.missing),
        failure=_failure_of(row),
        has_original=has_original(row),
        bars=tuple(_bar(number, loud) for number, loud in enumerate(row.loudness or b"")),
    )


def _failure_of(row: RecordingSession) -> LazyText | None:
    if not is_unplayable(row):
        return None
    # Recordings that failed before reasons were stored are known to contain no audio.
    return FAILURES[RecordingFailure(row.failure or RecordingFailure.DAMAGED)]


def _bar(number: int, loud: int) -> Bar:
    height = max(2.0, round(loud / 255 * _HEIGHT, 1))
    return Bar(number * _BAR, round((_HEIGHT - height) / 2, 1), height)
