"""The generated filter bar of a list: the picker for each type of filter, and its label."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from flask import Flask
from pydantic import Field as Filter

from app.db.filters import Blank, Filters, OptionalDate, OptionalPerson, Search, Several
from app.declarations.field import Choice, Field, Person
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.errors import ValidationFailed
from app.lists.choices import Choice as Somebody
from app.lists.filter_page import AppliedFilters, Picker, applied_filters
from app.models import Invitation, InvitationState, Role
from app.security.actor import Actor, use_actor
from app.security.permissions import Permission

ROBIN, LEE = Somebody(UUID(int=7), "Robin Vance"), Somebody(UUID(int=8), "Lee Ortiz")
ACTOR = Actor(organization_id=UUID(int=1), user_id=UUID(int=2), name="Ann", email="ann@comfort.example", role=Role.CSR)


class Which(StrEnum):
    NEW = "new"
    OLD = "old"


class ThingFilters(Filters):
    q: Search = ""
    first_day: OptionalDate = Filter(default=None, alias="from")
    last_day: OptionalDate = Filter(default=None, alias="to")
    state: Annotated[tuple[InvitationState, ...], Several] = ()
    owner: OptionalPerson = None
    seen: Annotated[bool | None, Blank] = None
    which: Which = Which.NEW
    color: str = ""
    plate: Annotated[str, Filter(max_length=12)] = ""


def nothing(_actor: Actor, _filters: Any) -> Any:
    raise AssertionError


LISTED = Listed(
    name="things",
    label="Things",
    endpoint="users.index",
    permission=Permission.USERS_READ,
    filters=ThingFilters,
    query=nothing,
    sorts=(),
    bar_label="Filter things",
    pickers=("seen", "state", "owner", "which", "color", "plate"),
    own_pickers=("color",),
    also_offered={"state": (("open,expired", "Open or expired"),)},
    offered={"which": lambda actor: [("new", "The new"), ("old", f"The old of {actor.name}")]},
    days=FROM_TO,
    filter_words={"q": "Name", "seen": "Seen", "which": "Which", "color": "Color", "plate": "Plate"},
)
THING = Resource(
    name="thing",
    model=Invitation,
    words=Words("thing", "things"),
    icon="star",
    listed=LISTED,
    fields=(
        Field("state", "State", Choice(InvitationState)),
        Field("owner", "Owner", Person(lambda _actor: [ROBIN])),
    ),
)


def asked(app: Flask, address: str = "/users?q=", resource: Resource = THING, **own: Any) -> AppliedFilters:
    with app.test_request_context(address):
        use_actor(ACTOR)
        return applied_filters(resource, **own)


def options(found: AppliedFilters, name: str) -> list[tuple[str, str]]:
    return [option for picker in found.bar.pickers if picker.name == name for option in picker.options]


def test_pickers_stand_in_the_order_that_is_declared_with_the_words_of_fields_and_filters(app: Flask) -> None:
    bar = asked(app).bar

    assert [(picker.name, picker.label) for picker in bar.pickers] == [
        ("seen", "Seen"),
        ("state", "State"),
        ("owner", "Owner"),
        ("which", "Which"),
        ("color", "Color"),
        ("plate", "Plate"),
    ]
    assert (bar.label, bar.days) == ("Filter things", ("From", "To"))


def test_each_kind_draws_itself(app: Flask) -> None:
    found = asked(app)

    assert options(found, "seen") == [("", "Any"), ("yes", "Yes"), ("no", "No")]
    assert options(found, "state")[:3] == [("", "Any"), ("open,expired", "Open or expired"), ("open", "Open")]
    assert options(found, "owner") == [
        ("", "Anyone"),
        (str(ROBIN.id), "Robin Vance"),
        ("team", "My team"),
        ("none", "Unassigned"),
    ]


def test_a_filter_that_always_has_a_value_offers_no_other(app: Flask) -> None:
    assert options(asked(app), "which") == [("new", "The new"), ("old", "The old of Ann")]


def test_what_the_page_draws_itself_keeps_its_place(app: Flask) -> None:
    assert asked(app).bar.picker("color").options == (("", "Any"),)


def test_a_text_is_typed_and_no_longer_than_the_filter_takes(app: Flask) -> None:
    assert asked(app).bar.picker("plate") == Picker("plate", "Plate", (), 12)


def test_a_page_overrides_words_of_chips(app: Flask) -> None:
    found = asked(app, words={"owner": lambda value: f"<{value}>"})

    assert found.words["owner"][0] == "Owner"
    assert found.words["owner"][1]("me") == "<me>"


def test_a_page_can_be_asked_as_if_by_another_address(app: Flask) -> None:
    assert asked(app, "/users?seen=yes", given={"seen": ["no"]}).filters.seen is False


def test_chips_call_values_as_pickers_do(app: Flask) -> None:
    words = asked(app).words

    assert words["owner"][1](str(ROBIN.id)) == "Robin Vance"
    assert words["owner"][1](str(LEE.id)) == str(LEE.id)
    assert words["which"][1]("old") == "The old of Ann"
    assert (words["state"][1]("open"), words["seen"][1]("no")) == ("Open", "No")


def test_a_board_is_asked_without_the_filter_that_its_columns_are(app: Flask) -> None:
    found = asked(app, "/users?seen=yes&color=red", without="seen")

    assert (found.filters.seen, found.filters.color) == (None, "red")
    assert [picker.name for picker in found.bar.pickers] == ["state", "owner", "which", "color", "plate"]
    with pytest.raises(ValidationFailed):
        asked(app, "/users?seen=perhaps", without="seen")


def test_what_is_typed_of_a_name_is_understood(app: Flask) -> None:
    assert asked(app, "/users?owner=robin").filters.owner == ROBIN.id
    with pytest.raises(ValidationFailed):
        asked(app, "/users?owner=quinn")


def test_a_bar_is_one_object_for_those_to_whom_it_offers_the_same(app: Flask) -> None:
    others = replace(THING, fields=(THING.fields[0], Field("owner", "Owner", Person(lambda _actor: [ROBIN, LEE]))))

    assert asked(app).bar is asked(app, "/users?seen=yes").bar
    assert asked(app).bar is not asked(app, resource=others).bar


def test_a_list_that_opens_sorted_says_so(app: Flask) -> None:
    opening = replace(LISTED, opening=lambda _actor: {"seen": "no", "sort": "name"})

    assert [asked(app, resource=replace(THING, listed=one)).bar.opens_sorted for one in (LISTED, opening)] == [
        False,
        True,
    ]
