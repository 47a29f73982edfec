"""The demonstration has values for every field of the lists of daily work."""

from typing import Any

import pytest

from app.declarations.field import Choice
from app.declarations.registry import build_registry
from app.declarations.resource import Resource
from app.features import FEATURES
from tests.demo.conftest import World

#: Resources of daily work have saved views. So does the trail, but its rows are about other resources.
RESOURCES = [
    one for one in build_registry(FEATURES).lists.values() if one.is_audited and one.listed and one.listed.keeps_views
]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_field_of_a_list_has_values(brightwater: World, resource: Resource) -> None:
    table = resource.model.__tablename__
    rows = [row for kind, found in brightwater.rows.items() if kind.table == table for row in found]
    told = {name: {_told(getattr(row, name, None)) for row in rows} - {None} for name in resource.recorded}

    assert rows, f"{resource.name}: the demonstration has none"
    assert [name for name, values in told.items() if not values] == [], "no row of the demonstration has these"
    choices = {one.name for one in resource.fields if isinstance(one.kind, Choice)} & told.keys()
    assert [name for name in choices if len(told[name]) < 2] == [], "all rows of the demonstration have the same"


def _told(value: Any) -> Any:
    """Return the value in a hashable form, with None for an empty list."""
    return (tuple(value) or None) if isinstance(value, list) else value
