"""Inputs: typed classes of the values that can be written to a record.

    class ServiceTypeInput(Input):
        name: Annotated[str, Field(min_length=2, max_length=80), InputTexts(missing=_l("Enter a name."))]
        minutes: Annotated[int, Field(ge=15, le=480)]
        is_active: bool = True

The record's service, form and schema share its input. The names are those of the record's columns; JSON has them in
camel case, or as their `alias`. Types are strict: 1 is not a string, and true is not a number; `OneOf`, `Id` and
`Moment` are parsed from strings. The service validates what depends on other rows.

An omitted value gets its default, or is missing if it has none. None is stored as NULL if the type allows it, and "" is
a string. A form always sends every value: an unchecked box is False in a form, but the default in JSON.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar, get_args, get_origin
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from app.characters import Unstorable, clean_text, readable
from app.declarations.input_sentences import Bounds, bounds_broken, code_of, is_unknown, sentence_of
from app.errors import Conflict, FieldError, LazyText, ValidationFailed
from app.periods import is_in_range

_Value = TypeVar("_Value")

#: An enumeration member or its text.
OneOf = Annotated[_Value, Field(strict=False)]
Id = Annotated[UUID, Field(strict=False)]


def _read_moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is None or not is_in_range(found.date()):
        raise PydanticCustomError("moment", "no moment")
    return found


#: ISO 8601 with an offset, and a year that can be shown in every time zone.
Moment = Annotated[datetime, BeforeValidator(_read_moment)]


def _read_day(value: Any) -> date:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-11-20") else value
    except ValueError:
        found = None
    if not isinstance(found, date) or isinstance(found, datetime) or not is_in_range(found):
        raise PydanticCustomError("day", "no day")
    return found


def _read_day_or_moment(value: Any) -> date:
    for read in (_read_day, _read_moment):
        try:
            return read(value)
        except PydanticCustomError:
            continue
    raise PydanticCustomError("day_or_moment", "no day or moment")


#: A local date: YYYY-MM-DD.
Day = Annotated[date, PlainValidator(_read_day, json_schema_input_type=date)]
#: A local date, or a `Moment`.
DayOrMoment = Annotated[date, PlainValidator(_read_day_or_moment, json_schema_input_type=date | datetime)]

#: Digits of an amount before and after the point.
_WHOLE_DIGITS, _CENTS = 10, 2


def _read_money(value: Any) -> Decimal:
    try:
        found = Decimal(value) if isinstance(value, str) and value.isascii() else value
    except InvalidOperation:
        found = None
    if not isinstance(found, Decimal) or not found.is_finite() or not 0 <= found < 10**_WHOLE_DIGITS:
        raise PydanticCustomError("money", "no money")
    if found != round(found, _CENTS):
        raise PydanticCustomError("money", "no money")
    return round(found, _CENTS)


#: An amount in the organization's currency as text, "1234.50"; 0 or more.
Money = Annotated[Decimal, PlainValidator(_read_money, json_schema_input_type=str)]
#: Ids of records; bound their number with `max_length`.
Ids = Annotated[tuple[Id, ...], Field(strict=False)]
#: A list of texts; bound their number with `max_length`, and the length of each in `Texts[…]`.
Texts = Annotated[tuple[_Value, ...], Field(strict=False)]


def refused(why: LazyText) -> PydanticCustomError:
    """Return the error that a validator of an input raises, with the message for the user."""
    return PydanticCustomError("refused", "refused", {"why": why})


@dataclass(frozen=True, slots=True)
class InputTexts:
    """The texts of a form field; `label` is for fields where the resource's label does not fit.

    `missing` and `wrong` replace the default messages for a missing value and one that is out of bounds. A text field
    with `rows` has several lines. `field_id` is set if another form on the page has a field with the same name.
    """

    label: LazyText | None = None
    hint: LazyText = ""
    missing: LazyText | None = None
    wrong: LazyText | None = None
    rows: int = 0
    field_id: str | None = None


class AsTyped:
    """Mark of a text whose surrounding spaces belong to it, such as a password."""


#: Supported types, in addition to string enumerations.
_KINDS = (str, int, bool, UUID, datetime, date, Decimal, tuple, dict)


def kind_of(field: FieldInfo) -> type:
    """Return the type of the field's value, without the None of an optional one."""
    said = get_args(field.annotation)
    [kind] = (one for one in said if one is not type(None)) if type(None) in said else (field.annotation,)
    value: Any = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    found: type = get_origin(value) or value
    return found


def bounds_of(field: FieldInfo) -> Bounds:
    """Return the bounds of a field: of the value if it is a number, of the length if it is text."""
    return Bounds(_said(field, "min_length", "ge"), _said(field, "max_length", "le"))


def _said(field: FieldInfo, *names: str) -> int | None:
    return next((getattr(one, name) for one in field.metadata for name in names if hasattr(one, name)), None)


def texts_of(field: FieldInfo) -> InputTexts:
    """Return the texts for the form field of an input's value; the default ones if none are declared."""
    return next((one for one in field.metadata if isinstance(one, InputTexts)), InputTexts())


