"""Parsers for the numbers of a file: amounts, durations and ratings."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.amounts import CENTS, exact_amount
from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.currency_rules import has_sign, signs_of, without_any_sign, without_signs

#: The meaning of a plain number, or of a clock reading with two parts, as a duration.
Unit = Literal["seconds", "minutes", "hours", "milliseconds", "h:mm"]

SECONDS_IN_A_DAY = 86_400
LOWEST_RATING, HIGHEST_RATING = 1, 5
MAX_COST = Decimal("9999999999.99")

_CLOCK = re.compile(
    r"(?:(?P<hours>[0-9]{1,4}):(?=[0-9]{1,2}:))?(?P<minutes>[0-9]{1,4}):(?P<seconds>[0-9]{2})(?:[.,][0-9]+)?"
)
_HOURS_AND_MINUTES = re.compile(r"(?P<hours>[0-9]{1,4}):(?P<minutes>[0-9]{2})")
#: The seconds in each unit.
SECONDS_IN: Mapping[Unit, Decimal] = {
    "seconds": Decimal(1),
    "minutes": Decimal(60),
    "hours": Decimal(3_600),
    "milliseconds": Decimal("0.001"),
    "h:mm": Decimal(3_600),
}
#: "1/0/1900 0:02:05", "1/0/1900 12:02:05 AM", "00.01.1900 0:02:05", "1899-12-30 00:02:05".
_ON_DAY_0 = re.compile(
    r"(?:0?1/0?0/1900|0?0[./]0?1[./]1900|1900-01-00|1899-12-3[01]|12/3[01]/1899|3[01][./]12[./]1899)[T\s]+"
    r"(?P<hours>[0-9]{1,2}):(?P<rest>[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?)(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
#: "1h 5m 3s", "3 min", "2 hours 10 minutes", "PT3M20S", "3 мин 5 сек", "3 daqiqa 5 soniya".
_IN_WORDS = re.compile(
    r"(?:p?t)?\s*(?:(?P<hours>[0-9]+(?:[.,][0-9]+)?)\s*(?:h|hrs?|hours?|ч|час(?:а|ов)?|soat)\.?[\s,]*)?"  # noqa: RUF001 - Russian
    r"(?:(?P<minutes>[0-9]+(?:[.,][0-9]+)?)\s*(?:m|mins?|minutes?|м|мин|минут[аы]?|daq|daqiqa)\.?[\s,]*)?"
    r"(?:(?P<seconds>[0-9]+(?:[.,][0-9]+)?)\s*(?:s|secs?|seconds?|с|сек|секунд[аы]?|soniya)\.?)?",  # noqa: RUF001 - Russian
    re.IGNORECASE,
)
_ONLY_NUMBER = re.compile(r"[-+0-9.,' \u00a0\u202f]*")


def number_parser(decimal_separator: str, thousands_separator: str) -> Callable[[Value], Decimal]:
    """Return a parser for numbers with these separators.

    Groups of thousands must be complete, so that 1,5 is never read as 15.
    """
    group = "[ \u00a0\u202f]" if thousands_separator == " " else re.escape(thousands_separator)
    whole = f"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+" if thousands_separator else "[0-9]+"
    pattern = re.compile(rf"(?P<whole>[+-]?(?:{whole}))(?:{re.escape(decimal_separator)}(?P<part>[0-9]+))?")

    def parse(value: Value) -> Decimal:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return Decimal(str(value))
        match = pattern.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise CellProblem(_l("It isn’t a number."))
        return Decimal(f"{re.sub('[^0-9+-]', '', match['whole'])}.{match['part'] or '0'}")

    return parse


def seconds_parser(parse_number: Callable[[Value], Decimal], unit: Unit = "seconds") -> Callable[[Value], int]:
    """Return a parser for durations in whole seconds, at most a day.

    It takes a number of `unit`, MM:SS (H:MM for the unit "h:mm"), HH:MM:SS, text such as "3 min 20 s", or a time of a
    spreadsheet.
    """
    factor = SECONDS_IN[unit]

    def parse(value: Value) -> int:
        seconds = _hours_and_minutes(value) if unit == "h:mm" else None
        if seconds is None:
            seconds = _stored_seconds(value)
        if seconds is None:
            seconds = _seconds_in_words(value)
        if seconds is None:
            seconds = round(parse_number(value) * factor)
        if seconds < 0:
            raise CellProblem(_l("It’s less than 0."))
        if seconds > SECONDS_IN_A_DAY:
            raise CellProblem(_l("It’s longer than a day."))
        return seconds

    return parse


def _stored_seconds(value: Value) -> int | None:
    """Return the seconds of a clock reading or spreadsheet time, or None for a plain number or other text.

    Raises CellProblem for a date, and for an impossible clock reading.
    """
    if isinstance(value, str) and (match := _CLOCK.fullmatch(_without_day_0(value))):
        hours, minutes, seconds = int(match["hours"] or 0), int(match["minutes"]), int(match["seconds"])
        if seconds > 59 or (match["hours"] and minutes > 59):
            raise CellProblem(_l("It isn’t a duration like HH:MM:SS."))
        return (hours * 60 + minutes) * 60 + seconds
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, time):
        return round(timedelta(0, value.second, value.microsecond, 0, value.minute, value.hour).total_seconds())
    if isinstance(value, date | datetime):
        raise CellProblem(_l("It’s a date, not a duration."))
    return None


def _without_day_0(text: str) -> str:
    """Convert a duration that a spreadsheet saved as a time on its day 0 to a clock reading.

    Other text is returned unchanged.
    """
    match = _ON_DAY_0.fullmatch(text)
    if match is None:
        return text
    hours = int(match["hours"])
    if match["half"]:
        hours = hours % 12 + (12 if match["half"] in "Pp" else 0)
    return f"{hours}:{match['rest']}"


def _hours_and_minutes(value: Value) -> int | None:
    match = _HOURS_AND_MINUTES.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    if int(match["minutes"]) > 59:
        raise CellProblem(_l("The minutes in an H:MM duration can’t be more than 59."))
    return int(match["hours"]) * 3_600 + int(match["minutes"]) * 60


def _seconds_in_words(value: Value) -> int | None:
    match = _IN_WORDS.fullmatch(value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        return None
    parts = (("hours", SECONDS_IN["hours"]), ("minutes", SECONDS_IN["minutes"]), ("seconds", SECONDS_IN["seconds"]))
    return round(sum(Decimal(match[name].replace(",", ".")) * factor for name, factor in parts if match[name]))


def rating_parser(parse_number: Callable[[Value], Decimal], highest: int = HIGHEST_RATING) -> Callable[[Value], int]:
    """Return a parser that maps whole numbers from 1 to `highest` to a rating from 1 to 5.

    Each rating covers an equal share of the scale, and values in between are rounded up: on a scale of 10, 7 and 8
    become 4.
    """

    def parse(value: Value) -> int:
        number = parse_number(value)
        if number != int(number) or not LOWEST_RATING <= number <= highest:
            raise CellProblem(_l("It isn’t a whole number from %(low)s to %(high)s.", low=LOWEST_RATING, high=highest))
        return math.ceil(number * HIGHEST_RATING / highest)

    return parse


def cost_parser(
    parse_number: Callable[[Value], Decimal],
    *,
    most: Decimal = MAX_COST,
    decimals: int = CENTS,
    below_zero: bool = False,
    currency: str = "",
) -> Callable[[Value], Decimal]:
    """Return a parser for amounts of money from 0 to `most`, rounded to `decimals` (half up).

    An amount of cents is the same whatever the decimals, so that it has the fingerprint of earlier releases. Signs of
    `currency` (ISO 4217) around the number are ignored, those of other currencies are refused; without a currency, all
    are ignored. With `below_zero`, the sign of each amount is inverted, for systems that export costs as negative
    numbers.
    """
    signs = signs_of(currency) if currency else None

    def parse(value: Value) -> Decimal:
        is_plain = not isinstance(value, str) or _ONLY_NUMBER.fullmatch(value)
        amount = parse_number(value if is_plain else _without_currency(str(value), signs, currency))
        amount = -amount if below_zero else amount
        if amount < 0:
            raise CellProblem(_l("It’s more than 0.") if below_zero else _l("It’s less than 0."))
        if amount > most:
            raise CellProblem(_l("It’s more than %(limit)s.", limit=most))
        return exact_amount(amount, decimals)

    return parse


def _without_currency(text: str, signs: Collection[str] | None, currency: str) -> str:
    """Return the text of an amount without the currency's `signs`, or without any sign if they are None.

    Raises CellProblem for a sign of another currency.
    """
    if signs is None:
        return without_any_sign(text)
    plain = without_signs(text, signs)
    if has_sign(plain):
        raise CellProblem(_l("It’s not in your organization’s currency (%(currency)s).", currency=currency))
    return plain
