"""Forms of inviting many: the file, and what was seen of it."""

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
    uniform_text(field.data.filename or "")  # raises what is shown


class FileForm(Form):
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file.")), _can_be_named],
        description=_l(
            "CSV or Excel (.xlsx) with the columns email, name and role in the first row, %(most)s people at most.",
            most=MAX_ROWS,
        ),
        render_kw={"accept": ",".join(sorted(DELIMITED_SUFFIXES | WORKBOOK_SUFFIXES))},
    )

    @property
    def file_name(self) -> str:
        """What its owner calls it."""
        return uniform_text(self.file.data.filename or "")


class SeenForm(Form):
    """The rows that were seen: they come back as they were read, and are looked at anew."""

    rows = HiddenField()

    @classmethod
    def of(cls, rows: Sequence[InvitedRow]) -> Self:
        """The form for these rows."""
        return cls(formdata=None, rows=json.dumps(rows))

    @property
    def seen(self) -> list[InvitedRow]:
        """The rows; raises ValidationFailed for what no preview has made."""
        try:
            return [InvitedRow(*row) for row in _ROWS.validate_json(self.rows.data or "")]
        except ValidationError:
            sentence = _l("This form is incomplete. Choose the file again.")
            raise ValidationFailed([FieldError("rows", sentence)], sentence) from None
