# ruff: noqa: RUF001 - letters of three alphabets
"""Normalized spelling for three alphabets, in Python and in the database; distances between words."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.embedded import SUPERUSER
from app.insight.search.fuzzy_match_rules import (
    folded,
    in_other_alphabet,
    latin,
    letters_apart,
    misspelling,
    phonetic_key,
)
from tests.support.database import WorkerDatabase

NAMES = (
    "O’Brien-García", "Ўктам Ғаниев", "Oʻktam Gʻaniyev", "Жўраев", "Shchukin Щукин", "Алексеев Alekseyev", "Фёдоров",
    "Müller & Söhne GmbH", "Xoliqov Холиқов", "Philip Vance-Wright",
    "Nguyễn Văn", "ДЖОН джон John", "ˋ`´ʼ", "Chloë Zoë",
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Юлдашев", "Yuldashev"), ("Khasanov", "Хасанов"), ("Oʻrinov", "Ўринов"), ("G'aniyev", "Ғаниев"),
        ("Qodirov", "Қодиров"),
        ("Жўраев", "Joʻrayev"), ("Zhukov", "Жуков"), ("Shchukin", "Щукин"), ("Philips", "Filips"), ("Цой", "Tsoy"),
    ],
)  # fmt: skip
def test_what_sounds_alike_is_spelt_alike(one: str, other: str) -> None:
    assert phonetic_key(latin(one)) == phonetic_key(latin(other))


@pytest.mark.parametrize(
    ("typed", "name", "apart"),
    [
        ("smith", "John Smith", 0), ("smiht", "John Smith", 1), ("smit", "John Smith", 1),
        ("smyth joh", "John Smith", 2),
        ("Xurshid", "Хуршид", 0), ("Макс", "Max Hill", 0), ("Gonzales", "Gonzalez", 1), ("Hernadnes", "Hernandez", 2),
        ("lora hodges", "Laura Hodges", 2), ("lora", "Laura Hodges", None), ("lora hodgs", "Laura Hodges", None),
        ("laora hodgez", "Laura Hodges", 2), ("lora ada", "Laura Ada", None),
        ("brown", "John Smith", None), ("kim", "Kit", None), ("каримо", "Karimov", 1),
    ],
)  # fmt: skip
def test_words_that_differ_by_a_letter_are_near(typed: str, name: str, apart: int | None) -> None:
    assert misspelling(typed, name) == apart


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_letters_apart_is_as_far_there_as_back(one: str, other: str) -> None:
    apart = letters_apart(one, other)

    assert apart == letters_apart(other, one)
    assert (apart == 0) == (one == other)
    assert abs(len(one) - len(other)) <= apart <= max(len(one), len(other))


def test_the_other_alphabet_is_the_one_that_was_not_typed() -> None:
    assert in_other_alphabet("Shchukin") == "щукин"
    assert in_other_alphabet("Щукин") == "shukin"


def test_the_database_spells_as_we_do(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        there = connection.execute(
            "SELECT name, search_fold(name), search_latin(name), search_sounds(search_latin(name))"
            " FROM unnest(%s::text[]) name",
            [list(NAMES)],
        ).fetchall()

    assert there == [(name, folded(name), latin(name), phonetic_key(latin(name))) for name in NAMES]
