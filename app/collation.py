"""Alphabetical order of words in the reader's language.

Covers English, Russian and Uzbek; other letters sort with their base letter. Lists sorted by the database use the
database's collation.
"""

import re
from typing import Final, TypeAlias
from unicodedata import combining, normalize

from babel import Locale

SortKey: TypeAlias = tuple[str, str]

#: Letters that sort on their own although they decompose into a base letter and a mark; ё is not one of them and sorts
#: with its base letter.
_WHOLE: Final = frozenset("й")
#: Letters of the Uzbek alphabet that are written with two characters sort after z, in this order.
_COMMA, _TUTUQ = "\N{MODIFIER LETTER TURNED COMMA}", "\N{MODIFIER LETTER APOSTROPHE}"
_AFTER_Z: Final = {f"o{_COMMA}": "{1", f"g{_COMMA}": "{2", "sh": "{3", "ch": "{4"}
_TWO_SIGNS: Final = re.compile("|".join(_AFTER_Z))
#: In a Russian list, Latin names follow the Cyrillic ones.
_AFTER_CYRILLIC: Final = {ord(letter): f"\uffff{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}


def sort_key(text: str, locale: Locale) -> SortKey:
    """Return the sort key of a word; case and accents only break ties."""
    folded = text.casefold()
    if locale.language == "uz":
        folded = _TWO_SIGNS.sub(lambda letter: _AFTER_Z[letter.group()], folded).replace(_TUTUQ, "")
    plain = "".join(map(_plain, folded))
    if locale.language == "ru":
        plain = plain.translate(_AFTER_CYRILLIC)
    return plain, text


def _plain(letter: str) -> str:
    if letter in _WHOLE:
        return letter
    return "".join(part for part in normalize("NFKD", letter) if not combining(part))
