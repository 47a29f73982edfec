"""The table of a list: its headings, the sort links, and the rendering of values."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import Undefined
from markupsafe import Markup

from app.caches import HashableDict
from app.db.filters import Filters
from app.db.paging import Count, Page
from app.declarations.field import Choice, Column, Field, Number, Phone, Priority
from app.declarations.resource import Resource, Words
from app.lists.cells import draw
from app.lists.listing import Listing
from app.lists.table import table_of
from app.models import Invitation, InvitationState, Role
from app.security.actor import Actor

THING = Resource(
    name="thing",
    model=Invitation,
    words=Words("thing", "things"),
    icon="star",
    fields=(
        Field("name", "Name", column=Column(is_fixed=True), sort="name"),
        Field("seen", "Seen", column=Column(Priority.WIDE), sort="seen"),
        Field("due", "Due", column=Column(), sort="due"),
        Field("state", "State", Choice(InvitationState, {"open": "warn"}), Column()),
        Field("number", "Number", Phone(), Column()),
        Field("tries", "Attempts", Number(), Column()),
        Field("kept", "Kept"),
    ),
)
LISTING = Listing(
    endpoint="users.index",
    page=Page([], None, None),
    count=Count(0, exact=True),
    filters=Filters(),
    chips=(),
    labels=HashableDict(),
    newer=None,
    older=None,
    here="/",
    csv=None,
    sort="name",
    sorts=("name", "-name", "-seen", "seen", "due"),
    chosen_sort=None,
)
ACTOR = Actor(organization_id=UUID(int=1), user_id=UUID(int=2), name="Ann", email="ann@comfort.example", role=Role.CSR)


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def _sorts(sort: str) -> dict[str, tuple[str | None, str | None]]:
    """Return the sort link and the direction of each column heading."""
    table = table_of(THING, ACTOR, replace(LISTING, sort=sort))
    return {
        head.label.lower(): (head.sort_href.partition("sort=")[2] if head.sort_href else None, head.direction)
        for head in table.heads
    }


@pytest.mark.parametrize(
    ("sort", "name", "seen", "due"),
    [
        ("name", ("-name", "ascending"), ("-seen", None), ("due", None)),
        ("-name", ("name", "descending"), ("-seen", None), ("due", None)),
        ("-seen", ("name", None), ("seen", "descending"), ("due", None)),
        ("due", ("name", None), ("-seen", None), ("due", "ascending")),
    ],
)
def test_a_head_sorts_the_other_way_round_or_as_its_list_does_first(
    sort: str, name: tuple[str, str | None], seen: tuple[str, str | None], due: tuple[str, str | None]
) -> None:
    found = _sorts(sort)

    assert (found["name"], found["seen"], found["due"]) == (name, seen, due)
    assert found["state"] == (None, None)


def test_a_table_without_a_list_has_no_ways_to_sort() -> None:
    table = table_of(THING, ACTOR)

    assert [head.sort_href for head in table.heads] == [None] * 6
    assert [head.label for head in table.heads if head.is_numeric] == ["Attempts"]


def test_a_value_is_drawn_as_in_the_cells_of_its_field() -> None:
    table = table_of(THING, ACTOR, own=("state",))

    assert table.columns.drawn("state", "open") == Markup('<span class="badge badge--warn">Open</span>')
    assert table.columns.drawn("state", "revoked") == draw(THING, "state", "revoked") == "Revoked"
    assert table.columns.label("due") == "Due"
    assert THING.labels["kept"] == "Kept"


def test_what_is_no_number_is_drawn_as_text() -> None:
    assert draw(THING, "number", "<b>Ann</b>") == "&lt;b&gt;Ann&lt;/b&gt;"
    assert draw(THING, "number", "+15125550131") == '<span class="nowrap">(512) 555-0131</span>'


def test_what_a_narrow_page_has_no_column_for_comes_back_below_the_name() -> None:
    columns = table_of(THING, ACTOR, own=("name",)).columns
    assert columns.folded(SimpleNamespace(seen="<today>")) == (
        '<span class="sub folds"><span class="fold-p1"><span>Seen</span> &lt;today&gt;</span></span>'
    )
    assert columns.folded(SimpleNamespace(seen=None)) == ""
    assert table_of(THING, ACTOR, own=("name", "seen")).columns.folded(SimpleNamespace(), seen=Undefined()) == ""
    drawn = table_of(THING, ACTOR, own=("name", "seen")).columns.folded(SimpleNamespace(), seen=Markup("<b>now</b>"))
    assert "<b>now</b>" in drawn
