"""What all forms share: clean text, errors of the domain beside their fields, the CSRF token; and how one is submitted.

    with submitted(form) as sent:
        form.check()
        service.rename(actor, view_id, form.name.data, version=form.opened_with)
        return redirect(url_for(".index"))
    return make_response(_page(form), sent.status)

Whoever prefers JSON to a page gets no form back: what is wrong is raised, for the shared handler to answer.

Text is trimmed, NFC-normalised and has Unix line ends; a NUL is refused beside its field, because the database can't
store it. Passwords are left as they were typed.
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
    NotFound,
    Sentence,
    Unauthenticated,
    ValidationFailed,
    VersionConflict,
)
from app.web.formatting import UNKNOWN
from app.web.forms_shown_again import is_shown_again, shown_again_sentence
from app.web.representation import Representation, wanted_representation
from app.web.validators import is_day_in_range, is_day_to_come

_INCOMPLETE = _l("This form is incomplete. Reload the page and try again.")


class _Catalogues:
    """What WTForms says by itself, in the reader's language. Flask-WTF reads the catalogue in each request: 2 ms."""

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
    """Base of every form. `form_errors` are sentences that belong to no field; the summary shows them first."""

    form_errors: list[str]

    #: What to say of a form that is shown once more before it is sent (see `is_shown_again`).
    shown_again: Sentence | None = None

    class Meta(FlaskForm.Meta):
        """Cleans what was typed before a field's own filters see it."""

        def get_translations(self, _form: "Form") -> _Catalogues:
            """Where its sentences are looked up."""
            return _CATALOGUES

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
                field.data = _with_box(field.data)
            # A number or a day that could not be read is shown as it was sent.
            field.raw_data = [_with_box(text) if isinstance(text, str) else text for text in field.raw_data or ()]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all fields are right. Raises ValidationFailed, if they are not, for whoever prefers JSON."""
        if is_shown_again():
            self.shown_again = shown_again_sentence()
            return False
        is_valid: bool = super().validate(extra_validators)
        if not is_valid and wanted_representation() is Representation.JSON:
            raise self._refusal()
        return is_valid

    def check(self) -> None:
        """Raise ValidationFailed unless all fields are right."""
        if not self.validate():
            raise self._refusal()

    def _refusal(self) -> ValidationFailed:
        if self.shown_again:
            return _FieldsWrong([], self.shown_again)
        return _FieldsWrong([FieldError(field.name, message) for field in self for message in field.errors])

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Put what a service refused beside the fields of this form; what belongs to none of them goes on top.

        `names` maps the service's field names to the form's where they differ.
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

    def _add_form_error(self, sentence: Sentence) -> None:
        self.form_errors = [*self.form_errors, str(sentence)]


Errors: TypeAlias = tuple[type[DomainError], ...]

#: Who may not do it is shown no form for it, what is not there has no page, and who asks is to sign in again.
_WITHOUT_A_FORM: Errors = (Forbidden, NotFound, Unauthenticated)


class _FieldsWrong(ValidationFailed):
    """What a form found wrong itself, and shows already."""


class Submission:
    """What came of a form that was sent: the error that it shows, None while there is none."""

    def __init__(self, form: Form | None, names: Mapping[str, str] | None, also: Errors) -> None:
        self.error: DomainError | None = None
        self._form, self._names, self._also = form, names, also

    @property
    def status(self) -> int:
        """Of the page that shows the form again."""
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
    """A block that does what `form` asks for: check it, call a service, return where to go.

    What is refused in it is put on the form, by the names that `Form.refuse` takes, and the view goes on behind the
    block, to show the form again; a button, which has no form, shows `error` in its own way. Raised as ever: what is
    our fault, everything for whoever prefers JSON, and what may leave no form to show it on, unless it is in `also`.
    """
    return Submission(form, names, also)


def is_id(_form: Form, field: Field) -> None:
    """Validator of a hidden field that holds the id of a row which is still to be made."""
    try:
        UUID(field.data or "")
    except ValueError:
        raise ValidationError(str(_INCOMPLETE)) from None


class OccurredField(HiddenField):
    """When what the form says happened, where that is sent later: ISO 8601 with an offset, or nothing."""

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no moment."""
        if self.data and self.moment is None:
            raise ValidationError(str(_INCOMPLETE))

    @property
    def moment(self) -> datetime | None:
        """In UTC; None where nothing is told."""
        try:
            told = datetime.fromisoformat(self.data or "")
            return told.astimezone(UTC) if told.tzinfo else None
        except (ValueError, OverflowError):
            return None


