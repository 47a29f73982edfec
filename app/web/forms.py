"""What all forms share: clean text, errors of the domain beside their fields, the CSRF token.

Whoever prefers JSON to a page gets no form back: what is wrong is raised, for the shared handler to answer.

Text is trimmed, NFC-normalised and has Unix line ends; a NUL is refused beside its field, because the database can't
store it. Passwords are left as they were typed.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField

from app.errors import DomainError, FieldError, Sentence, ValidationFailed
from app.web.representation import Representation, wanted_representation


class Form(FlaskForm):
    """Base of every form. `form_errors` are sentences that belong to no field; the summary shows them first."""

    form_errors: list[str]

    class Meta(FlaskForm.Meta):
        """Cleans what was typed before a field's own filters see it."""

        def bind_field(self, form: "Form", unbound_field: Any, options: dict[str, Any]) -> Field:
            """Bind as WTForms does, with our filter in front."""
            field: Field = super().bind_field(form, unbound_field, options)
            if isinstance(field, PasswordField):
                field.filters = (_without_nul, *field.filters)
            elif isinstance(field, StringField):
                field.filters = (_cleaned, *field.filters)
            return field

    def process(self, *args: Any, **values: Any) -> None:
        """Read what was sent; what no page can show is shown as a box when the form comes back with its errors."""
        super().process(*args, **values)
        for field in self:
            if isinstance(field.data, str):
                field.data = field.data.replace("\0", "\N{REPLACEMENT CHARACTER}")

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all fields are right. Raises ValidationFailed, if they are not, for whoever prefers JSON."""
        is_valid: bool = super().validate(extra_validators)
        if not is_valid and wanted_representation() is Representation.JSON:
            raise ValidationFailed([FieldError(field.name, message) for field in self for message in field.errors])
        return is_valid

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Put what a service refused beside the fields of this form; what belongs to none of them goes on top.

        `names` maps the service's field names to the form's where they differ. Raises `error` for whoever prefers JSON.
        """
        if wanted_representation() is Representation.JSON:
            raise error
        names = names or {}
        for wrong in error.field_errors:
            field = self._fields.get(names.get(wrong.field, wrong.field))
            if field is None:
                self._add_form_error(wrong.message)
            else:
                field.errors = [*field.errors, str(wrong.message)]
        if not error.field_errors:
            self._add_form_error(error.sentence)

    def _add_form_error(self, sentence: Sentence) -> None:
        self.form_errors = [*self.form_errors, str(sentence)]


def clean_text(text: str) -> str:
    """One form for what looks alike; raises ValueError, which WTForms shows beside the field, for a NUL."""
    if "\0" in text:
        raise ValueError(_("This holds a character that can’t be stored (NUL). Type it again."))
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _cleaned(value: Any) -> Any:
    """A field that was not sent holds None, and one that shows a row's value whatever that is."""
    return clean_text(value) if isinstance(value, str) else value


def _without_nul(value: Any) -> Any:
    if value is not None:
        clean_text(value)
    return value
