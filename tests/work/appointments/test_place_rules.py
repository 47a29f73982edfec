"""Conversion of an address between one line and its parts."""

import pytest

from app.work.appointments.place_rules import PARTS, in_one_line, is_near, read_line

AUSTIN = {
    "address_line_1": "1817 Alder Creek Ln",
    "address_line_2": "Unit 4",
    "city": "Austin",
    "state": "TX",
    "zip": "78745",
    "country": "US",
}


def test_what_was_not_touched_stays_as_it_is_stored() -> None:
    assert in_one_line(AUSTIN) == "1817 Alder Creek Ln, Unit 4, Austin, TX 78745"
    assert read_line(in_one_line(AUSTIN), AUSTIN) == AUSTIN


@pytest.mark.parametrize(
    ("typed", "street", "city", "state", "code"),
    [
        ("12 Oak St, Austin, TX 78704", "12 Oak St", "Austin", "TX", "78704"),
        ("12 Oak St, Apt 3, Round Rock, Texas 78681-1234", "12 Oak St, Apt 3", "Round Rock", "Texas", "78681-1234"),
        ("12 Oak St", "12 Oak St", None, None, None),
        ("12 Oak St, Austin", "12 Oak St, Austin", None, None, None),
        (",, TX 78704", ",, TX 78704", None, None, None),
        (
            "the blue house, behind the mill, on the left",
            "the blue house, behind the mill, on the left",
            None,
            None,
            None,
        ),
        ("", None, None, None, None),
    ],
)
def test_a_line_is_taken_apart_as_far_as_it_can_be(
    typed: str, street: str | None, city: str | None, state: str | None, code: str | None
) -> None:
    found = read_line(typed, dict.fromkeys(PARTS))

    assert [found[name] for name in ("address_line_1", "city", "state", "zip")] == [street, city, state, code]


def test_near_is_the_same_postal_code_or_else_the_same_city() -> None:
    assert is_near(AUSTIN, {"zip": "78745", "city": "Elsewhere"})
    assert not is_near(AUSTIN, {"zip": "78704", "city": "Austin"})
    assert is_near(AUSTIN, {"zip": None, "city": " AUSTIN"})
    assert not is_near(AUSTIN, {"zip": None, "city": None})
    assert not is_near({"zip": None, "city": None}, {"zip": None, "city": None})
