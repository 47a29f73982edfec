"""Which kinds of sound there are, by the names and by the first bytes of files. `app.sound_reading` hears them."""

from collections.abc import Mapping

#: By the end of a name; what is none of these is saved by a browser, never run.
MIMETYPES: Mapping[str, str] = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
}
UNKNOWN_MIMETYPE = "application/octet-stream"

#: So many bytes tell the kind of a file.
HEAD_BYTES = 12

#: What a file of each kind has, and from where on.
_MARKS = (
    (".webm", 0, b"\x1a\x45\xdf\xa3"),
    (".m4a", 4, b"ftyp"),
    (".wav", 8, b"WAVE"),
    (".ogg", 0, b"OggS"),
    (".flac", 0, b"fLaC"),
    (".mp3", 0, b"ID3"),
)


def suffix_of(head: bytes) -> str | None:
    """The end of the name that a file with these first bytes should have; None for what is no sound."""
    for suffix, start, mark in _MARKS:
        if head[start : start + len(mark)] == mark:
            return suffix
    # A frame of MPEG audio, layer III, with nothing before it.
    return ".mp3" if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 else None
