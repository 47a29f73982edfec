"""The facts of one record on its own page: the fields that say so, as a list shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.declarations.field import Kind
from app.declarations.resource import Resource
from app.errors import Sentence
from app.lists.cells import drawer


@dataclass(frozen=True, slots=True)
class Fact:
    """A field on a record's own page; a template may draw those of a `name` itself. What is not known is None."""

    name: str
    label: Sentence
    value: Markup | str | None


def facts_of(resource: Resource, row: Any, *, first: Sequence[str] = (), **more: Any) -> list[Fact]:
    """The facts of `row` for the macro `known_facts`: `first` in this order, then the others as the fields are.

    `more` are values that the row does not have itself, such as the name of somebody, by what the fields show.
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
    return None if value is None or value == "" else drawer(kind)(value)
