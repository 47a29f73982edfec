"""The forms of a template of notes."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired

from app.models import NoteTemplate, NoteTemplateKind
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options
from app.web.validators import at_most
from app.work.note_templates.rules import MAX_BODY, MAX_NAME
from app.work.note_templates.service import shown


class TemplateFields(Form):
    """A text that notes begin with."""

    name = StringField(
        lazy_pgettext("thing", "Name"), [DataRequired(_l("Enter a name.")), at_most(MAX_NAME)], id="template-name"
    )
    kind = SelectField(
        _l("Offered for"),
        choices=lambda: options(NoteTemplateKind),
        validators=[AnyOf(list(NoteTemplateKind), _l("Choose one of the values offered."))],
        validate_choice=False,
    )
    body = TextAreaField(
        _l("Text"), [DataRequired(_l("Write something first.")), at_most(MAX_BODY)], render_kw={"rows": 8}
    )

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, once the form is valid."""
        return {"name": self.name.data, "body": self.body.data, "kind": NoteTemplateKind(self.kind.data)}


class NewTemplateForm(TemplateFields, NewRowForm):
    """A text that is not kept yet; sent twice, it is there once."""


class TemplateForm(TemplateFields, VersionedForm):
    """A template as it is."""

    version = version_field()

    @classmethod
    def of(cls, row: NoteTemplate) -> Self:
        """The form as the template stands."""
        return cls(formdata=None, version=row.version, **shown(row))
