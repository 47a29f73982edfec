"""Rules of recordings, which arrive in parts: each once, in any order, until all have arrived."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.models import Consent, RecordingFailure, RecordingSession, RecordingStatus

MAX_BYTES = 200 * 1024 * 1024
MAX_PARTS = 10_000
#: About an hour as phones record it. With less free space, no recording is started.
EXPECTED_BYTES = 30 * 1024 * 1024
#: Parts can wait on a phone this long; after that, the recording ends with what has arrived.
ABANDONED_AFTER = timedelta(days=7)
#: Length of audio in each part that a phone creates (static/js/recorder.js).
PART = timedelta(seconds=10)
#: Period in which a discarded recording can be restored. The database function that finds those due uses the same.
UNDOABLE_FOR = timedelta(minutes=15)

#: Reasons why a recording can't be played, and what to do.
FAILURES: Mapping[RecordingFailure, LazyText] = {
    RecordingFailure.TOO_LARGE: _l(
        "The recording is longer than a day or too large to play. Split it into several files."
    ),
    RecordingFailure.UNKNOWN_FORMAT: _l(
        "The recording’s format can’t be played here. Upload it as WebM, M4A, MP3, OGG, WAV or FLAC."
    ),
    RecordingFailure.DAMAGED: _l(
        "The file is damaged, and no audio could be recovered. Upload it again from the device it was recorded on."
    ),
    RecordingFailure.TOOK_TOO_LONG: _l(
        "The recording took too long to process. Split it into several files, or upload it as MP3."
    ),
}

#: The smallest difference between two times.
_MOMENT = timedelta(microseconds=1)


def part_key(key: str, number: int) -> str:
    """Return the storage key of a part of the recording with this `key`."""
    return f"{key}.{number}"


def missing_parts(there: Iterable[int], count: int) -> list[int]:
    """Return the numbers from 1 to `count` that haven't arrived."""
    return sorted(set(range(1, count + 1)) - set(there))


def parts_in_order(there: Iterable[int]) -> int:
    """Return how many parts have arrived without a gap, from the first on."""
    known, count = set(there), 0
    while count + 1 in known:
        count += 1
    return count


def ended_between(started_at: datetime, ended_at: datetime | None, now: datetime) -> datetime:
    """Return the end reported by the phone, moved after the start and not into the future.

    Without a reported end, it is `now`.
    """
    latest = max(now, started_at + _MOMENT)
    return min(max(ended_at or now, started_at + _MOMENT), latest)


def started_before(started_at: datetime, ended_at: datetime, seconds: float) -> datetime:
    """Return the start of a recording whose audio is `seconds` long.

    If the audio is longer than the time from `started_at` to `ended_at`, it was recorded earlier, so the start moves
    back.
    """
    return min(started_at, ended_at - timedelta(seconds=seconds))


def minutes_between(started_at: datetime, ended_at: datetime | None) -> float:
    """Return the length of a recording by the clock, in minutes; 0 if its end is unknown."""
    return (ended_at - started_at) / timedelta(minutes=1) if ended_at else 0.0


def recorded_minutes(parts: int) -> int:
    """Return about how many minutes of audio this number of parts holds, at least 1 if there are any."""
    return max(round(parts * PART / timedelta(minutes=1)), min(parts, 1))


def is_unplayable(recording: RecordingSession) -> bool:
    """Return whether the recording has arrived and can't be played."""
    kept = recording.storage_key is not None and recording.discarded_at is None
    return recording.status == RecordingStatus.FAILED and kept


def is_recorded(consent: Consent) -> bool:
    """Return whether anything is recorded, which isn't the case if the customer refused."""
    return consent != Consent.REFUSED