class Input(BaseModel):
    """The base class of inputs, which refuses unknown names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        loc_by_alias=False,
        hide_input_in_errors=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: Any, about: ValidationInfo) -> Any:
        try:
            if isinstance(value, list):
                return [_cleaned(one) for one in value]
            if isinstance(value, dict):
                return {name: _cleaned(one) for name, one in value.items()}
            cleaned = _cleaned(value)
        except Unstorable as error:
            raise refused(error.sentence) from None
        is_as_typed = any(isinstance(one, AsTyped) for one in cls.model_fields[about.field_name or ""].metadata)
        return readable(value) if is_as_typed and isinstance(value, str) else cleaned

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        """Raise TypeError for a type without error messages, and for text or a number that lacks a bound.

        Text needs a maximum length, and a number needs both bounds.
        """
        for name, field in cls.model_fields.items():
            kind, (least, most) = kind_of(field), bounds_of(field)
            if kind not in _KINDS and not issubclass(kind, StrEnum):
                raise TypeError(f"{cls.__name__}.{name}: an input takes no {kind.__name__}.")
            if (kind in {str, tuple} and most is None) or (kind is int and None in {least, most}):
                raise TypeError(f"{cls.__name__}.{name} has no bounds.")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Parse values by column name. Raises ValidationFailed with one error for each invalid value."""
        try:
            return cls.model_validate(values, by_alias=False, by_name=True)
        except ValidationError as error:
            raise ValidationFailed(cls._field_errors(error)) from None

    @classmethod
    def read(cls, body: Any) -> Self:
        """Parse a JSON body. Raises ValidationFailed like `of`, with the names in the body."""
        try:
            return cls.model_validate(body, by_alias=True, by_name=False)
        except ValidationError as error:
            raise ValidationFailed(cls._field_errors(error, by_alias=True)) from None

    @classmethod
    def changed(cls, current: Mapping[str, Any], body: Any) -> Self:
        """Parse a JSON body that changes a record whose columns have the values `current`.

        null clears a value; absent values stay as they are, but must be valid too, as in a form. Those that are no
        column get their default. The names that were sent are in `model_fields_set`. Raises ValidationFailed like
        `read`.
        """
        if not isinstance(body, Mapping):
            return cls.read(body)
        stored = {field.alias or name: current[name] for name, field in cls.model_fields.items() if name in current}
        whole = cls.read({**stored, **body})
        sent = {name for name, field in cls.model_fields.items() if (field.alias or name) in body}
        return cls.model_construct(_fields_set=sent, **whole.values())

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Return the names of the columns that the input writes."""
        return tuple(cls.model_fields)

    @classmethod
    def bounds(cls, name: str) -> Bounds:
        """Return the bounds of the field with this name: of the value of a number, or of the length of text."""
        return bounds_of(cls.model_fields[name])

    def values(self) -> dict[str, Any]:
        """Return the values by column, with enumerations, timestamps and ids as Python objects."""
        return {name: getattr(self, name) for name in self.columns()}

    @classmethod
    def _field_errors(cls, error: ValidationError, *, by_alias: bool = False) -> list[FieldError]:
        found: dict[str, FieldError] = {}
        for problem in error.errors(include_url=False):
            name = _name_of(problem)
            field = None if is_unknown(problem) else cls.model_fields.get(name)
            asked, bounds = (texts_of(field), bounds_of(field)) if field else (InputTexts(), Bounds())
            if _is_in_list(problem):
                asked, bounds = InputTexts(), bounds_broken(problem)
            sentence = sentence_of(problem, name, bounds, missing=asked.missing, wrong=asked.wrong)
            called = field.alias or name if field and by_alias else name
            found.setdefault(called, FieldError(called, sentence, code_of(problem)))
        return list(found.values())


def _is_in_list(problem: ErrorDetails) -> bool:
    return len(problem["loc"]) > 1 and isinstance(problem["loc"][1], int)


def _cleaned(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


#: Maximum length of an unknown name that is repeated in an error message.
_MAX_QUOTED = 60


def _name_of(problem: ErrorDetails) -> str:
    """Return the name of the invalid value, safe to show on a page; "" for the whole input."""
    name = str(problem["loc"][0])[:_MAX_QUOTED] if problem["loc"] else ""
    return readable(name).replace("\0", "\N{REPLACEMENT CHARACTER}")


def refuse_to_put_back(values: Mapping[str, Any], inputs: Iterable[type[Input]]) -> None:
    """Raise Conflict for the first of these column values that the inputs would not accept today."""
    for kind in inputs:
        known = {name: value for name, value in values.items() if name in kind.model_fields}
        try:
            kind.of(known)
        except ValidationFailed as error:
            # Errors of other fields are ignored, because those remain unchanged.
            for wrong in error.fields:
                if wrong.field in known:
                    why = _l("The previous value can’t be restored. %(why)s", why=wrong.message)
                    raise Conflict(wrong.field, why) from None
