"""Phone numbers in the search text of the audit trail."""

import re
from dataclasses import dataclass

#: With fewer digits it is a word like any other, except for an ending.
_MIN_DIGITS = 7
_ENDING = re.compile(r"[0-9]{4}")
# Digits with the signs that people write between them, and not the digits of an ID, a time or the beginning of a word.
_DIGITS = re.compile(r"(?<![\w.*/-])[+(]*[0-9](?:[\s()./\u2010-\u2015-]*[0-9])*(?![\w*]|-\w)")


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A phone number as it was typed, or its last four digits, and the `rest` of the search text."""

    text: str
    rest: str

    @property
    def is_ending(self) -> bool:
        """True if it is only the end of a number."""
        return _ENDING.fullmatch(self.text) is not None


def number_in(typed: str) -> TypedNumber | None:
    """Return the first phone number in a search text, or None; four digits are one only if there is no whole number."""
    candidates = list(_DIGITS.finditer(typed))
    whole = (one for one in candidates if sum(sign.isdigit() for sign in one.group()) >= _MIN_DIGITS)
    endings = (one for one in candidates if _ENDING.fullmatch(one.group()))
    found = next(whole, None) or next(endings, None)
    if found is None:
        return None
    others = f"{typed[: found.start()]} {typed[found.end() :]}".split()
    return TypedNumber(found.group(), " ".join(word for word in others if any(map(str.isalnum, word))))
