"""Detection of untranslated words on a page."""

from app.models import Language
from tests.support.untranslated import untranslated

DATA = frozenset({"Ruth Delgado", "Entered twice.", "The heat is not working, and it is cold"})


def test_what_is_neither_data_nor_a_word_of_the_language_is_english() -> None:
    assert list(untranslated(["Save preferences"], Language.RUSSIAN, DATA)) == ["Save preferences"]
    assert list(untranslated(["Ruth Delgado · Save"], Language.UZBEK, DATA)) == ["Ruth Delgado · Save"]


def test_names_codes_and_what_was_entered_are_left_alone() -> None:
    texts = [
        "· Ruth Delgado",
        "“Entered twice.”",
        "The heat is not working…",
        "ruth@house.example, 555-0142",
        "Switchboard",
    ]

    assert list(untranslated(texts, Language.RUSSIAN, DATA)) == []


def test_a_word_that_is_the_same_in_the_language_is_translated() -> None:
    assert list(untranslated(["Operator"], Language.UZBEK, DATA)) == []
