"""Audio files for uploads: a tone in each format that phones and recording programs produce."""

import io
import math
import wave
from array import array
from collections.abc import Mapping

import av

_RATE = 48_000
_FRAME = _RATE // 50
#: Container format and codec by file extension.
_WAYS: Mapping[str, tuple[str, str]] = {
    ".webm": ("webm", "libopus"),
    ".m4a": ("mp4", "aac"),
    ".ogg": ("ogg", "libopus"),
    ".mp3": ("mp3", "libmp3lame"),
    ".flac": ("flac", "flac"),
}
KINDS = (".wav", *_WAYS)


def wav(seconds: float, *, rate: int = 8_000) -> bytes:
    """Return a WAV file with 8-bit samples: a tone, followed by silence in the second half."""
    half = int(seconds * rate / 2)
    tone = bytes(128 + int(100 * math.sin(number / 5)) for number in range(rate))
    loud = (tone * (half // rate + 1))[:half]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(rate)
        out.writeframes(loud + b"\x80" * half)
    return file.getvalue()


def sound(suffix: str, seconds: int = 2) -> bytes:
    """Return a tone in the format of this suffix; in a WAV file, the second half is silence.

    Like the files that browsers record, a WebM file doesn't contain its length.
    """
    if suffix == ".wav":
        return wav(seconds)
    name, codec = _WAYS[suffix]
    file = io.BytesIO()
    with av.open(file, "w", format=name, options={"live": "1"} if suffix == ".webm" else {}) as out:
        stream = out.add_stream(codec, rate=_RATE)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        tone = array("h", (int(9000 * math.sin(number / 20)) for number in range(_FRAME))).tobytes()
        for number in range(seconds * 50):
            frame = av.AudioFrame(format="s16", layout="mono", samples=_FRAME)
            frame.sample_rate, frame.pts = _RATE, number * _FRAME
            frame.planes[0].update(tone)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def silence(name: str, codec: str, rate: int, layout: str, *, seconds: int) -> bytes:
    """Return silence encoded by `codec` in the container format `name`.

    An hour takes a few hundred kilobytes.
    """
    file = io.BytesIO()
    with av.open(file, "w", format=name) as out:
        stream = out.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        stream.codec_context.open()
        size = stream.codec_context.frame_size or rate
        sample_format = stream.codec_context.format.name
        frame = av.AudioFrame(format=sample_format, layout=layout, samples=size)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for number in range(seconds * rate // size):
            frame.sample_rate, frame.pts = rate, number * size
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()
