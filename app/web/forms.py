"""Base of all forms: cleaned text, domain errors shown at their fields, the CSRF token, and submission.

    with submitted(form) as sent:
        form.check()
        service.rename(actor, view_id, form.name.data, version=form.opened_with)
        return redirect(url_for(".index"))
    return make_response(_page(form), sent.status)

A client that prefers JSON to a page gets no form back: errors are raised for the shared handler.

Text is trimmed and NFC-normalized and has Unix line ends; a NUL is rejected at its field, because the database can't
store it. Passwords are left as typed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias
from urllib.parse import unquote_plus
from uuid import UUID

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import has_request_context
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.audit.reason_rules import MAX_REASON_LENGTH, MIN_REASON_LENGTH, REASON_LENGTH
from app.characters import clean_text
from app.db.ids import uuid7
from app.errors import (
    DomainError,
    FieldError,
    Forbidden,
    LazyText,
    NotFound,
    ReauthenticationRequired,
    Unauthenticated,
    ValidationFailed,
    VersionConflict,
)
from app.web.formatting import UNKNOWN
from app.web.representation import Representation, wanted_representation
from app.web.resubmission import is_shown_again, shown_again_sentence
from app.web.validators import is_day_in_range, is_day_to_come

_INCOMPLETE = _l("This form is incomplete. Reload the page and try again.")


class _Catalogues:
    """Catalogs of WTForms' own messages, in the reader's language.

    Flask-WTF would read the catalog in each request, which takes 2 ms.
    """

    def gettext(self, text: str) -> str:
        return str(_catalogue(get_locale()).gettext(text)) if has_request_context() else text

    def ngettext(self, one: str, many: str, number: int) -> str:
        if not has_request_context():
            return one if number == 1 else many
        return str(_catalogue(get_locale()).ngettext(one, many, number))


_CATALOGUES = _Catalogues()


@lru_cache
def _catalogue(locale: Locale) -> NullTranslations:
    return Translations.load(messages_path(), [locale], domain="wtforms")


class Form(FlaskForm):
    """Base of every form.

    `form_errors` are errors that belong to no field, and are shown first in the summary.
    """

    form_errors: list[str]

    #: Fields that the resource declares as entered (see `app.declarations.entered_fields`).
    declared_names: ClassVar[tuple[str, ...]] = ()

    #: Message for a form that is shown again before it is sent (see `is_shown_again`).
    shown_again: LazyText | None = None

    class Meta(FlaskForm.Meta):
        """Form options that clean typed text before it reaches a field's own filters."""

        def get_translations(self, _form: "Form") -> _Catalogues:
            """Return the catalogs of WTForms' messages."""
            return _CATALOGUES

        def bind_field(self, form: "Form", unbound_field: Any, options: dict[str, Any]) -> Field:
            """Bind the field like WTForms, with the filter that cleans text before its own filters."""
            field: Field = super().bind_field(form, unbound_field, options)
            if isinstance(field, PasswordField):
                field.filters = (_without_nul, *field.filters)
            elif isinstance(field, StringField):
                field.filters = (_cleaned, *field.filters)
            return field

    def process(self, *args: Any, **values: Any) -> None:
        """Read the submitted values.

        Characters that can't be displayed appear as a box when the form is shown again.
        """
        super().process(*args, **values)
        for field in self:
            if isinstance(field.data, str):
                field.data = _with_box(field.data)
            # Unparsable numbers and days are shown as they were sent.
            field.raw_data = [_with_box(text) if isinstance(text, str) else text for text in field.raw_data or ()]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Return whether all fields are valid; False for a form that is only shown again.

        Raises ValidationFailed instead of returning False for an invalid field if the client prefers JSON.
        """
        if is_shown_again():
            self.shown_again = shown_again_sentence()
            return False
        is_valid: bool = super().validate(extra_validators)
        if not is_valid and wanted_representation() is Representation.JSON:
            raise self._refusal()
        return is_valid

    @property
    def declared(self) -> Sequence[Field]:
        """The fields that the resource declares as entered, in order."""
        return [self[name] for name in self.declared_names]

    @property
    def declared_values(self) -> dict[str, Any]:
        """The values of these fields by name; None for empty ones."""
        return {field.name: field.data or None for field in self.declared}

    def check(self) -> None:
        """Raise ValidationFailed unless all fields are valid, or if the form is only shown again."""
        if not self.validate():
            raise self._refusal()

    def _refusal(self) -> ValidationFailed:
        if self.shown_again:
            return _FieldsWrong([], self.shown_again)
        return _FieldsWrong([FieldError(field.name, message) for field in self for message in field.errors])

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Add a service's errors to the fields of this form, and to the form itself if no field matches.

        `names` maps the service's field names to those of the form where they differ.
        """
        names = names or {}
        for wrong in error.field_errors:
            field = self._fields.get(names.get(wrong.field, wrong.field))
            if field is None:
                self._add_form_error(wrong.message)
            else:
                field.errors = [*field.errors, str(wrong.message)]
        if not error.field_errors:
            self._add_form_error(error.sentence)

    def _add_form_error(self, sentence: LazyText) -> None:
        self.form_errors = [*self.form_errors, str(sentence)]


