"""Forms of an import: the file, and the start. That of the mapping is in `app.data.imports.mapping_forms`."""

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired

from app.characters import uniform_text
from app.db.ids import uuid7
from app.tables.file_rules import SUFFIXES
from app.web.forms import Form, is_id

MAX_FILE_NAME_LENGTH = 255

_INCOMPLETE = _l("This form is incomplete. Reload the page and try again.")


def _is_moment(_form: Form, field: Field) -> None:
    try:
        datetime.fromisoformat(field.data or "")
    except ValueError:
        raise ValidationError(str(_INCOMPLETE)) from None


class UploadForm(Form):
    """A file to import. The import has its id before it is sent, so that sending it twice makes one."""

    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "CSV, TSV, Excel (.xlsx, .xls), OpenDocument (.ods) or JSON lines, also in a ZIP file, up to 200 MB, "
            "with the names of the columns."
        ),
        render_kw={"accept": ",".join(sorted(SUFFIXES))},
    )
    import_id = HiddenField(validators=[is_id])

    @classmethod
    def new(cls) -> "UploadForm":
        return cls(formdata=None, import_id=str(uuid7()))

    def validate_file(self, _field: Field) -> None:
        """The name is a label: any will do that can be stored."""
        try:
            name = self.file_name
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if len(name) > MAX_FILE_NAME_LENGTH:
            sentence = _(
                "The name of the file is too long. Use %(most)s characters at most.", most=MAX_FILE_NAME_LENGTH
            )
            raise ValidationError(sentence)

    @property
    def file_name(self) -> str:
        """What its owner calls it."""
        return uniform_text(self.file.data.filename)

    @property
    def new_id(self) -> UUID:
        """Once the form is valid."""
        return UUID(self.import_id.data)


class StartForm(Form):
    """The start of an import whose preview was seen."""

    create_users = BooleanField()
    seen = HiddenField(validators=[_is_moment])

    @property
    def seen_at(self) -> datetime:
        """Once the form is valid."""
        return datetime.fromisoformat(self.seen.data or "")


class UndoForm(Form):
    """The name of the file, typed to confirm that its import is taken back."""

    name = StringField(
        _l("Name of the file"),
        [DataRequired(_l("Type the name of the file to confirm."))],
        render_kw={"autocomplete": "off"},
    )
