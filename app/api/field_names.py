"""Names of fields in errors: services name columns, and the API's callers know the names that they send."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pydantic.alias_generators import to_camel

from app.declarations.api_filters import api_name
from app.declarations.input import Input
from app.errors import Conflict, InvalidPeriod, ValidationFailed


@contextmanager
def in_body_names(kind: type[Input] | None) -> Iterator[None]:
    """Run the block, and name the fields of its errors as the body of the request does."""
    try:
        yield
    except ValidationFailed as error:
        error.fields = tuple(replace(one, field=_name_in(kind, one.field)) for one in error.fields)
        raise
    except Conflict as error:
        if error.extra["conflict_field"]:
            error.extra["conflict_field"] = _name_in(kind, error.extra["conflict_field"])
        raise
    except InvalidPeriod as error:
        where = error.extra["where"]
        error.extra["where"] = api_name(where) if kind is None else _name_in(kind, where)
        raise


def _name_in(kind: type[Input] | None, column: str) -> str:
    if "." in column:  # a value inside a field's object, which is named as it was sent
        return column
    field = kind.model_fields.get(column) if kind is not None else None
    return (field.alias if field is not None else None) or to_camel(column)
