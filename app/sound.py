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

#: The headers that recorders write are shorter.
MAX_HEADER_BYTES = 64 * 1024

#: Where the audio of a recorder's format begins after its header: the mark, and how many bytes after its start.
_AUDIO_BEGINS = {".webm": (b"\x1f\x43\xb6\x75", 0), ".m4a": (b"moof", -4), ".wav": (b"data", 8)}

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


def header_for(beginning: bytes, later: bytes) -> bytes:
    """Return what makes a piece from the middle of a recording, which begins with `later`, a file of its own.

    `beginning` are the first MAX_HEADER_BYTES of the whole recording, or all of it before the gap. Returns no bytes if
    no header is found, or the format is one whose pieces have no use for it.
    """
    mark, offset = _AUDIO_BEGINS.get(suffix_of(beginning) or "", (b"", 0))
    if not mark:
        return b""
    place = beginning.find(mark)
    if place < 0 and len(beginning) >= MAX_HEADER_BYTES:
        return b""
    header = beginning[: place + offset] if place >= 0 else beginning
    # Chromium ends a piece of WebM after the first byte of the next cluster.
    return header + mark[:1] if offset == 0 and later.startswith(mark[1:]) else header
