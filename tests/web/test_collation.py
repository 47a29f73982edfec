"""Sorting by the alphabet of the reader's language."""

import pytest
from babel import Locale
from flask import Flask
from flask_babel import force_locale

from app.collation import sort_key
from app.organization.settings.profile_forms import country_choices
from app.trust.audit_log.words import field_options

COMMA, TUTUQ = "\N{MODIFIER LETTER TURNED COMMA}", "\N{MODIFIER LETTER APOSTROPHE}"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["apple", "Echo", "éclair", "Élan", "Zeta"]),
        ("ru", ["визит", "ёж", "Елена", "Ёлка", "Иван", "йод", "Яма", "API", "CSV"]),
        (
            "uz",
            ["Cost", "Sana", f"San{TUTUQ}at", "Soz", "Zanjir", f"O{COMMA}rin", f"G{COMMA}isht", "Shahar", "Chiqish"],
        ),
    ],
)
def test_words_are_in_the_order_of_the_alphabet(language: str, words: list[str]) -> None:
    assert sorted({*words}, key=lambda word: sort_key(word, Locale(language))) == words


@pytest.mark.parametrize(("language", "last"), [("ru", "Япония"), ("uz", "Chili")])
def test_countries_are_in_the_order_of_the_alphabet(app: Flask, language: str, last: str) -> None:
    with app.test_request_context(), force_locale(language):
        names = list(country_choices().values())

    assert names[-1] == last


def test_a_picker_is_in_the_order_of_the_alphabet(app: Flask) -> None:
    with app.test_request_context(), force_locale("uz"):
        words = [words for _name, words in field_options()]

    assert words == sorted(words, key=lambda word: sort_key(word, Locale("uz")))
    assert words != sorted(words)
