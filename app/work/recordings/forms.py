"""Forms of a recording: the customer's consent, a part, the end, and a file."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, HiddenField, IntegerField, RadioField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from app.models import Consent
from app.sound import MIMETYPES
from app.web.forms import Form, NewRowForm, OccurredField, is_id
from app.work.recordings.rules import MAX_PARTS

_INCOMPLETE = _l("This form is incomplete. Reload the page and try again.")
_CHUNK_BYTES = 1024 * 1024
_DIGEST = r"\A[0-9a-f]{64}\Z"
#: Answers to the question asked before anything is recorded.
_ANSWERS: Mapping[Consent, Any] = {
    Consent.GIVEN: _l("Yes, they agree"),
    Consent.REFUSED: _l("No, they decline"),
    Consent.NOT_NEEDED: _l("Consent isn’t needed here"),
}


def _answers() -> list[tuple[str, str]]:
    return [(consent.value, str(words)) for consent, words in _ANSWERS.items()]


class ConsentForm(NewRowForm):
    """Form that asks for consent to record the appointment.

    Submitting it twice starts one recording. Its element IDs don't clash with those of the other forms on the page.
    """

    row_id = HiddenField(validators=[is_id], id="consent-id")
    occurred_at = OccurredField(id="consent-occurred-at")

    consent = RadioField(
        _l("Can this appointment be recorded?"),
        [InputRequired(_l("Ask the customer, then choose their answer."))],
        choices=_answers,
        description=_l("Tell the customer that the appointment will be recorded, why, and that they can decline."),
    )

    @property
    def chosen(self) -> Consent:
        """The chosen answer, once the form is valid."""
        return Consent(self.consent.data)


class ContinueForm(NewRowForm):
    """Form that starts another recording of the same appointment after an interrupted one.

    Submitting it twice starts one recording.
    """

    row_id = HiddenField(validators=[is_id], id="continue-id")
    occurred_at = OccurredField(id="continue-occurred-at")


def _count(message: Any = _INCOMPLETE) -> IntegerField:
    return IntegerField(validators=[InputRequired(message), NumberRange(1, MAX_PARTS, message)])


class PartForm(Form):
    """Form in which a phone sends a part: its number from 1, its SHA-256 and its content."""

    number = _count()
    sha256 = HiddenField(validators=[InputRequired(_INCOMPLETE), Regexp(_DIGEST, message=_INCOMPLETE)])
    part = FileField(validators=[FileRequired(_INCOMPLETE)])


class FinishForm(Form):
    """Form that ends a recording, with the number of parts and the time when the last one ended."""

    parts = _count()
    ended_at = HiddenField(validators=[Optional()])

    def validate_ended_at(self, field: Field) -> None:
        """Refuse a value that isn't a time with a UTC offset."""
        try:
            moment = datetime.fromisoformat(field.data)
        except ValueError:
            raise ValidationError(str(_INCOMPLETE)) from None
        if moment.tzinfo is None:
            raise ValidationError(str(_INCOMPLETE))

    @property
    def moment(self) -> datetime | None:
        """The time when the recording ended, in UTC; None if the phone doesn't specify it."""
        return datetime.fromisoformat(self.ended_at.data).astimezone(UTC) if self.ended_at.data else None


class FileForm(Form):
    """Form that uploads a recording made elsewhere."""

    file = FileField(
        _l("Recording"),
        [FileRequired(_l("Choose a recording."))],
        description=_l("WebM, M4A, MP3, OGG, WAV or FLAC, up to 200 MB."),
        render_kw={"accept": "audio/*," + ",".join(MIMETYPES)},
    )

    def measured(self) -> tuple[IO[bytes], int, str]:
        """Return the file from its start, its size and its SHA-256, once the form is valid.

        The file is read in chunks.
        """
        stream: IO[bytes] = self.file.data.stream
        digest, size = hashlib.sha256(), 0
        stream.seek(0)
        while piece := stream.read(_CHUNK_BYTES):
            digest.update(piece)
            size += len(piece)
        stream.seek(0)
        return stream, size, digest.hexdigest()
