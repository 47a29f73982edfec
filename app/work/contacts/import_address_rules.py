"""Splitting of an address in one cell into its parts, in the format used in the United States."""

import re
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text
from app.work.contacts.rules import MAX_ADDRESS_LINE_LENGTH, MAX_CITY_LENGTH

#: Matches "1 Main St, Apt 4, Albany, NY 12207-1234, USA".
_PARTS = re.compile(
    r"(?P<street>[^,\n]+?)\s*[,\n]\s*(?:(?P<more>[^,\n]+?)\s*[,\n]\s*)?(?P<city>[^,\n0-9]+?)\s*[,\n]?\s+"
    r"(?P<state>[A-Z]{2})[,\s]+(?P<zip>[0-9]{5}(?:-[0-9]{4})?)(?:[\s,]+(?:US|USA|United States))?"
)


class Address(NamedTuple):
    """Parts of an address, each None if unknown."""

    line_1: str
    line_2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None


def parse_address(value: Value) -> Address:
    """Parse street, city, state and ZIP.

    Raises CellProblem for any other format, with the whole address on one line to be used instead, unless that line is
    too long.
    """
    text = as_text(value)
    match = _PARTS.fullmatch(text)
    if match is not None and len(match["city"]) <= MAX_CITY_LENGTH:
        parts = Address(match["street"], match["more"], match["city"], match["state"], match["zip"])
        if all(len(line or "") <= MAX_ADDRESS_LINE_LENGTH for line in parts[:2]):
            return parts
    line = " ".join(text.split())
    rest = Address(line) if len(line) <= MAX_ADDRESS_LINE_LENGTH else None
    raise CellProblem(_l("It isn’t in the form “street, city, ST 12345”, so it’s kept on one line."), rest)
