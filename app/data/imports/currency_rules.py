"""Currency signs around the amounts of a file."""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

from babel import Locale, UnknownLocaleError
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
    """Return the casefolded signs of a currency (ISO 4217): its code, and its symbols at home and in our languages.

    The home of most currencies has the first two letters of their code. The data of all territories where a currency is
    legal tender would take a second to load.
    """
    locales = [*_LANGUAGES, f"und_{currency[:2]}"]
    found = {currency, *filter(None, (_symbol(currency, name) for name in locales)), *_SPELLINGS.get(currency, ())}
    return frozenset(sign.casefold().strip("\u200e\u200f") for sign in found)


def _symbol(currency: str, locale: str) -> str | None:
    try:
        return get_currency_symbol(currency, Locale.parse(locale))
    except UnknownLocaleError:  # the code doesn't begin with a country, as in EUR
        return None


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