def is_query(_form: Form, field: Field) -> None:
    """Validator of a hidden field that holds a query string: what no address may hold, it may not hold either."""
    if "\0" in unquote_plus(field.data or ""):
        raise ValidationError(str(_INCOMPLETE))


class NewRowForm(Form):
    """A form that makes a row, whose id is made with the form: sent twice, it is the same row and not a second one.

    The database holds it, by the primary key: whoever comes second finds the row of the first.
    """

    row_id = HiddenField(validators=[is_id])

    @classmethod
    def new(cls, **values: Any) -> Self:
        """An empty one, but for `values`."""
        return cls(formdata=None, row_id=str(uuid7()), **values)

    @property
    def new_id(self) -> UUID:
        """Once the form is valid."""
        return UUID(self.row_id.data)


class Difference(NamedTuple):
    """A field that somebody else has set otherwise meanwhile: its label, what is stored now, what is in the form."""

    label: str
    now: str
    yours: str


class VersionedForm(Form):
    """A form that changes what it was opened with; `is_stale` when somebody else has changed that meanwhile.

    A stale form takes over the new version and shows both values (`conflict` in components/conflict.html): saving it
    again means the second thought, leaving it keeps what is there. It needs a field made by `version_field`.
    """

    #: Where the service's name of a value differs from the field's.
    stored_as: ClassVar[Mapping[str, str]] = {}

    is_stale = False
    differences: Sequence[Difference] = ()

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Show what a service refused."""
        super().refuse(error, names)
        if isinstance(error, VersionConflict):
            self.is_stale = True
            # What was sent would be shown before what is set here.
            self._fields["version"].data, self._fields["version"].raw_data = str(error.extra["current_version"]), None
            self.differences = self._compare(error.extra["current"])

    @property
    def opened_with(self) -> int:
        """The version that the form showed, once the form is valid."""
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
    """The version of the row that a form was opened with."""
    return HiddenField(validators=[Regexp(r"^\d{1,9}$", message=_INCOMPLETE)], id=field_id)


def reason_field(
    missing: Sentence, *, description: Sentence = "", rows: int = 3, field_id: str | None = None
) -> TextAreaField:
    """Why something is done; `missing` is told to who does not say it."""
    return TextAreaField(
        _l("Reason"),
        [DataRequired(missing), Length(MIN_REASON_LENGTH, MAX_REASON_LENGTH, REASON_LENGTH)],
        description=description,
        render_kw={"rows": rows},
        id=field_id,
    )


def until_field(description: Sentence) -> DateField:
    """The day that ends something, if it is to end; a service refuses one that has begun where its organization is."""
    return DateField(_l("Until"), [Optional(), is_day_to_come, is_day_in_range], description=description)


def _comparable(value: Any) -> Any:
    """Nothing is nothing, however it is written, and several choices are the same in any order."""
    return (sorted(value) if isinstance(value, list) else value) or None


def in_words(field: Field, value: Any) -> str:
    """What people read where `field` holds `value`."""
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
    """A field that was not sent holds None, and one that shows a row's value whatever that is."""
    return clean_text(value) if isinstance(value, str) else value


def _without_nul(value: Any) -> Any:
    if value is not None:
        clean_text(value)
    return value
