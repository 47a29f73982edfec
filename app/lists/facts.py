"""The facts of one record on its own page: the fields that say so, as a list shows them."""

from typing import Any

from markupsafe import Markup

from app.declarations.resource import Resource
from app.errors import Sentence
from app.lists.cells import drawer


def facts_of(resource: Resource, row: Any) -> list[tuple[Sentence, Markup | str]]:
    """Label and value of each fact of `row` that is known, in the order of the fields."""
    known = [(field, getattr(row, field.attribute)) for field in resource.facts]
    return [(field.label, drawer(field.kind)(value)) for field, value in known if value not in (None, "")]