Errors: TypeAlias = tuple[type[DomainError], ...]

#: Without permission no form is shown, a missing record has no page, an unauthenticated user has to sign in, and a user
#: whose session wasn't confirmed is asked on a page of its own.
_WITHOUT_A_FORM: Errors = (Forbidden, NotFound, ReauthenticationRequired, Unauthenticated)


class _FieldsWrong(ValidationFailed):
    """Error for invalid fields found by the form itself, which already shows them."""


class Submission:
    """Result of a submitted form: the error that it shows, or None."""

    def __init__(self, form: Form | None, names: Mapping[str, str] | None, also: Errors) -> None:
        self.error: DomainError | None = None
        self._form, self._names, self._also = form, names, also

    @property
    def status(self) -> int:
        """HTTP status of the page that shows the form again."""
        return HTTPStatus.OK if self.error is None else self.error.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, DomainError) or not self._is_shown(error):
            return False
        self.error = error
        if self._form is not None and not isinstance(error, _FieldsWrong):
            self._form.refuse(error, self._names)
        return True

    def _is_shown(self, error: DomainError) -> bool:
        if wanted_representation() is Representation.JSON or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return False
        return isinstance(error, self._also) or not isinstance(error, _WITHOUT_A_FORM)


def submitted(form: Form | None = None, names: Mapping[str, str] | None = None, *, also: Errors = ()) -> Submission:
    """Return a context manager whose block checks `form`, calls a service and returns a redirect.

    Domain errors raised inside are added to the form (`names` as in `Form.refuse`), and the view continues after the
    block to show the form again; a button, which has no form, displays `error` in its own way. The following are raised
    as usual: internal errors, all errors if the client prefers JSON, and errors that leave no form to show, unless they
    are in `also`.
    """
    return Submission(form, names, also)


def is_id(_form: Form, field: Field) -> None:
    """Validate a hidden field that contains the ID of a row to be created."""
    try:
        UUID(field.data or "")
    except ValueError:
        raise ValidationError(str(_INCOMPLETE)) from None


class OccurredField(HiddenField):
    """Field with the time when the reported action took place, because the form can be sent later.

    The value is in ISO 8601 with an offset, or empty.
    """

    def pre_validate(self, _form: Any) -> None:
        """Reject a value that is not a timestamp."""
        if self.data and self.moment is None:
            raise ValidationError(str(_INCOMPLETE))

    @property
    def moment(self) -> datetime | None:
        """Time in UTC; None if the field is empty or invalid."""
        try:
            told = datetime.fromisoformat(self.data or "")
            return told.astimezone(UTC) if told.tzinfo else None
        except (ValueError, OverflowError):
            return None


def is_query(_form: Form, field: Field) -> None:
    """Validate a hidden field that contains a query string: like a URL, it must not contain a NUL."""
    if "\0" in unquote_plus(field.data or ""):
        raise ValidationError(str(_INCOMPLETE))


