"""Forms generated from an `Input`: a field for each value, with its bounds and the label of the resource's field.

`forms_of` is for simple forms. A complex form is written by hand: it takes `text_length` from the input and passes the
values to it.
"""

from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from pydantic.fields import FieldInfo
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange

from app.declarations.field import Person
from app.declarations.input import Input, bounds_of, kind_of, texts_of
from app.declarations.input_sentences import Bounds, length_sentence
from app.declarations.resource import Resource
from app.security.actor import current_actor
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options

Given = TypeVar("Given", bound=Input)

_NOT_OFFERED = _l("Choose one of the options.")


class _FormOf(Form, Generic[Given]):
    _input: type[Given]

    @property
    def given(self) -> Given:
        """The validated input. Raises ValidationFailed."""
        return self._input.of({name: self[name].data for name in self._input.columns()})


class NewForm(_FormOf[Given], NewRowForm):
    """Form that creates a record; submitting it twice creates one record."""


class EditForm(_FormOf[Given], VersionedForm):
    """Form that changes an existing record."""

    version = version_field()

    @classmethod
    def of(cls, row: Any) -> "EditForm[Given]":
        """Return the form filled with the record's current values."""
        values = {name: getattr(row, name) for name in cls._input.columns()}
        return cls(formdata=None, version=row.version, **values)


def forms_of(resource: Resource, kind: type[Given]) -> tuple[type[NewForm[Given]], type[EditForm[Given]]]:
    """Build the forms that create and change a record.

    Raises TypeError for a value without a suitable field, or with a name that the forms already use for something else.
    """
    taken = [name for name in kind.columns() if hasattr(NewForm, name) or hasattr(EditForm, name)]
    if taken:
        raise TypeError(f"{kind.__name__}: a form has something else of that name: {', '.join(taken)}.")
    fields = {name: _field(resource, name, info) for name, info in kind.model_fields.items()}
    new = type(f"New{kind.__name__}Form", (NewForm,), {"_input": kind, **fields})
    edit = type(f"{kind.__name__}Form", (EditForm,), {"_input": kind, **fields})
    return new, edit


def text_length(kind: type[Input], name: str) -> Length:
    """Build the validator for the length of the input's text field with this name."""
    return length_validator(kind.bounds(name))


def length_validator(bounds: Bounds) -> Length:
    """Build the validator for the length of a text field."""
    least, most = (bounds.least or 0), (bounds.most or -1)
    # DataRequired already ensures at least one character.
    return Length(least if least > 1 else -1, most, length_sentence(bounds))


def _field(resource: Resource, name: str, info: FieldInfo) -> Field:
    asked, kind, is_optional = texts_of(info), info.annotation, not info.is_required() and info.default is None
    common: dict[str, Any] = {
        "label": asked.label or resource.recorded[name],
        "description": asked.hint,
        "id": asked.field_id,
    }
    if kind is bool:
        return BooleanField(**common)
    if kind is int and asked.wrong is not None and info.is_required():
        least, most = bounds_of(info)
        return IntegerField(validators=[InputRequired(asked.wrong), NumberRange(least, most, asked.wrong)], **common)
    if kind_of(info) is str and (is_optional or (asked.missing is not None and info.is_required())):
        needed = [] if is_optional else [DataRequired(asked.missing)]
        common |= {
            "validators": [*needed, length_validator(bounds_of(info))],
            "filters": [_none_if_blank] if is_optional else [],
        }
        return TextAreaField(render_kw={"rows": asked.rows}, **common) if asked.rows else StringField(**common)
    person = next((one.kind for one in resource.fields if name in one.recorded_columns), None)
    if kind_of(info) is UUID and is_optional and isinstance(person, Person):
        return SelectField(choices=lambda: _people(person), coerce=_id_or_none, validate_choice=False, **common)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        offered = AnyOf(list(kind), _NOT_OFFERED)
        return SelectField(choices=lambda: options(kind), validators=[offered], validate_choice=False, **common)
    raise TypeError(f"{resource.name}.{name}: no form field asks for this value. Write the form by hand.")


def _people(kind: Person) -> list[tuple[str, str]]:
    people = kind.offered(current_actor())
    return [("", pgettext("assigned", "Unassigned")), *((str(one.id), one.name) for one in people)]


def _id_or_none(value: Any) -> UUID | None:
    return UUID(str(value)) if value else None


def _none_if_blank(value: Any) -> Any:
    return value or None
