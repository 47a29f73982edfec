"""Forms for bulk invitations: the file, and its previewed rows."""

import json
from collections.abc import Sequence
from typing import Annotated, Self

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from pydantic import Field, TypeAdapter, ValidationError
from wtforms import HiddenField

from app.characters import uniform_text
from app.errors import FieldError, ValidationFailed
from app.people.invitations.file_rules import MAX_CELL_LENGTH, MAX_ROWS, InvitedRow
from app.tables.file_rules import DELIMITED_SUFFIXES, WORKBOOK_SUFFIXES
from app.web.forms import Form

_Text = Annotated[str, Field(max_length=MAX_CELL_LENGTH)]
_ROWS = TypeAdapter(
    Annotated[
        list[tuple[Annotated[int, Field(ge=1, le=10**9)], _Text, _Text, _Text]],
        Field(min_length=1, max_length=MAX_ROWS),
    ]
)


def _can_be_named(_form: Form, field: FileField) -> None:
    uniform_text(field.data.filename or "")  # raises the error to show


class FileForm(Form):
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file.")), _can_be_named],
        description=_l(
            "CSV or Excel (.xlsx) with the columns email, name and role in the first row, up to %(most)s people.",
            most=MAX_ROWS,
        ),
        render_kw={"accept": ",".join(sorted(DELIMITED_SUFFIXES | WORKBOOK_SUFFIXES))},
    )

    @property
    def file_name(self) -> str:
        """The name of the uploaded file."""
        return uniform_text(self.file.data.filename or "")


class SeenForm(Form):
    """Form with the previewed rows, which are submitted as they were read and validated again."""

    rows = HiddenField()

    @classmethod
    def of(cls, rows: Sequence[InvitedRow]) -> Self:
        """Build the form for these rows."""
        return cls(formdata=None, rows=json.dumps(rows))

    @property
    def seen(self) -> list[InvitedRow]:
        """The submitted rows.

        Raises ValidationFailed for data that no preview could have produced.
        """
        try:
            return [InvitedRow(*row) for row in _ROWS.validate_json(self.rows.data or "")]
        except ValidationError:
            sentence = _l("This form is incomplete. Choose the file again.")
            raise ValidationFailed([FieldError("rows", sentence)], sentence) from None
