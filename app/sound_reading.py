"""Hearing a file: how long it is, and how loud it is where.

FFmpeg reads it, through PyAV, in a sandbox (`app.sound_process`). It is told which kind it reads and gets the bytes
alone: a playlist that is called sound would have it open other files and addresses.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.sandbox.runner import Limits, SandboxFailed, Unreadable, read_in_sandbox
from app.sound import HEAD_BYTES, suffix_of

_PROGRAM = Path(__file__).with_name("sound_process.py")
_DEMUXERS = {".flac": "flac", ".m4a": "mp4", ".mp3": "mp3", ".ogg": "ogg", ".wav": "wav", ".webm": "matroska"}

_MEMORY_BYTES = 1024**3
_LEAST_SECONDS, _MOST_SECONDS = 60, 300
#: How much larger than the file a copy of it with an index may be.
_INDEX_FACTOR = 2


class NotSound(Exception):
    """A file that holds no sound that can be played."""

    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sound:
    """How long a sound is, in seconds, and how loud: up to 240 equal stretches of it, each 0 to 255.

    `has_seekable` tells whether a copy was written in which a player finds any moment.
    """

    seconds: float
    loudness: bytes
    has_seekable: bool


def read_sound(path: Path, seekable: IO[bytes] | None = None, *, minutes: float = 0) -> Sound:
    """Hear the whole file; of a browser's webm, write a copy to `seekable` in which a player finds any moment.

    A recording of that many `minutes` gets so many seconds of the processor besides those for any. Raises NotSound.
    """
    with path.open("rb") as file:
        suffix = suffix_of(file.read(HEAD_BYTES))
        if suffix is None:
            raise NotSound(Unreadable.UNKNOWN_FORMAT)
        limits = Limits(
            cpu_seconds=min(_MOST_SECONDS, _LEAST_SECONDS + max(0, int(minutes))),
            memory_bytes=_MEMORY_BYTES,
            written_bytes=_INDEX_FACTOR * path.stat().st_size if seekable else 0,
        )
        try:
            answer = read_in_sandbox(_PROGRAM, file, _DEMUXERS[suffix], limits=limits, target=seekable)
        except SandboxFailed as error:
            raise NotSound(error.reason) from None
    try:
        return _sound_in(answer)
    except (ValueError, KeyError, TypeError):  # whoever has taken a sandbox over may say anything
        raise NotSound(Unreadable.DAMAGED) from None


def _sound_in(answer: bytes) -> Sound:
    said = json.loads(answer)
    if "problem" in said:
        raise NotSound(Unreadable(said["problem"]))
    return Sound(float(said["seconds"]), bytes.fromhex(said["loudness"]), said.get("has_seekable") is True)
