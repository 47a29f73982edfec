"""Choice of values in a merge: those preselected where contacts differ, and the resulting ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.work.merging.merge_rules import (
    Entered,
    Known,
    Part,
    Preselection,
    Side,
    Why,
    differing,
    merged_values,
    preselected,
)
from app.work.merging.resource import PARTS, RULES

THEN = datetime(2026, 3, 1, tzinfo=UTC)
LATER = THEN + timedelta(days=1)
KEPT, MERGED = Side.KEPT, Side.MERGED

BY_NAME = {part.name: part for part in PARTS}
#: Parts whose newest value entered by a user is chosen.
ENTERED = [part for part in PARTS if part.name not in ("texts", "source")]


def known(since: datetime = THEN, /, **values: Any) -> Known:
    """Build a `Known` from values, each bare or a pair of the value and how it was entered."""
    told = {name: value if isinstance(value, tuple) else (value, None) for name, value in values.items()}
    return Known(
        {name: value for name, (value, _) in told.items()},
        {name: entered for name, (_, entered) in told.items() if entered is not None},
        since,
    )


def by_person(at: datetime) -> Entered:
    return Entered(at, by_person=True)


def by_file(at: datetime) -> Entered:
    return Entered(at, by_person=False)


@pytest.mark.parametrize("part", ENTERED, ids=lambda part: part.name)
@pytest.mark.parametrize(
    ("kept", "merged", "chosen"),
    [
        (by_person(LATER), by_person(THEN), Preselection(KEPT, Why.NEWER)),
        (by_person(THEN), by_person(LATER), Preselection(MERGED, Why.NEWER)),
        (by_person(THEN), by_file(LATER), Preselection(KEPT, Why.ENTERED)),
        (by_file(LATER), by_person(THEN), Preselection(MERGED, Why.ENTERED)),
        (by_file(THEN), by_file(LATER), Preselection(MERGED, Why.NEWER)),
        (by_person(THEN), by_person(THEN), Preselection(KEPT, Why.STAYS)),
    ],
)
def test_of_each_part_the_newest_value_that_a_person_entered_is_chosen(
    part: Part, kept: Entered, merged: Entered, chosen: Preselection
) -> None:
    column = part.columns[-1]

    assert preselected(part, known(**{column: ("a", kept)}), known(**{column: ("b", merged)})) == chosen


@pytest.mark.parametrize("part", [part for part in PARTS if part.name != "texts"], ids=lambda part: part.name)
def test_what_only_one_knows_is_chosen_however_old_it_is(part: Part) -> None:
    column = part.columns[0]
    empty, full = known(**{column: ("", by_person(LATER))}), known(**{column: ("a", by_file(THEN))})

    assert preselected(part, empty, full) == Preselection(MERGED, Why.ONLY)
    assert preselected(part, full, empty) == Preselection(KEPT, Why.ONLY)


def test_whoever_refused_texts_refuses_them_still_and_since_the_first_time() -> None:
    texts = BY_NAME["texts"]
    allows = known(sms_opt_out_at=(None, by_person(LATER)))
    refused, refused_first = known(sms_opt_out_at=LATER), known(sms_opt_out_at=THEN)

    assert preselected(texts, allows, refused) == Preselection(MERGED, Why.STRICTER)
    assert preselected(texts, refused, allows) == Preselection(KEPT, Why.STRICTER)
    assert preselected(texts, refused, refused_first) == Preselection(MERGED, Why.STRICTER)


def test_they_came_from_where_they_came_from_first() -> None:
    source = BY_NAME["source"]

    assert preselected(source, known(LATER, source="manual"), known(THEN, source="import")) == Preselection(
        MERGED, Why.OLDER
    )
    assert preselected(source, known(THEN, source="manual"), known(LATER, source="import")) == Preselection(
        KEPT, Why.OLDER
    )


def test_an_address_is_as_new_as_its_newest_line() -> None:
    moved = known(city=("Austin", by_person(THEN)), zip=("78745", by_person(LATER)))
    other = known(city=("Dallas", by_person(THEN)))

    assert preselected(BY_NAME["address"], other, moved) == Preselection(MERGED, Why.NEWER)


def test_what_is_empty_in_two_ways_does_not_differ() -> None:
    kept, merged = known(email="", city="Austin"), known(email=None, city="Dallas")

    assert [part.name for part in differing(PARTS, kept, merged)] == ["address"]


def test_what_was_chosen_is_taken_and_lists_are_joined() -> None:
    lists = {"tags": ["vip", "gas"], "risks": ["dog"], "custom_metadata": {"a": 1, "b": 1}}
    others = {"tags": ["gas", "old"], "risks": [], "custom_metadata": {"b": 2, "c": 2}}
    columns = {column: None for part in PARTS for column in part.columns}
    kept, merged = (
        {**columns, "email": "a@x.example", **lists},
        {**columns, "email": "b@x.example", "city": "Austin", **others},
    )

    values = merged_values(RULES, PARTS, kept, merged, {"email": MERGED, "address": KEPT})

    assert values == {
        "email": "b@x.example",
        "tags": ["vip", "gas", "old"],
        "risks": ["dog"],
        "custom_metadata": {"a": 1, "b": 1, "c": 2},
    }
