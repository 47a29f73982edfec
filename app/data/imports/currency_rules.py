"""Currency signs around the amounts of a file."""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_symbol

# Spellings that the locale data lacks, by currency.
_SPELLINGS = {
    "UZS": ("so'm", "so‘m", "som", "sum", "сум", "сўм"),  # noqa: RUF001 - two ways to type one letter
    "RUB": ("руб", "руб.", "р.", "р"),  # noqa: RUF001 - Russian
    "KZT": ("тг", "тг."),
}
_LANGUAGES = ("en", "ru", "uz")
_SIGN = re.compile(r"[^\d\s.,'’+()-]+")


@cache
def signs_of(currency: str) -> frozenset[str]:
    """Return the casefolded signs of a currency: its code, and its symbols where it is the legal tender."""
    territories = (name for name, known in get_global("territory_currencies").items() if _is_current(currency, known))
    locales = [Locale.parse(name) for name in _LANGUAGES]
    for territory in territories:
        try:
            locales.append(Locale.parse(f"und_{territory}"))
        except UnknownLocaleError:  # a territory without locale data
            continue
    symbols = {get_currency_symbol(currency, locale) for locale in locales}
    found = {currency, *symbols, *_SPELLINGS.get(currency, ())}
    return frozenset(sign.casefold().strip("\u200e\u200f") for sign in found)


def without_signs(text: str, signs: Collection[str]) -> str:
    """Return the text of an amount without these currency signs (casefolded) before and after the number.

    A minus may be before or after the sign.
    """
    head, rest = (text[0], text[1:]) if text[:1] in {"-", "+"} else ("", text)
    for sign in sorted(signs, key=len, reverse=True):
        folded = rest.casefold()
        if len(folded) != len(rest):
            break
        if folded.startswith(sign):
            rest = rest[len(sign) :]
            break
        if folded.endswith(sign):
            rest = rest[: -len(sign)]
            break
    return head + rest.strip() if rest != text[len(head) :] else text


def without_any_sign(text: str) -> str:
    """Return the text of an amount without any currency sign or code before and after the number."""
    found = _SIGN.findall(text)
    return without_signs(text, {one.casefold() for one in found if is_sign(one)})


def is_sign(text: str) -> bool:
    """Return whether a text is a currency symbol, such as € or US$, or a three-letter code in capitals."""
    is_code = len(text) == 3 and text.isascii() and text.isupper()
    return is_code or any(unicodedata.category(sign) == "Sc" for sign in text)


def has_sign(text: str) -> bool:
    """Return whether the text of an amount has a currency sign or code."""
    return any(map(is_sign, _SIGN.findall(text)))


def _is_current(currency: str, known: Collection[tuple[str, object, object, bool]]) -> bool:
    return any(code == currency and end is None and is_tender for code, _start, end, is_tender in known)
