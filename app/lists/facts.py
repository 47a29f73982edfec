"""Facts of one record on its own page: the fields declared as such, formatted as in lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.declarations.field import Kind
from app.declarations.resource import Resource
from app.errors import LazyText
from app.lists.cells import drawer


@dataclass(frozen=True, slots=True)
class Fact:
    """A field on a record's own page; unknown values are None.

    A template can recognize facts by `name` and render them itself.
    """

    name: str
    label: LazyText
    value: Markup | str | None


def facts_of(resource: Resource, row: Any, *, first: Sequence[str] = (), **more: Any) -> list[Fact]:
    """Return the facts of `row` for the macro `known_facts`: `first` in this order, then the other fields.

    `more` are values that the row itself doesn't have, such as a person's name, by the attribute that the field shows.
    """
    places = {name: place for place, name in enumerate(first)}
    ordered = sorted(resource.facts, key=lambda field: places.get(field.name, len(places)))
    return [
        Fact(
            field.name,
            field.label,
            _drawn(field.kind, more[field.attribute] if field.attribute in more else getattr(row, field.attribute)),
        )
        for field in ordered
    ]


def _drawn(kind: Kind, value: Any) -> Markup | str | None:
    return None if value is None or value in ("", []) else drawer(kind)(value)
