"""Recordings of quick calls and of some visits: two soft, voice-like tones that follow the turns.

A WAV file has one channel with 8,000 samples of 8 bits per second, and is as long as its call or visit. All calls of
one quick script share a file (20 to 25 seconds, under 200 kB); a visit has its own. Longer calls have no recording.
"""

import io
import math
import random
import wave
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from uuid import UUID, uuid5

from demo.conversations.composer import Turn
from demo.conversations.script import Speaker
from demo.conversations.takes import takes
from demo.seeding import stream

RATE = 8_000

_HEADER_BYTES = 44
_MIDDLE = 128
_LOUDNESS = 46
_PITCHES = {Speaker.AGENT: (196.0, 208.0, 220.0, 185.0), Speaker.CUSTOMER: (118.0, 125.0, 132.0, 110.0)}
# The first two resonances (formants) of some vowels, in Hz; they make a tone sound like a voice.
_VOWELS = ((730, 1_090), (530, 1_840), (270, 2_290), (570, 840), (300, 870))
_HARMONICS = 12
_BANDWIDTH = 220.0
_SYLLABLE = 0.17
_PAUSE_BETWEEN_WORDS = 0.05
_WORD_ENDS = 0.45


@dataclass(frozen=True, slots=True)
class Sound:
    """Audio of a recorded visit: the key of its file, its turns, and its length in whole seconds."""

    key: str
    turns: tuple[Turn, ...]
    seconds: int


def storage_key(organization_id: UUID, take: str) -> str:
    """Return the storage key of a quick script's recording for a company."""
    return f"{organization_id}/recordings/{uuid5(organization_id, take)}.wav"


def visit_key(organization_id: UUID, call_id: UUID) -> str:
    """Return the storage key of one visit's recording.

    Each visit has its own file, which is deleted when the recording is purged.
    """
    return f"{organization_id}/recordings/{call_id}.wav"


def bytes_of(seconds: int) -> int:
    """Return the file size of a recording of this length."""
    return _HEADER_BYTES + seconds * RATE


def recordings(seed: int, names: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the recordings of these scripts (None: all) as (name of the script, WAV file)."""
    syllables = {speaker: _syllables(pitches) for speaker, pitches in _PITCHES.items()}
    for take in (take for take in takes().values() if names is None or take.name in names):
        yield take.name, _wav(_samples(take.turns, take.seconds, syllables, stream(seed, "audio", take.name)))


def visits(seed: int, sounds: Iterable[Sound]) -> Iterator[tuple[str, bytes]]:
    """Yield the recording of each visit as (key, WAV file)."""
    syllables = {speaker: _syllables(pitches) for speaker, pitches in _PITCHES.items()}
    for sound in sounds:
        turns = [(turn.speaker, turn.start, turn.end) for turn in sound.turns]
        yield sound.key, _wav(_samples(turns, sound.seconds, syllables, stream(seed, "audio", sound.key)))


def _samples(
    turns: Iterable[tuple[Speaker, float, float]],
    seconds: float,
    syllables: dict[Speaker, tuple[bytes, ...]],
    chance: random.Random,
) -> bytes:
    """Return all samples: silence, with syllables from the start to the end of each turn."""
    sound = bytearray()
    for speaker, start, end in turns:
        sound += _silence(int(start * RATE) - len(sound))
        last = int(end * RATE)
        while len(sound) < last:
            sound += chance.choice(syllables[speaker])
            if chance.random() < _WORD_ENDS:
                sound += _silence(int(_PAUSE_BETWEEN_WORDS * RATE))
        del sound[last:]
    sound += _silence(int(seconds * RATE) - len(sound))
    return bytes(sound)


@cache
def _syllables(pitches: tuple[float, ...]) -> tuple[bytes, ...]:
    return tuple(_syllable(pitch, vowel) for pitch in pitches for vowel in _VOWELS)


def _syllable(pitch: float, vowel: tuple[int, int]) -> bytes:
    """Synthesize a vowel that swells and fades; harmonics are louder the nearer they are to its resonances."""
    strengths = [_strength(pitch * number, vowel) / number**0.5 for number in range(1, _HARMONICS + 1)]
    total = sum(strengths)
    length = int(_SYLLABLE * RATE)
    samples = bytearray(length)
    for index in range(length):
        swell = math.sin(math.pi * index / length)
        angle = 2 * math.pi * pitch * index / RATE
        wave_form = sum(strength * math.sin(angle * number) for number, strength in enumerate(strengths, start=1))
        samples[index] = _MIDDLE + round(_LOUDNESS * swell * wave_form / total)
    return bytes(samples)


def _strength(frequency: float, vowel: tuple[int, int]) -> float:
    if frequency * 2 >= RATE:
        return 0.0
    return 0.08 + sum(math.exp(-(((frequency - resonance) / _BANDWIDTH) ** 2)) for resonance in vowel)


def _silence(length: int) -> bytes:
    return bytes([_MIDDLE]) * length


def _wav(samples: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(samples)
    return file.getvalue()
