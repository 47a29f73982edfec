"""Fields of lists: each is selected, has labels for its values, and can be filtered by."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from functools import partial
from itertools import chain, product
from typing import Any, get_args
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from app.db import paging
from app.db.context import Context, use_context
from app.db.lists import ListQuery
from app.declarations.field import Choice
from app.declarations.registry import Registry, build_registry
from app.declarations.resource import Resource
from app.errors import ValidationFailed
from app.features import FEATURES
from app.models import Organization, Role
from app.security.actor import Actor
from app.web.value_words import LABELS
from tests.support.factories import Factories
from tests.support.owner_races import acting

REGISTRY: Registry = build_registry(FEATURES)
LISTED: Mapping[str, Resource] = {
    name: one for name, one in REGISTRY.resources.items() if one.listed is not None and one.fields
}
DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

#: Values of which each filter accepts at least one, in addition to those that its type names.
TRIED = (
    "2026-03",
    "yes",
    "3",
    str(uuid4()),
    "2026-01-01",
    "someone@blue.example",
    "any words",
    "task",
    "audit.seal",
    "192.0.2.7",
)
#: Filters that only work together; each list with a period is also tried with these.
PERIOD = {"period": "custom", "from": "2026-01-01", "to": "2026-01-02"}
#: Enumerations that a list shows but can't be filtered by, with the reason.
NO_FILTER = {("recording_session", "consent"): "recordings without consent are never stored"}


@pytest.fixture
def owner(make: Factories, organization: Organization) -> Actor:
    """An actor who can see everything."""
    return acting(make.user(organization, role=Role.OWNER))


def statement_of(resource: Resource, actor: Actor, given: Mapping[str, str]) -> str:
    """Return the SQL of the list together with its parameters."""
    listed = resource.listed
    assert listed is not None
    filters = listed.filters.parse({name: [value] for name, value in given.items()})
    compiled = paging.statement_of(listed.query(actor, filters).matching).compile(dialect=DIALECT)
    return f"{compiled} {sorted(compiled.params.items())}"


def choices(resource: Resource) -> Iterator[tuple[str, Choice]]:
    """Yield the fields whose value is a member of an enumeration."""
    yield from ((one.name, one.kind) for one in resource.fields if isinstance(one.kind, Choice))


@pytest.mark.parametrize("name", LISTED)
def test_a_list_selects_every_field_that_it_shows_or_writes(app: Flask, owner: Actor, name: str) -> None:
    resource = LISTED[name]
    stored = resource.model.__table__.columns
    shown = {
        one.attribute
        for one in resource.fields
        if (one.column or (one.file and one.file.value is None))
        # All other fields are composed from several columns, by a template or by the code that builds the rows.
        and (one.shows.isidentifier() if one.shows else one.name in stored)
    }

    with app.test_request_context():
        selected = {
            column.key
            for query in queries_of(resource)
            for column in paging.statement_of(query(owner).rows).selected_columns
        }

    assert shown - selected == set(), f"the query of {name} does not select these fields"


def queries_of(resource: Resource) -> Iterator[Callable[[Actor], ListQuery]]:
    """Yield the query of the list and those of its exports, some of which select more."""
    listed = resource.listed
    assert listed is not None
    for asked in (listed.query, *(one.rows for one in REGISTRY.list_exports.values() if one.listed is listed)):
        yield partial(_unfiltered, asked, listed.filters())


def _unfiltered(asked: Callable[[Actor, Any], ListQuery], filters: Any, actor: Actor) -> ListQuery:
    return asked(actor, filters)


@pytest.mark.parametrize("name", REGISTRY.resources)
def test_every_value_of_an_enumeration_has_its_words(name: str) -> None:
    missing = [
        f"{kind.kind.__name__}.{value.name}"
        for _field, kind in choices(REGISTRY.resources[name])
        for value in kind.kind
        if value not in LABELS.get(kind.kind, {})
    ]

    assert missing == [], "these have no words in app.web.labels"


@pytest.mark.parametrize("name", LISTED)
def test_every_enumeration_of_a_list_can_be_looked_for(name: str) -> None:
    resource = LISTED[name]
    assert resource.listed is not None
    shown = {field for field, _kind in choices(resource) if (name, field) not in NO_FILTER}
    missing = shown - resource.listed.filters.model_fields.keys()

    assert missing == set(), f"{resource.listed.filters.__name__} has no filter for these fields"


@pytest.mark.parametrize("name", LISTED)
def test_every_filter_narrows_its_list(app: Flask, owner: Actor, name: str) -> None:
    resource = LISTED[name]
    assert resource.listed is not None
    fields = resource.listed.filters.model_fields
    names = {one.alias or name: one.annotation for name, one in fields.items() if (one.alias or name) not in PERIOD}
    with app.test_request_context(), use_context(Context(organization_id=owner.organization_id)):
        idle = [one for one, annotation in names.items() if not narrows(resource, owner, one, annotation)]

    assert idle == [], f"these filters of {name} change nothing"


def narrows(resource: Resource, actor: Actor, name: str, annotation: Any) -> bool:
    """Return whether some value that the filter accepts changes the query."""
    for value, together in product((*values_of(annotation), *TRIED), ({}, PERIOD)):
        with suppress(ValidationFailed):
            if statement_of(resource, actor, {name: value, **together}) != statement_of(resource, actor, together):
                return True
    return False


def values_of(annotation: Any) -> Iterator[str]:
    """Yield the values that a filter's type allows: those of its enumerations and literals."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(one.value) for one in annotation)
    elif isinstance(annotation, str):
        yield annotation
    else:
        yield from chain.from_iterable(values_of(part) for part in get_args(annotation))
