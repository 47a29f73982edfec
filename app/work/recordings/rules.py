"""Rules of recordings, which arrive in parts: each once, in any order, until all have arrived."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.models import Consent, RecordingFailure, RecordingSession, RecordingStatus

MAX_BYTES = 200 * 1024 * 1024
MAX_PARTS = 10_000
#: About an hour as phones record it. With less free space, no recording is started.
EXPECTED_BYTES = 30 * 1024 * 1024
#: Parts can wait on a phone this long; after that, the recording ends with what has arrived.
ABANDONED_AFTER = timedelta(days=7)
#: A recording that is still not prepared after this time is looked after, and people are notified. The database
#: function that finds organizations with such recordings uses the same.
LATE_AFTER = timedelta(hours=1)
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
    RecordingFailure.NOT_PREPARED: _l("The recording couldn’t be prepared for playing. Ask an admin to retry its job."),
}

#: A phone that records and has a connection sends a part at least this often.
_LATELY = 3 * PART
#: The smallest difference between two times.
_MOMENT = timedelta(microseconds=1)


class RecordingPhase(StrEnum):
    """Phase of a recording that hasn't ended, as the server knows it.

    Only the device that records knows whether it has started or stopped: there, static/js/recorder.js shows that.
    """

    NO_AUDIO = "no-audio"
    RUNNING = "running"
    SILENT = "silent"


def part_key(key: str, number: int) -> str:
    """Return the storage key of a part of the recording with this `key`."""
    return f"{key}.{number}"


def missing_parts(there: Iterable[int], count: int) -> list[int]:
    """Return the numbers from 1 to `count` that haven't arrived."""
    return sorted(set(range(1, count + 1)) - set(there))


def header_key(key: str) -> str:
    """Return the storage key of the header that precedes the parts of a recording after a gap."""
    return f"{key}.header"


def numbers_in_words(runs: Iterable[range]) -> str:
    """Return the numbers of `runs` as text, such as `3, 7–9`."""
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def unbroken_runs(numbers: Iterable[int]) -> list[range]:
    """Return the runs of consecutive numbers, in order."""
    runs: list[range] = []
    for number in sorted(numbers):
        if runs and runs[-1].stop == number:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs


def period_of(run: range, last: int, started_at: datetime, ended_at: datetime) -> tuple[datetime, datetime]:
    """Return about when the parts of `run` were recorded, of an upload of `last` parts: all are taken as equally long.

    The period is never empty.
    """
    each = (ended_at - started_at) / last
    start = started_at + (run.start - 1) * each
    return start, max(started_at + (run.stop - 1) * each, start + _MOMENT)


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


def phase_of(arrived_at: datetime | None, now: datetime) -> RecordingPhase:
    """Return the phase of a recording that hasn't ended, by the time when its latest part arrived.

    Without a recent part, it has stopped, or its phone has no connection and records on.
    """
    if arrived_at is None:
        return RecordingPhase.NO_AUDIO
    return RecordingPhase.RUNNING if now - arrived_at < _LATELY else RecordingPhase.SILENT


def is_unplayable(recording: RecordingSession) -> bool:
    """Return whether the recording has arrived and can't be played."""
    kept = recording.storage_key is not None and recording.discarded_at is None
    return recording.status == RecordingStatus.FAILED and kept


def has_original(recording: RecordingSession) -> bool:
    """Return whether the recording can't be played, but its file can be downloaded."""
    return is_unplayable(recording) and recording.failure != RecordingFailure.NOT_PREPARED


def is_recorded(consent: Consent) -> bool:
    """Return whether anything is recorded, which isn't the case if the customer refused."""
    return consent != Consent.REFUSED
