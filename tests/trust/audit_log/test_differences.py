"""Marking of the differences between two texts, in which no character is lost."""

import pytest

from app.trust.audit_log.difference_rules import MAX_WORDS, differing_parts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("", "new"),
        ("a  b\n\tc ", "a b\nc"),
        ("<b>one</b>", "<b>two</b>"),
        ("Ёлка, ўзбек, 漢字", "Елка, ўзбек 漢字"),
        ("word " * (MAX_WORDS + 1), "word " * 3),
    ],
)
def test_the_parts_are_the_text(before: str, after: str) -> None:
    old, new = differing_parts(before, after)

    assert "".join(part.text for part in old) == before
    assert "".join(part.text for part in new) == after


def test_only_what_differs_is_marked() -> None:
    old, new = differing_parts("one two three", "one 2 three four")

    assert [part.text for part in old if part.is_changed] == ["two"]
    assert [part.text for part in new if part.is_changed] == ["2", " four"]


def test_equal_texts_have_nothing_marked() -> None:
    old, new = differing_parts("same words", "same words")

    assert not any(part.is_changed for part in (*old, *new))


def test_of_texts_too_long_to_compare_all_is_marked() -> None:
    old, new = differing_parts("word " * (MAX_WORDS + 1), "word")

    assert all(part.is_changed for part in (*old, *new))
