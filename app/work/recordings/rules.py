"""How a recording comes here: in parts, each once, in any order, until all that were made have arrived."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.models import Consent, RecordingFailure, RecordingSession, RecordingStatus

MAX_BYTES = 200 * 1024 * 1024
MAX_PARTS = 10_000
#: About an hour as phones record it. Where there is less room, nothing is begun.
EXPECTED_BYTES = 30 * 1024 * 1024
#: Parts may wait on a phone that long; then what has arrived is all there will be.
ABANDONED_AFTER = timedelta(days=7)
#: A phone makes a part of that much sound (static/js/recorder.js).
PART = timedelta(seconds=10)
#: So long a discarded recording can be brought back. As the function of the database says that tells what is due.
UNDOABLE_FOR = timedelta(minutes=15)

#: Why a recording cannot be played, and what to do.
FAILURES: Mapping[RecordingFailure, Sentence] = {
    RecordingFailure.TOO_LARGE: _l(
        "The recording is longer than a day, or takes more memory to play than there is. Send it in several files."
    ),
    RecordingFailure.UNKNOWN_FORMAT: _l(
        "The recording is in a format that can’t be played here. Send it as webm, m4a, mp3, ogg, wav or flac."
    ),
    RecordingFailure.DAMAGED: _l("The file is damaged, and no sound is left in it. Send it again from the phone."),
    RecordingFailure.TOOK_TOO_LONG: _l("The recording took too long to read. Send it in several files, or as mp3."),
}

#: The shortest time that there is.
_MOMENT = timedelta(microseconds=1)


def part_key(key: str, number: int) -> str:
    """Where a part is kept of what is recorded under `key`."""
    return f"{key}.{number}"


def missing_parts(there: Iterable[int], count: int) -> list[int]:
    """The numbers from 1 to `count` that are not there."""
    return sorted(set(range(1, count + 1)) - set(there))


def parts_in_order(there: Iterable[int]) -> int:
    """How many parts are there without a gap from the first on."""
    known, count = set(there), 0
    while count + 1 in known:
        count += 1
    return count


def ended_between(started_at: datetime, ended_at: datetime | None, now: datetime) -> datetime:
    """When it ended, as the phone says: after its start, and not ahead of us."""
    latest = max(now, started_at + _MOMENT)
    return min(max(ended_at or now, started_at + _MOMENT), latest)


def started_before(started_at: datetime, ended_at: datetime, seconds: float) -> datetime:
    """When it began: a file that is longer than its upload was recorded before."""
    return min(started_at, ended_at - timedelta(seconds=seconds))


def minutes_between(started_at: datetime, ended_at: datetime | None) -> float:
    """How long a recording took by the clock, in minutes; 0 where its end is not known."""
    return (ended_at - started_at) / timedelta(minutes=1) if ended_at else 0.0


def recorded_minutes(parts: int) -> int:
    """Return about how much sound so many parts hold: at least a minute where there is any."""
    return max(round(parts * PART / timedelta(minutes=1)), min(parts, 1))


def is_unplayable(recording: RecordingSession) -> bool:
    """Tell whether it has arrived, and cannot be heard."""
    kept = recording.storage_key is not None and recording.discarded_at is None
    return recording.status == RecordingStatus.FAILED and kept


def is_kept(consent: Consent) -> bool:
    """Whether there is anything to keep: not of whoever said no."""
    return consent != Consent.REFUSED
