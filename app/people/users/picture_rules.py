"""Rules of pictures: how large one may be, and what is said of one that cannot be used."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed
from app.sandbox.runner import Unreadable

MAX_BYTES = 5 * 1024 * 1024
MIME_TYPE = "image/webp"

_TOO_MANY_PIXELS = _l("This picture has too many pixels. Choose a smaller one.")
_BROKEN = _l("This is not a picture that can be read. Choose a PNG, JPEG or WebP file.")
#: By the problem that `picture_process` names, and by the reason why it has no answer.
_SENTENCES: Mapping[str, Sentence] = {
    "pixels": _TOO_MANY_PIXELS,
    Unreadable.TOO_LARGE: _TOO_MANY_PIXELS,
    Unreadable.TOOK_TOO_LONG: _TOO_MANY_PIXELS,
}


def check_size(content: bytes) -> None:
    """Raise ValidationFailed for a file that is too large."""
    if len(content) > MAX_BYTES:
        raise _refusal(_l("This file is too large. Choose one of at most 5 MB."))


def unusable(problem: str) -> ValidationFailed:
    """Return the refusal of a picture with this problem."""
    return _refusal(_SENTENCES.get(problem, _BROKEN))


def _refusal(sentence: Sentence) -> ValidationFailed:
    return ValidationFailed([FieldError("picture", sentence)])
