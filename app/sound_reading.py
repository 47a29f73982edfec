"""Hearing a file: how long it is, and how loud it is where.

FFmpeg reads it, through PyAV. It is told which kind it reads and gets the bytes alone: a playlist that is called sound
would have it open other files and addresses. Whoever hears nothing does not import this: it takes 23 MB.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import IO

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer

from app.sound import HEAD_BYTES, NotSound, suffix_of

MAX_SECONDS = 24 * 3600
#: How many bars a picture of the loudness has at most.
BARS = 240

_DEMUXERS = {".flac": "flac", ".m4a": "mp4", ".mp3": "mp3", ".ogg": "ogg", ".wav": "wav", ".webm": "matroska"}
#: Nothing that a file refers to is opened.
_ALONE = {"protocol_whitelist": "none"}
_RATE = 8000
_PER_BAR = _RATE // 10
_LOUDEST = 32768


@dataclass(frozen=True, slots=True)
class Sound:
    """How long a sound is, in seconds, and how loud: up to `BARS` equal stretches of it, each 0 to 255."""

    seconds: float
    loudness: bytes


def read_sound(path: Path) -> Sound:
    """Hear the whole file. Raises NotSound.

    The length is that of what is heard: a browser's webm says none, and a file that was cut off says too much.
    """
    with path.open("rb") as file:
        suffix = suffix_of(file.read(HEAD_BYTES))
        if suffix is None:
            raise NotSound
        file.seek(0)
        try:
            kind = _DEMUXERS[suffix]
            with av.open(file, "r", format=kind, options=_ALONE, metadata_errors="replace") as container:
                peaks, samples = _hear(container)
        except (av.FFmpegError, ValueError, StopIteration):
            raise NotSound from None
    if samples == 0:
        raise NotSound
    return Sound(samples / _RATE, _in_bars(peaks))


def make_seekable(path: Path, target: IO[bytes]) -> bool:
    """Write a browser's webm to `target` with the same sound, packed as it was, and with what it lacks: its length, and
    an index by which a player finds its way to any moment. False for other kinds, and where that can't be done.
    """
    with path.open("rb") as file:
        if suffix_of(file.read(HEAD_BYTES)) != ".webm":
            return False
        file.seek(0)
        try:
            with av.open(file, "r", format="matroska", options=_ALONE) as before, av.open(target, "w", "webm") as after:
                sound = before.streams.audio[0]
                stream = after.add_stream_from_template(sound)
                for packet in before.demux(sound):
                    if packet.dts is not None:  # the last one only says that there is no more
                        packet.stream = stream
                        after.mux(packet)
        except (av.FFmpegError, ValueError, IndexError):
            return False
    target.seek(0)
    return True


def _hear(container: InputContainer) -> tuple[list[int], int]:
    """The loudest moment of each tenth of a second, and how many samples there are; NotSound beyond a day."""
    if not container.streams.audio:
        raise NotSound
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    peaks: list[int] = []
    rest, samples = array("h"), 0
    # Without a frame the resampler gives what it has kept back.
    for frame in chain(_frames(container), (None,)):
        for plain in resampler.resample(frame):
            # A plane is longer than what is in it.
            rest.frombytes(bytes(plain.planes[0])[: plain.samples * 2])
            samples += plain.samples
        whole = len(rest) - len(rest) % _PER_BAR
        peaks += [_peak(rest[start : start + _PER_BAR]) for start in range(0, whole, _PER_BAR)]
        del rest[:whole]
        if samples > MAX_SECONDS * _RATE:
            raise NotSound
    if rest:
        peaks.append(_peak(rest))
    return peaks, samples


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    """What can be decoded: a packet that is broken is left out, and a file that is cut off ends there."""
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _peak(part: "array[int]") -> int:
    highest, lowest = max(part), min(part)
    return max(highest, -lowest)


def _in_bars(peaks: list[int]) -> bytes:
    count = min(BARS, len(peaks))
    edges = [len(peaks) * number // count for number in range(count + 1)]
    return bytes(min(255, max(peaks[start:end]) * 256 // _LOUDEST) for start, end in pairwise(edges))
