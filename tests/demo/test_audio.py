"""Recordings: real WAV files that follow the turns of their calls."""

import io
import wave
from itertools import islice

from demo.audio import RATE, recordings
from demo.conversations.takes import takes

SILENCE = 128


def test_each_quick_script_has_a_small_recording_of_its_own_length() -> None:
    found = dict(recordings(seed=1))
    assert found.keys() == takes().keys()
    assert 8 <= len(found) <= 12
    assert len(set(found.values())) == len(found)
    for name, file in found.items():
        assert len(file) <= 200_000
        with wave.open(io.BytesIO(file)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 1)
            assert sound.getnframes() == int(takes()[name].seconds * RATE)


def test_it_sounds_while_somebody_speaks_and_is_silent_between_turns() -> None:
    name, file = next(iter(recordings(seed=1)))
    with wave.open(io.BytesIO(file)) as sound:
        samples = sound.readframes(sound.getnframes())
    clock = 0.0
    for _speaker, start, end in takes()[name].turns:
        assert set(samples[int(clock * RATE) + 1 : int(start * RATE)]) <= {SILENCE}
        assert len(set(samples[int(start * RATE) : int(end * RATE)])) > 20
        clock = end


def test_the_same_seed_gives_the_same_recordings() -> None:
    assert list(islice(recordings(seed=3), 2)) == list(islice(recordings(seed=3), 2))
