"""Declared lists: every filter has a label, columns sort as declared, and the list opens as declared."""

import re
from collections import Counter
from uuid import UUID

import pytest
from flask import Flask

from app.config import PROJECT_ROOT
from app.db.paging import statement_of
from app.declarations.listed import Listed
from app.declarations.resource import Resource
from app.features import FEATURES
from app.lists.file import file_of, header_of
from app.lists.filter_words import chip_words
from app.platform.organizations.resource import LISTED_ORGANIZATION
from app.security.actor import Actor
from app.security.guard import access_of
from app.security.permissions import Role
from app.trust.audit_log.resource import AUDIT_LIST
from tests.support.client import Client
from tests.support.company import Company

#: Lists whose rows aren't records of a feature.
OTHERS = (LISTED_ORGANIZATION,)
LISTS = [
    (one, one.listed)
    for one in (*(one for feature in FEATURES for one in feature.resources), *OTHERS)
    if one.listed is not None
]
ACTOR = Actor(
    organization_id=UUID(int=1), user_id=UUID(int=2), name="Ann", email="ann@comfort.example", role=Role.OWNER
)
#: The trail builds its lines itself, because some values are hidden from some users.
FILED = [(resource, listed) for resource, listed in LISTS if listed is not AUDIT_LIST]
TEMPLATES = PROJECT_ROOT / "templates"
#: Pickers whose label differs from that of their chips.
OTHERWISE = {("work/appointments/_filters.html", "date_of"), ("trust/audit_log/_filters.html", "operation_id")}
#: Lists whose template draws the filter bar; the last two only haven't been converted yet.
OWN_BARS = {"audit", "calls", "trash", "erasures", "imports"}
_HEADS = re.compile(r"\b(?:table_heads|list_panel)\(")
_TYPED_HEAD = re.compile(r"\bth\(_\((?![^}]*hidden)")
_TYPED_PICKER = re.compile(r'filter_(?:select|input)\("(\w+)", _\(')
of_each_list = pytest.mark.parametrize(("resource", "listed"), LISTS, ids=[listed.name for _, listed in LISTS])


@of_each_list
def test_every_filter_is_called_something(resource: Resource, listed: Listed) -> None:
    words = chip_words(resource, listed)

    assert {name for name, (label, _value) in words.items() if not str(label)} == set()
    assert words.keys() == listed.filters.model_fields.keys() - {"period", "first_day", "last_day"}
    assert listed.filter_words.keys() <= words.keys()


@of_each_list
def test_columns_sort_as_the_list_can(resource: Resource, listed: Listed) -> None:
    known = {sort.name.removeprefix("-") for sort in listed.sorts}

    assert {field.sort for field in resource.fields if field.sort} <= known
    assert [field.name for field in resource.columns if field.column and field.column.is_fixed] != []


def test_the_bar_of_each_list_offers_what_it_says(app: Flask, client: Client, company: Company) -> None:
    client.sign_in(company.people[Role.OWNER])
    wrong = {}
    for listed in (listed for resource, listed in LISTS if resource not in OTHERS):
        with app.test_request_context():
            page = client.get(app.url_for(listed.endpoint))
        controls = page.all(".//search[@class='filters']//form//*[@name]")
        offered = tuple(name for control in controls if (name := str(control.get("name"))) in listed.chosen)
        if offered != listed.pickers:
            wrong[listed.name] = {"offered": offered, "declared": listed.pickers}

    assert wrong == {}


def test_only_bars_that_are_more_than_pickers_draw_themselves_by_hand() -> None:
    assert {listed.name for _resource, listed in LISTS if listed.pickers and listed.bar_label is None} == OWN_BARS


@of_each_list
def test_a_list_opens_with_the_permission_that_it_says(app: Flask, resource: Resource, listed: Listed) -> None:
    access = access_of(app, listed.endpoint)

    assert access is not None, resource.name
    assert listed.permission in {*access.all_of, *access.any_of}


def test_what_is_changed_at_once_has_its_list_and_is_counted() -> None:
    resources = {resource.name: (resource, listed) for resource, listed in LISTS}
    changes = [change for feature in FEATURES for change in feature.bulk]

    assert changes != []
    for change in changes:
        resource, listed = resources[change.target.resource]
        assert (change.target.model, change.target.listed) == (resource.model, listed)
        assert resource.words.counted is not None


def test_names_are_of_one_list_and_of_one_field() -> None:
    assert [name for name, number in Counter(listed.name for _, listed in LISTS).items() if number > 1] == []
    assert [
        (resource.name, name)
        for resource, _listed in LISTS
        for name, number in Counter(field.name for field in resource.fields).items()
        if number > 1
    ] == []


def test_a_list_types_no_heads_and_pickers_that_its_fields_name() -> None:
    sources = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}
    lists = {name: text for name, text in sources.items() if _HEADS.search(text) and name.count("/") > 1}

    assert len(lists) >= len(LISTS)
    assert [name for name, text in lists.items() if _TYPED_HEAD.search(text)] == []
    assert {
        (name, picker)
        for name, text in sources.items()
        if "listing.labels" in text or "list_bar(" in text or _HEADS.search(text)
        for picker in _TYPED_PICKER.findall(text)
    } == OTHERWISE


def test_a_template_draws_its_own_columns_and_leaves_the_others_to_their_fields() -> None:
    sources = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}
    rows = {
        name: text for name, text in sources.items() if re.search(r"in (?:(?:tools\.)?table\.)?columns\.row\(", text)
    }

    assert len(rows) >= 20
    assert [name for name, text in rows.items() if "{%else%}{{cells}}{%endif%}" not in "".join(text.split())] == []


@pytest.mark.parametrize(("resource", "listed"), FILED, ids=[listed.name for _, listed in FILED])
def test_the_file_of_a_list_can_be_made(app: Flask, resource: Resource, listed: Listed) -> None:
    with app.test_request_context("/"):
        header = header_of(resource, ACTOR.timezone)
        columns = statement_of(file_of(resource, ACTOR, listed.filters.parse({})).rows).selected_columns

    assert len(columns) == len(header)
    assert len(set(header)) == len(header)
