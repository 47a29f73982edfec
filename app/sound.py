"""Audio formats, recognized by file name or by a file's first bytes. `app.sound_reading` decodes them."""

from collections.abc import Mapping

#: By file suffix; browsers download files with any other suffix and never run them.
MIMETYPES: Mapping[str, str] = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
}
UNKNOWN_MIMETYPE = "application/octet-stream"

#: Number of bytes needed to recognize a format.
HEAD_BYTES = 12

#: Signature of each format and its offset.
_MARKS = (
    (".webm", 0, b"\x1a\x45\xdf\xa3"),
    (".m4a", 4, b"ftyp"),
    (".wav", 8, b"WAVE"),
    (".ogg", 0, b"OggS"),
    (".flac", 0, b"fLaC"),
    (".mp3", 0, b"ID3"),
)


def suffix_of(head: bytes) -> str | None:
    """Return the file suffix for a file with these first bytes, or None if it is not audio."""
    for suffix, start, mark in _MARKS:
        if head[start : start + len(mark)] == mark:
            return suffix
    # A frame of MPEG audio, layer III, without a header before it.
    return ".mp3" if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 else None
