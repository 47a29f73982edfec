"""Decoder of audio files: a sandbox program (`app.sandbox`), which imports nothing from the app.

`main(file, target, demuxer)` writes one line of JSON: `seconds`, `loudness` (up to BARS equal stretches, each 0 to 255,
in hexadecimal digits) and `has_seekable`; or `problem`, a reason of `app.sandbox.runner.Unreadable`.
"""

import json
import sys
from array import array
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import IO, Any

import av
import av.subtitles.stream  # PyAV imports it with the first file, when no other file can be opened any more
from av.audio.frame import AudioFrame
from av.container import InputContainer

MAX_SECONDS = 24 * 3600
#: Maximum number of bars in a waveform.
BARS = 240

#: Codecs used by phones and recorders. Most of the hundreds that FFmpeg supports are rare and little tested.
_CODECS = frozenset({"opus", "vorbis", "aac", "mp3", "flac"})
_PLAIN_CODECS = "pcm_"
_MAX_CHANNELS = 2
_MAX_SAMPLES_A_SECOND = 96_000

#: Files referenced by the input are never opened.
_ALONE = {"protocol_whitelist": "none"}
_RATE = 8000
_PER_BAR = _RATE // 10
_LOUDEST = 32768


class _Unreadable(Exception):
    pass


def main(file: IO[bytes], target: IO[bytes] | None, demuxer: str) -> None:
    """Decode `file`, and write a seekable copy of a browser's WebM to `target`."""
    try:
        answer = _hear(file, demuxer)
        if target is not None:
            file.seek(0)
            answer["has_seekable"] = demuxer == "matroska" and _make_seekable(file, target)
    except _Unreadable as why:
        answer = {"problem": str(why)}
    except (av.FFmpegError, ValueError):
        answer = {"problem": "damaged"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def _hear(file: IO[bytes], demuxer: str) -> dict[str, Any]:
    """Decode the file, and return its length in seconds and its loudness.

    The declared length is useless: a browser's WebM has none, and that of a truncated file is too long.
    """
    with av.open(file, "r", format=demuxer, options=_ALONE, metadata_errors="replace") as container:
        _check(container)
        peaks, samples = _peaks(container)
    if samples == 0:
        raise _Unreadable("damaged")
    return {"seconds": samples / _RATE, "loudness": _in_bars(peaks).hex()}


def _check(container: InputContainer) -> None:
    """Reject unsupported input by what it declares, before the first frame is decoded."""
    if not container.streams.audio:
        raise _Unreadable("unknown_format")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    name = codec.codec.canonical_name
    if name not in _CODECS and not name.startswith(_PLAIN_CODECS):
        raise _Unreadable("unknown_format")
    declared = [container.duration / av.time_base if container.duration else 0]
    if stream.duration and stream.time_base:
        declared.append(float(stream.duration * stream.time_base))
    if codec.channels > _MAX_CHANNELS or codec.sample_rate > _MAX_SAMPLES_A_SECOND or max(declared) > MAX_SECONDS:
        raise _Unreadable("too_large")
    codec.thread_count = 1


def _make_seekable(file: IO[bytes], target: IO[bytes]) -> bool:
    """Copy the audio unchanged with what a browser's recording lacks: its length and a seek index.

    Returns whether that was possible.
    """
    try:
        with av.open(file, "r", format="matroska", options=_ALONE) as before, av.open(target, "w", "webm") as after:
            sound = before.streams.audio[0]
            stream = after.add_stream_from_template(sound)
            for packet in before.demux(sound):
                if packet.dts is not None:  # the last packet only marks the end
                    packet.stream = stream
                    after.mux(packet)
    except (av.FFmpegError, ValueError, IndexError, OSError):
        return False
    return True


def _peaks(container: InputContainer) -> tuple[list[int], int]:
    """Return the peak of each tenth of a second, and the number of samples."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    peaks: list[int] = []
    rest, samples = array("h"), 0
    # Without a frame the resampler returns its buffered samples.
    for frame in chain(_frames(container), (None,)):
        for plain in resampler.resample(frame):
            # A plane can be longer than its content.
            rest.frombytes(bytes(plain.planes[0])[: plain.samples * 2])
            samples += plain.samples
        whole = len(rest) - len(rest) % _PER_BAR
        peaks += [_peak(rest[start : start + _PER_BAR]) for start in range(0, whole, _PER_BAR)]
        del rest[:whole]
        if samples > MAX_SECONDS * _RATE:
            raise _Unreadable("too_large")
    if rest:
        peaks.append(_peak(rest))
    return peaks, samples


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    """Yield the frames that can be decoded: broken packets are skipped, and a truncated file ends early."""
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
