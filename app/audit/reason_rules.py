"""Why somebody did something, as the trail keeps it. Pure."""

import unicodedata

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed

#: Of characters.
MIN_REASON_LENGTH, MAX_REASON_LENGTH = 3, 500
REASON_LENGTH = _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_LENGTH, most=MAX_REASON_LENGTH)


def clean_reason(reason: str, refusal: Sentence = REASON_LENGTH) -> str:
    """The reason as it is stored; raises ValidationFailed, with `refusal` on the field "reason"."""
    why = " ".join(unicodedata.normalize("NFC", reason).split())
    if not MIN_REASON_LENGTH <= len(why) <= MAX_REASON_LENGTH:
        raise ValidationFailed([FieldError("reason", refusal)])
    return why
