"""Inspection of audio files for format, length and loudness, and of files that aren't valid audio."""

import os
import resource
from pathlib import Path
from tempfile import TemporaryFile

import av
import pytest

from app import sound_reading
from app.sandbox.runner import Unreadable
from app.sound import HEAD_BYTES, MAX_HEADER_BYTES, header_for, suffix_of
from app.sound_process import BARS
from app.sound_reading import NotAudio, read_sound
from tests.support.sounds import KINDS, silence, sound, wav

HOSTILE = {
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page": b"<!doctype html><script>alert(1)</script>",
    "nothing": b"",
    "head of a webm": b"\x1a\x45\xdf\xa3" + b"x" * 5000,
    "head of a wav": b"RIFF\0\0\0\0WAVE",
    "head of an m4a": b"\0\0\0\x20ftypM4A " + b"\0" * 200,
    "head of an mp3": b"ID3" + b"\xff" * 64,
    "head of an ogg": b"OggS" + b"\0" * 64,
}


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "sound"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", KINDS)
def test_each_kind_is_known_and_as_long_as_it_is_heard(tmp_path: Path, suffix: str) -> None:
    content = sound(suffix, seconds=3)

    heard = read_sound(stored(tmp_path, content))

    assert suffix_of(content[:HEAD_BYTES]) == suffix
    assert heard.seconds == pytest.approx(3, abs=0.1)
    assert 25 <= len(heard.loudness) <= 32


@pytest.mark.parametrize("suffix", [".webm", ".ogg", ".mp3", ".flac", ".wav"])
def test_of_a_file_that_was_cut_off_the_beginning_is_heard(tmp_path: Path, suffix: str) -> None:
    content = sound(suffix, seconds=4)

    heard = read_sound(stored(tmp_path, content[: len(content) // 2]))

    assert 1 < heard.seconds < 3


@pytest.mark.parametrize("suffix", [".webm", ".ogg", ".mp3", ".m4a"])
def test_a_hole_in_a_file_costs_no_more_than_itself(tmp_path: Path, suffix: str) -> None:
    content = bytearray(sound(suffix, seconds=4))
    third = len(content) // 3
    content[third : third + 200] = b"\0" * 200

    assert read_sound(stored(tmp_path, bytes(content))).seconds > 2.5


def test_what_a_browser_records_is_given_its_length_and_an_index(tmp_path: Path) -> None:
    path = stored(tmp_path, sound(".webm", seconds=30))
    with av.open(path) as before:
        assert before.duration is None

    with (tmp_path / "seekable").open("w+b") as seekable:
        assert read_sound(path, seekable).has_seekable
    with av.open(tmp_path / "seekable") as after:
        assert after.duration == pytest.approx(30_000_000, rel=0.01)
        after.seek(20_000_000)
        first = next(after.demux(after.streams.audio[0]))
        assert first.pts is not None
        assert float(first.pts * first.time_base) == pytest.approx(20, abs=6)
    assert read_sound(tmp_path / "seekable").seconds == pytest.approx(30, abs=0.1)


CLUSTER = b"\x1f\x43\xb6\x75"
WEBM = b"\x1a\x45\xdf\xa3 header "


@pytest.mark.parametrize(
    ("beginning", "later", "header"),
    [
        (WEBM + CLUSTER + b" sound", CLUSTER + b" more", WEBM),
        # Chromium ends a piece after the first byte of the next cluster.
        (WEBM + CLUSTER + b" sound", CLUSTER[1:] + b" more", WEBM + CLUSTER[:1]),
        (WEBM, CLUSTER + b" more", WEBM),
        (WEBM + bytes(MAX_HEADER_BYTES), CLUSTER + b" more", b""),
        (b"\0\0\0\x14ftyp moov\0\0\1\2moof sound", b"\0\0\1\2moof more", b"\0\0\0\x14ftyp moov"),
        (wav(1), b"more", wav(1)[:44]),
        (b"ID3 sound", b"more", b""),
        (b"no sound", b"more", b""),
    ],
)
def test_what_a_piece_from_the_middle_lacks_is_the_header(beginning: bytes, later: bytes, header: bytes) -> None:
    assert header_for(beginning, later) == header


def test_other_kinds_stay_as_they_are(tmp_path: Path) -> None:
    with TemporaryFile() as seekable:
        assert not read_sound(stored(tmp_path, wav(1)), seekable).has_seekable
        assert os.fstat(seekable.fileno()).st_size == 0


def test_loudness_follows_the_sound(tmp_path: Path) -> None:
    heard = read_sound(stored(tmp_path, wav(60)))

    assert len(heard.loudness) == BARS
    assert min(heard.loudness[:115]) > 150
    assert max(heard.loudness[125:]) == 0


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotAudio) as refused:
        read_sound(stored(tmp_path, content))

    head_is_known = suffix_of(content[:HEAD_BYTES]) is not None
    assert refused.value.reason is (Unreadable.DAMAGED if head_is_known else Unreadable.UNKNOWN_FORMAT)


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (("wav", "adpcm_ms", 8_000, "mono"), Unreadable.UNKNOWN_FORMAT),
        (("mp4", "alac", 8_000, "mono"), Unreadable.UNKNOWN_FORMAT),
        (("flac", "flac", 192_000, "mono"), Unreadable.TOO_LARGE),
        (("flac", "flac", 48_000, "7.1"), Unreadable.TOO_LARGE),
    ],
    ids=["adpcm", "alac", "192 kHz", "eight channels"],
)
def test_what_no_phone_records_is_refused_before_it_is_heard(
    tmp_path: Path, packed: tuple[str, str, int, str], reason: Unreadable
) -> None:
    with pytest.raises(NotAudio) as refused:
        read_sound(stored(tmp_path, silence(*packed, seconds=1)))

    assert refused.value.reason is reason


def test_more_than_a_day_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    content = bytearray(silence("flac", "flac", 8_000, "mono", seconds=1))
    # The number of samples is a field of 36 bits in STREAMINFO.
    samples = 25 * 3600 * 8_000
    content[21] = content[21] & 0xF0 | samples >> 32
    content[22:26] = (samples & 0xFFFF_FFFF).to_bytes(4, "big")

    with pytest.raises(NotAudio) as refused:
        read_sound(stored(tmp_path, bytes(content)))

    assert refused.value.reason is Unreadable.TOO_LARGE


def test_hours_in_a_small_file_are_heard_in_a_process_of_their_own(tmp_path: Path) -> None:
    content = silence("flac", "flac", 48_000, "mono", seconds=3600)
    assert len(content) < 500_000

    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    heard = read_sound(stored(tmp_path, content), minutes=60)

    assert heard.seconds == pytest.approx(3600, abs=1)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    assert own < resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime / 2


def test_what_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_reading, "_LEAST_SECONDS", 1)
    minute = silence("mp3", "libmp3lame", 48_000, "stereo", seconds=60)
    content = minute * 60  # MP3 has no header of the whole file

    with pytest.raises(NotAudio) as refused:
        read_sound(stored(tmp_path, content))

    assert refused.value.reason is Unreadable.TOOK_TOO_LONG
