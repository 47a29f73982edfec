"""Forms made of an `Input`: a field for each value, with its bounds, labelled as the resource's field is.

`forms_of` is for plain ones. A form that is a dialogue is written by hand: it takes `text_length` from the input, and
hands it what was typed.
"""

from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask_babel import lazy_gettext as _l
from pydantic.fields import FieldInfo
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange

from app.declarations.input import Input, asked_of, bounds_of
from app.declarations.input_sentences import Bounds, length_sentence
from app.declarations.resource import Resource
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options

Given = TypeVar("Given", bound=Input)

_NOT_OFFERED = _l("Choose one of the values offered.")


class _FormOf(Form, Generic[Given]):
    _input: type[Given]

    @property
    def given(self) -> Given:
        """Return what was typed. Raises ValidationFailed."""
        return self._input.of({name: self[name].data for name in self._input.columns()})


class NewForm(_FormOf[Given], NewRowForm):
    """Adds a record; sent twice, it is there once."""


class EditForm(_FormOf[Given], VersionedForm):
    """Changes a record that is there."""

    version = version_field()

    @classmethod
    def of(cls, row: Any) -> "EditForm[Given]":
        """Return the form as the record stands."""
        values = {name: getattr(row, name) for name in cls._input.columns()}
        return cls(formdata=None, version=row.version, **values)


def forms_of(resource: Resource, kind: type[Given]) -> tuple[type[NewForm[Given]], type[EditForm[Given]]]:
    """Make the forms that add and change a record. Raises TypeError for a value that no field can ask for."""
    taken = [name for name in kind.columns() if hasattr(NewForm, name) or hasattr(EditForm, name)]
    if taken:
        raise TypeError(f"{kind.__name__}: a form has something else of that name: {', '.join(taken)}.")
    fields = {name: _field(resource, name, info) for name, info in kind.model_fields.items()}
    new = type(f"New{kind.__name__}Form", (NewForm,), {"_input": kind, **fields})
    edit = type(f"{kind.__name__}Form", (EditForm,), {"_input": kind, **fields})
    return new, edit


def text_length(kind: type[Input], name: str) -> Length:
    """Make the validator that holds a text to its bounds."""
    return _length(kind.bounds(name))


def _length(bounds: Bounds) -> Length:
    least, most = (bounds.least or 0), (bounds.most or -1)
    # That there is one character at all, DataRequired asks for.
    return Length(least if least > 1 else -1, most, length_sentence(bounds))


def _field(resource: Resource, name: str, info: FieldInfo) -> Field:
    asked, kind = asked_of(info), info.annotation
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
    if kind is str and asked.missing is not None and info.is_required():
        common["validators"] = [DataRequired(asked.missing), _length(bounds_of(info))]
        return TextAreaField(render_kw={"rows": asked.rows}, **common) if asked.rows else StringField(**common)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        offered = AnyOf(list(kind), _NOT_OFFERED)
        return SelectField(choices=lambda: options(kind), validators=[offered], validate_choice=False, **common)
    raise TypeError(f"{resource.name}.{name}: no form field asks for this value. Write the form by hand.")
