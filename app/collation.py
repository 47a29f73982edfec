"""The order of words in a list, by the alphabet of the language it is read in.

Enough for English, Russian and Uzbek; other letters stand with the plain letter they are made of. What the database
sorts has the database's own order.
"""

import re
from typing import Final, TypeAlias
from unicodedata import combining, normalize

from babel import Locale

SortKey: TypeAlias = tuple[str, str]

#: A letter of its own, though it is made of another one and a sign; ё is not, and stands with the letter it is made of.
_WHOLE: Final = frozenset("й")
#: Letters of the Uzbek alphabet that are written with two signs come after z, in this order.
_COMMA, _TUTUQ = "\N{MODIFIER LETTER TURNED COMMA}", "\N{MODIFIER LETTER APOSTROPHE}"
_AFTER_Z: Final = {f"o{_COMMA}": "{1", f"g{_COMMA}": "{2", "sh": "{3", "ch": "{4"}
_TWO_SIGNS: Final = re.compile("|".join(_AFTER_Z))
#: A Russian list has Latin names after the Cyrillic ones.
_AFTER_CYRILLIC: Final = {ord(letter): f"\uffff{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}


def sort_key(text: str, locale: Locale) -> SortKey:
    """What to sort words by; capitals and accents count only between words that are the same otherwise."""
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
