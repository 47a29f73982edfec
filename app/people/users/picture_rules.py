"""Rules of photos: maximum size, and messages for unusable files."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed
from app.sandbox.runner import Unreadable

MAX_BYTES = 5 * 1024 * 1024
MIME_TYPE = "image/webp"

_TOO_MANY_PIXELS = _l("This photo has too many pixels. Choose a smaller one.")
_BROKEN = _l("This photo can’t be read. Choose a PNG, JPEG or WebP file.")
#: Messages by the problem that `picture_process` reports, or by the reason why it failed.
_SENTENCES: Mapping[str, LazyText] = {
    "pixels": _TOO_MANY_PIXELS,
    Unreadable.TOO_LARGE: _TOO_MANY_PIXELS,
    Unreadable.TOOK_TOO_LONG: _TOO_MANY_PIXELS,
}


def check_size(content: bytes) -> None:
    """Raise ValidationFailed for a file that is too large."""
    if len(content) > MAX_BYTES:
        raise _refusal(_l("This file is too large. Choose one of at most 5 MB."))


def unusable(problem: str) -> ValidationFailed:
    """Return the error for a photo with this problem."""
    return _refusal(_SENTENCES.get(problem, _BROKEN))


def _refusal(sentence: LazyText) -> ValidationFailed:
    return ValidationFailed([FieldError("picture", sentence)])
