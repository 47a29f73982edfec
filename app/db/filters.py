"""Typed filters of a list, as in its URL.

They are shared by the page, its CSV, the API, and the links from numbers to their rows. An unknown filter, or a value
that does not parse, is refused by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal, Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.errors import FieldError, ValidationFailed

MAX_SEARCH_LENGTH = 100
MAX_VALUES = 20
#: Maximum number of rows on a page of a list.
MAX_LIMIT = 100


def _split(value: Any) -> Any:
    """Return the distinct values of a list, written as `a,b` or as repeated parameters; drop empty ones."""
    values: Iterable[Any] = [value] if isinstance(value, str) else value or []
    parts = [part.strip() for item in values for part in str(item).split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


#: Accepts several values of an enumeration: `?status=missed,voicemail` or `?status=missed&status=voicemail`.
Several = BeforeValidator(_split)
#: A form submits an unselected filter as an empty value.
Blank = BeforeValidator(_blank_is_none)

OptionalDate = Annotated[date | None, Blank]
#: Alternatives to a person's id: rows without a person, or with anyone of the user's team.
NOBODY: Final = "none"
TEAM: Final = "team"
Person = UUID | Literal["none", "team"]
#: Marker for a filter whose values, if they are ids, are those of people of the organization.
NAMES_PERSON: Final = object()
OptionalPerson = Annotated[Person | None, Blank, NAMES_PERSON]


@dataclass(frozen=True, slots=True)
class NamesRecord:
    """Marker for a filter whose value, or each of whose values, is the id of a record of `resource`."""

    resource: str


Search = Annotated[str, Field(max_length=MAX_SEARCH_LENGTH)]


#: Placeholder for a search text in the audit trail.
_SEARCHED = "…"


class Filters(BaseModel):
    """The base class of a list's filters: each field is a URL parameter, with aliases for `from` and `to`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)

    #: Parameters of a list's URL that are not filters.
    RESERVED: ClassVar[frozenset[str]] = frozenset({"cursor", "sort", "count", "limit"})

    @classmethod
    def parse(cls, parameters: Mapping[str, list[str]]) -> Self:
        """Parse the parameters of a URL.

        Raises ValidationFailed with an error for each invalid one.
        """
        several = {name for name, field in cls.model_fields.items() if Several in field.metadata}
        values = {
            name: found if name in several else found[-1]
            for name, found in parameters.items()
            if name not in cls.RESERVED and any(found)
        }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ValidationFailed(_field_errors(error)) from None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        """Return the filters for `parameters`, with one value per name."""
        return cls.parse({name: [value] for name, value in parameters.items()})

    @property
    def people(self) -> list[UUID]:
        """The ids of the people that the filters refer to."""
        return [
            person
            for name, field in type(self).model_fields.items()
            if NAMES_PERSON in field.metadata
            for person in self._ids_in(name)
        ]

    @property
    def records(self) -> list[tuple[str, UUID]]:
        """The records that the filters refer to, as pairs of resource and id."""
        return [
            (mark.resource, record_id)
            for name, field in type(self).model_fields.items()
            for mark in field.metadata
            if isinstance(mark, NamesRecord)
            for record_id in self._ids_in(name)
        ]

    def _ids_in(self, name: str) -> list[UUID]:
        """Return the ids in a filter with one value or several."""
        value = getattr(self, name)
        return [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, UUID)]

    def parameters(self) -> dict[str, str]:
        """Return the filters that are set, as URL parameters."""
        return dict(self._parameters)

    @cached_property
    def _parameters(self) -> dict[str, str]:
        dumped = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        texts = {name: ",".join(value) if isinstance(value, list) else _text(value) for name, value in dumped.items()}
        return {name: text for name, text in texts.items() if text}


def parse_limit(text: str) -> int:
    """Parse the number of rows on a page of a list. Raises ValidationFailed unless it is from 1 to MAX_LIMIT."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT))
    if not is_number or not 1 <= int(text) <= MAX_LIMIT:
        sentence = _l("Enter a whole number from %(least)s to %(most)s.", least=1, most=MAX_LIMIT)
        raise ValidationFailed([FieldError("limit", sentence)])
    return int(text)


def audited_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters for an audit entry, without the text of a search.

    An entry's metadata is sealed and can't be erased, so it records that there was a search, but not its text.
    """
    return {name: _SEARCHED if name == "q" else text for name, text in parameters.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _field_errors(error: ValidationError) -> list[FieldError]:
    errors: dict[str, FieldError] = {}
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        message = (
            _l("There’s no filter “%(name)s” here.", name=name)
            if problem["type"] == "extra_forbidden"
            else _l("The filter “%(name)s” can’t have this value. Choose another.", name=name)
        )
        # If a filter accepts several types, there is one error for each of them; report the first.
        errors.setdefault(name, FieldError(name, message))
    return list(errors.values())
