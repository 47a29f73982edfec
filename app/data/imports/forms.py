"""Forms for uploading, starting and undoing an import; the mapping form is in `mapping_forms`."""

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, HiddenField, RadioField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.characters import uniform_text
from app.data.imports.overlap_rules import MAX_SOURCE_LENGTH, Doubt, SourceQuestion
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
    """Upload of a file to import.

    The id of the import is generated with the form, so that submitting it twice creates one import.
    """

    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "CSV, TSV, Excel (.xlsx, .xls), OpenDocument (.ods) or JSON Lines, optionally zipped, up to 200 "
            "MB, with column names in the first row."
        ),
        render_kw={"accept": ",".join(sorted(SUFFIXES))},
    )
    import_id = HiddenField(validators=[is_id])

    @classmethod
    def new(cls) -> "UploadForm":
        return cls(formdata=None, import_id=str(uuid7()))

    def validate_file(self, _field: Field) -> None:
        """Validate the file name, which is only a label: it only has to be storable and short enough."""
        try:
            name = self.file_name
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if len(name) > MAX_FILE_NAME_LENGTH:
            sentence = _("The file name is too long. Use up to %(most)s characters.", most=MAX_FILE_NAME_LENGTH)
            raise ValidationError(sentence)

    @property
    def file_name(self) -> str:
        """The file name as uploaded, normalized."""
        return uniform_text(self.file.data.filename)

    @property
    def new_id(self) -> UUID:
        """The id of the new import; the form must be valid."""
        return UUID(self.import_id.data)


class _PreviewForm(Form):
    """A form on a preview, which refers to the preview that the user saw."""

    seen = HiddenField(validators=[_is_moment])

    @property
    def seen_at(self) -> datetime:
        """The time of the preview that the user saw; the form must be valid."""
        return datetime.fromisoformat(self.seen.data or "")


class StartForm(_PreviewForm):
    """Start of an import after its preview was shown."""

    create_users = BooleanField()


class SourceForm(_PreviewForm):
    """Answer to a preview's question about the source of a file."""

    SAME, OTHER = "same", "other"

    answer = RadioField(_l("Source of this file"), validators=[DataRequired(_l("Choose one of the two."))])
    source = StringField(
        _l("Name of the other system"),
        [Length(max=MAX_SOURCE_LENGTH)],
        description=_l("Rows with the same ID from a source with this name count as the same record."),
        render_kw={"autocomplete": "off"},
    )

    def asks(self, question: SourceQuestion) -> None:
        """Set the answers to a question."""
        same = (
            _("The same records, which change here")
            if question.doubt is Doubt.OTHER_RECORDS
            else _("The same records, from “%(source)s”", source=question.same)
        )
        self.answer.choices = [(self.SAME, same), (self.OTHER, _("Records of another system"))]

    def validate_source(self, _field: Field) -> None:
        """Require a name for another system."""
        if self.answer.data == self.OTHER and not self.source.data:
            raise ValidationError(_("Enter a name for the other system."))

    @property
    def new_source(self) -> str | None:
        """The name of the other system, None for the same records; the form must be valid."""
        return self.source.data if self.answer.data == self.OTHER else None


class UndoForm(Form):
    """Confirmation of undoing an import, by typing the name of its file."""

    name = StringField(
        _l("File name"),
        [DataRequired(_l("Type the name of the file to confirm."))],
        render_kw={"autocomplete": "off"},
    )
