"""Forms of a recording: what the customer says, a part, the end, a file."""

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
#: What is asked before anything is recorded.
_ANSWERS: Mapping[Consent, Any] = {
    Consent.GIVEN: _l("Yes, they agree"),
    Consent.REFUSED: _l("No, they do not want it"),
    Consent.NOT_NEEDED: _l("Nobody has to be asked here"),
}


def _answers() -> list[tuple[str, str]]:
    return [(consent.value, str(words)) for consent, words in _ANSWERS.items()]


class ConsentForm(NewRowForm):
    """Whether the visit may be recorded. Sent twice, it begins once.

    Its ids are its own: it stands beside other forms, too.
    """

    row_id = HiddenField(validators=[is_id], id="consent-id")
    occurred_at = OccurredField(id="consent-occurred-at")

    consent = RadioField(
        _l("May this visit be recorded?"),
        [InputRequired(_l("Ask the customer, and choose what they say."))],
        choices=_answers,
        description=_l("Tell the customer that the visit is recorded, what for, and that they may say no."),
    )

    @property
    def chosen(self) -> Consent:
        """Once the form is valid."""
        return Consent(self.consent.data)


class ContinueForm(NewRowForm):
    """Another recording of the same visit, after one that was interrupted. Sent twice, it begins once."""

    row_id = HiddenField(validators=[is_id], id="continue-id")
    occurred_at = OccurredField(id="continue-occurred-at")


def _count(message: Any = _INCOMPLETE) -> IntegerField:
    return IntegerField(validators=[InputRequired(message), NumberRange(1, MAX_PARTS, message)])


class PartForm(Form):
    """A part that a phone sends: its number from 1, its SHA-256, its bytes."""

    number = _count()
    sha256 = HiddenField(validators=[InputRequired(_INCOMPLETE), Regexp(_DIGEST, message=_INCOMPLETE)])
    part = FileField(validators=[FileRequired(_INCOMPLETE)])


class FinishForm(Form):
    """How many parts there are, and when the last one ended."""

    parts = _count()
    ended_at = HiddenField(validators=[Optional()])

    def validate_ended_at(self, field: Field) -> None:
        """A moment with its offset."""
        try:
            moment = datetime.fromisoformat(field.data)
        except ValueError:
            raise ValidationError(str(_INCOMPLETE)) from None
        if moment.tzinfo is None:
            raise ValidationError(str(_INCOMPLETE))

    @property
    def moment(self) -> datetime | None:
        """When it ended, in UTC; None where the phone does not say."""
        return datetime.fromisoformat(self.ended_at.data).astimezone(UTC) if self.ended_at.data else None


class FileForm(Form):
    """A recording that was made elsewhere."""

    file = FileField(
        _l("Recording"),
        [FileRequired(_l("Choose a recording."))],
        description=_l("webm, m4a, mp3, ogg, wav or flac, up to 200 MB."),
        render_kw={"accept": "audio/*," + ",".join(MIMETYPES)},
    )

    def measured(self) -> tuple[IO[bytes], int, str]:
        """The file from its start, its bytes, their SHA-256, once the form is valid: a piece at a time."""
        stream: IO[bytes] = self.file.data.stream
        digest, size = hashlib.sha256(), 0
        stream.seek(0)
        while piece := stream.read(_CHUNK_BYTES):
            digest.update(piece)
            size += len(piece)
        stream.seek(0)
        return stream, size, digest.hexdigest()