class NewRowForm(Form):
    """A form that creates a row.

    The row's ID is generated with the form, so that sending the form twice creates only one row. The primary key
    ensures this: the second request finds the row of the first.
    """

    row_id = HiddenField(validators=[is_id])

    @classmethod
    def new(cls, **values: Any) -> Self:
        """Return a new form with an ID for its row, prefilled with these `values`."""
        return cls(formdata=None, row_id=str(uuid7()), **values)

    @property
    def new_id(self) -> UUID:
        """ID of the new row, once the form is valid."""
        return UUID(self.row_id.data)


class Difference(NamedTuple):
    """A field of a stale form that differs from its stored value: label, stored value, and form's value."""

    label: str
    now: str
    yours: str


class VersionedForm(Form):
    """A form that changes an existing row; `is_stale` once another user has changed that row.

    A stale form takes over the new version and shows both values (`conflict` in components/conflict.html): saving it
    again overwrites the other change; leaving the page keeps the other change. It needs a field created by
    `version_field`.
    """

    #: Service names of values that differ from the field's name.
    stored_as: ClassVar[Mapping[str, str]] = {}

    is_stale = False
    differences: Sequence[Difference] = ()

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Add a service's errors like `Form.refuse`; a VersionConflict also makes the form stale."""
        super().refuse(error, names)
        if isinstance(error, VersionConflict):
            self.is_stale = True
            # Submitted data would take precedence over the value set here.
            self._fields["version"].data, self._fields["version"].raw_data = str(error.extra["current_version"]), None
            self.differences = self._compare(error.extra["current"])

    @property
    def opened_with(self) -> int:
        """Version that the form was opened with, once the form is valid."""
        return int(self._fields["version"].data)

    def _compare(self, current: Mapping[str, Any]) -> list[Difference]:
        stored = {name: current.get(self.stored_as.get(name, name)) for name in self._fields}
        known = {name for name in self._fields if self.stored_as.get(name, name) in current}
        return [
            Difference(str(field.label.text), in_words(field, stored[field.name]), in_words(field, field.data))
            for field in self
            if field.name in known and _comparable(field.data) != _comparable(stored[field.name])
        ]


def version_field(field_id: str | None = None) -> HiddenField:
    """Return a hidden field with the version of the row that a form was opened with."""
    return HiddenField(validators=[Regexp(r"^\d{1,9}$", message=_INCOMPLETE)], id=field_id)


def reason_field(
    missing: LazyText, *, description: LazyText = "", rows: int = 3, field_id: str | None = None
) -> TextAreaField:
    """Return a field for the reason of an action; `missing` is the error message if it is left empty."""
    return TextAreaField(
        _l("Reason"),
        [DataRequired(missing), Length(MIN_REASON_LENGTH, MAX_REASON_LENGTH, REASON_LENGTH)],
        description=description,
        render_kw={"rows": rows},
        id=field_id,
    )


def until_field(description: LazyText) -> DateField:
    """Return an optional field for the last day of something.

    Services reject a day that has already begun in the organization's time zone.
    """
    return DateField(_l("Until"), [Optional(), is_day_to_come, is_day_in_range], description=description)


def _comparable(value: Any) -> Any:
    """Convert a value for comparison: all empty values are equal, as are the same choices in any order."""
    return (sorted(value) if isinstance(value, list) else value) or None


def in_words(field: Field, value: Any) -> str:
    """Return the text shown for `value` in `field`."""
    if isinstance(field, SelectMultipleField):
        chosen = {str(one) for one in value or ()}
        return (
            ", ".join(str(label) for choice, label, *_rest in field.iter_choices() if str(choice) in chosen) or UNKNOWN
        )
    if isinstance(field, SelectField):
        words = {str(choice): str(label) for choice, label, *_rest in field.iter_choices()}
        return words.get(str(value or ""), str(value or UNKNOWN))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return str(value) if value else UNKNOWN


def _with_box(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _cleaned(value: Any) -> Any:
    """Clean text, and return other values unchanged.

    A field that was not sent contains None, and a prefilled one can contain any value.
    """
    return clean_text(value) if isinstance(value, str) else value


def _without_nul(value: Any) -> Any:
    if value is not None:
        clean_text(value)
    return value
