"""Validation of the reason for an action, which is stored in the trail."""

import unicodedata

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed

#: Lengths in characters.
MIN_REASON_LENGTH, MAX_REASON_LENGTH = 3, 500
REASON_LENGTH = _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_LENGTH, most=MAX_REASON_LENGTH)


def clean_reason(reason: str, refusal: LazyText = REASON_LENGTH) -> str:
    """Return the reason in the form in which it is stored: NFC, with single spaces.

    Raises ValidationFailed if it is too short or too long, with `refusal` as the error of the field "reason".
    """
    why = " ".join(unicodedata.normalize("NFC", reason).split())
    if not MIN_REASON_LENGTH <= len(why) <= MAX_REASON_LENGTH:
        raise ValidationFailed([FieldError("reason", refusal)])
    return why
