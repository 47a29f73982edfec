"""Addresses in what callers say, and numbers that are times, sums or phone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.work.missed_calls.said_address_rules import find_address

ADDRESSES = [
    ("This is Brandon Warner at 333 Limestone Ct. There’s water", "333 Limestone Ct"),
    ("Hi, Brandon here, on 22 Juniper Ridge Dr. AC’s out.", "22 Juniper Ridge Dr"),
    ("I’m at 12 Oak Street, Apt 4B.", "12 Oak Street, Apt 4B"),
    ("we’re at 1204 E 5th Street NW", "1204 E 5th Street NW"),
    ("It’s 22 St. James Place, the blue house", "22 St. James Place"),
    ("come to 4512 Highway 71, unit 3", "4512 Highway 71, unit 3"),
    ("the leak is at 1200 Broadway, please hurry", "1200 Broadway"),
    ("i live at 333 limestone court there’s water", "333 Limestone Court"),
    ("call at 5, I’m at 15 Old Mill Rd", "15 Old Mill Rd"),
    ("131 Stony Circle #900", "131 Stony Circle #900"),
    ("Мы по адресу Ленина 5, ждём", "Ленина 5"),
    ("улица Ленина, дом 15, кв. 12", "улица Ленина, дом 15, кв. 12"),
    ("я живу на Садовой 7", "Садовой 7"),
    ("Ленинский проспект 15, квартира 4", "Ленинский проспект 15, квартира 4"),
    ("ул. 8 Марта, д. 10/2", "ул. 8 Марта, д. 10/2"),
    ("Navoiy koʻchasi 15-uy, 7-xonadon", "Navoiy koʻchasi 15-uy, 7-xonadon"),
    ("Amir Temur shoh ko‘chasi, 12 da yashayman", "Amir Temur shoh ko‘chasi, 12"),
    ("Chilonzor 9-kvartal 12-uyda", "Chilonzor 9-kvartal 12-uy"),
    ("Навоий кўчаси 15-уй", "Навоий кўчаси 15-уй"),
]

NO_ADDRESSES = [
    "Call me at 5 o’clock",
    "call me at 5",
    "at 5 o'clock on Main Street",
    "call at 10 Monday",
    "Wednesday at 12 Yes I have",
    "at 530 PM on Friday",
    "My number’s at 828 555 0188",
    "828-555-0188",
    "at $300 Main",
    "it runs at 60 Hz",
    "at 3 we live on Oak Street",
    "come at 10 on Main Street",
    "at 5 i drive to work",
    "call me back at 530 after court",
    "I called 3 times",
    "This is my 2nd call",
    "we waited 20 minutes in the driveway",
    "I’m in room 351",
    "позвоните в 5 часов",
    "улица Мира 5 раз звонил",
    "мне 45 лет",
    "дом 5",
    "soat 5 da",
    "5-marta qoʻngʻiroq qilyapman",
    "",
]


@pytest.mark.parametrize(("said", "address"), ADDRESSES)
def test_an_address_is_found(said: str, address: str) -> None:
    found = find_address(said)

    assert found is not None
    assert found.value == address


@pytest.mark.parametrize("said", NO_ADDRESSES)
def test_other_numbers_are_none(said: str) -> None:
    assert find_address(said) is None


def test_an_address_comes_with_the_sentence_it_was_said_in() -> None:
    found = find_address("Hi! We have a leak at 333 Limestone Court. Call me.")

    assert found is not None
    assert found.words == "We have a leak at 333 Limestone Court."


@given(some.text(max_size=200))
def test_no_text_is_too_odd(said: str) -> None:
    found = find_address(f"at 12 {said} Street")

    assert found is None or found.value


@pytest.mark.parametrize("part", ["at 12 ", "12 Oak ", "Ленина ", "Navoiy ", "at 1200 Oak Hill ", "1 a "])
def test_long_texts_take_no_long_time(part: str) -> None:
    assert find_address((part * 4_000)[:4_000]) is None
