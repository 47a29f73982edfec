"""Filters of lists under their names in the JSON API: in camel case, with the ids of people named as such."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from flask_babel import lazy_gettext as _l
from pydantic.alias_generators import to_camel

from app.characters import readable_name
from app.db.filters import Filters, Several
from app.errors import DomainError, FieldError, InvalidPeriod, ValidationFailed
from app.security.actor import Actor

#: Filters that name a person end in Id, as references in records do.
_EXCEPTIONS: Mapping[str, str] = {
    "csr": "csrId",
    "rep": "repId",
    "assignee": "assigneeId",
    "giver": "giverId",
    "handler": "handlerId",
}
#: Filters that together name a period, and the one that it is compared with.
_OF_PERIOD = frozenset({"period", "from", "to", "compare", "compareFrom", "compareTo"})
#: Texts of true and false.
FLAGS = {"true": True, "false": False}


def api_name(filter_name: str) -> str:
    """Return the name of a filter in the API."""
    return _EXCEPTIONS.get(filter_name) or to_camel(filter_name)


@cache
def filter_names(filters: type[Filters]) -> Mapping[str, str]:
    """Return the filters by their names in the API."""
    names = {api_name(field.alias or name): name for name, field in filters.model_fields.items()}
    return MappingProxyType(names)


def is_flag(filters: type[Filters], name: str) -> bool:
    """Return whether a filter is `true` or `false`."""
    annotation: Any = filters.model_fields[name].annotation
    return bool in (annotation, *get_args(annotation))


def refusal_of(errors: Sequence[FieldError]) -> DomainError:
    """Return the error for wrong parameters: InvalidPeriod if only the period is wrong."""
    if all(one.code == InvalidPeriod.code for one in errors):
        return InvalidPeriod(errors[0].field, errors[0].message)
    return ValidationFailed(errors)


def read_filters(filters: type[Filters], given: Mapping[str, list[str]], actor: Actor | None) -> Filters:
    """Parse filters under their names in the API, each with its values as texts.

    Raises ValidationFailed, which names each that is unknown or wrong, and InvalidPeriod if only the period is wrong.
    """
    names, errors = filter_names(filters), list[FieldError]()
    values: dict[str, list[str]] = {}
    for name, texts in given.items():
        if name not in names:
            errors.append(_unknown(name))
            continue
        wrong = _wrong_value(filters, names[name], texts, actor)
        if wrong is not None:
            errors.append(FieldError(name, wrong))
        else:
            values[names[name]] = texts
    try:
        parsed = filters.parse(values)
    except ValidationFailed as error:
        shown_as = {name: shown for shown, name in names.items()}
        errors += [_renamed(one, shown_as.get(one.field, one.field)) for one in error.fields]
    if errors:
        raise refusal_of(errors)
    return parsed


def _renamed(error: FieldError, name: str) -> FieldError:
    return FieldError(name, error.message, InvalidPeriod.code if name in _OF_PERIOD else error.code)


def _unknown(name: str) -> FieldError:
    shown = readable_name(name)
    return FieldError(shown, _l("There’s no filter “%(name)s” here.", name=shown))


def _wrong_value(filters: type[Filters], name: str, texts: list[str], actor: Actor | None) -> Any | None:
    """Return the message for a value that pages accept but the API doesn't, or None."""
    field = filters.model_fields[name]
    if len(texts) > 1 and Several not in field.metadata:
        return _l("Send this parameter once.")
    if is_flag(filters, name) and not set(texts) <= {*FLAGS, ""}:
        return _l("Enter true or false.")
    if "me" in texts and _takes_me(field.annotation) and (actor is None or actor.reference_id is None):
        return _l("An API key isn’t a person. Enter a person’s ID.")
    return None


def _takes_me(annotation: Any) -> bool:
    """Return whether “me” is a value of a filter, not a text to search for."""
    return any("me" in get_args(one) for one in get_args(annotation) if get_origin(one) is Literal)
