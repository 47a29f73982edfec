"""Analysis of an audio file: its length and its loudness over time.

FFmpeg decodes the file through PyAV in a sandbox (`app.sound_process`). It is given the format and nothing but the
bytes: otherwise, a playlist disguised as audio would make it open other files and URLs.
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
#: Maximum size of the copy with a seek index, relative to the file.
_INDEX_FACTOR = 2


class NotAudio(Exception):
    """Error for a file without playable audio."""

    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sound:
    """Length of a recording in seconds, and its loudness in up to 240 equal stretches, each 0 to 255.

    `has_seekable` is true if a seekable copy was written.
    """

    seconds: float
    loudness: bytes
    has_seekable: bool


def read_sound(path: Path, seekable: IO[bytes] | None = None, *, minutes: float = 0) -> Sound:
    """Decode the whole file and return its length and loudness.

    For a browser's WebM, a copy that can be seeked is written to `seekable`. `minutes` is the expected length of the
    recording: each minute adds a second to the CPU limit. Raises NotAudio.
    """
    with path.open("rb") as file:
        suffix = suffix_of(file.read(HEAD_BYTES))
        if suffix is None:
            raise NotAudio(Unreadable.UNKNOWN_FORMAT)
        limits = Limits(
            cpu_seconds=min(_MOST_SECONDS, _LEAST_SECONDS + max(0, int(minutes))),
            memory_bytes=_MEMORY_BYTES,
            written_bytes=_INDEX_FACTOR * path.stat().st_size if seekable else 0,
        )
        try:
            answer = read_in_sandbox(_PROGRAM, file, _DEMUXERS[suffix], limits=limits, target=seekable)
        except SandboxFailed as error:
            raise NotAudio(error.reason) from None
    try:
        return _sound_in(answer)
    except (ValueError, KeyError, TypeError):  # a compromised sandbox can return anything
        raise NotAudio(Unreadable.DAMAGED) from None


def _sound_in(answer: bytes) -> Sound:
    said = json.loads(answer)
    if "problem" in said:
        raise NotAudio(Unreadable(said["problem"]))
    return Sound(float(said["seconds"]), bytes.fromhex(said["loudness"]), said.get("has_seekable") is True)
