"""Conversion of addresses between one typed line and the stored parts."""

import re
from collections.abc import Mapping
from typing import Any

PARTS = ("address_line_1", "address_line_2", "city", "state", "zip", "country")

#: State and postal code, such as "TX 78745" or "Moscow 101000".
_STATE_AND_ZIP = re.compile(r"(?P<state>[^\d,]{2,50}?)\s+(?P<zip>[A-Z0-9][A-Z0-9 -]{2,12}\d[A-Z0-9]*)", re.IGNORECASE)


def parts_of(row: Any) -> dict[str, str | None]:
    """Return the address of a contact or an appointment, by column."""
    return {name: getattr(row, name) for name in PARTS}


def in_one_line(parts: Mapping[str, str | None]) -> str:
    """Return the address in one line, such as "1817 Alder Creek Ln, Austin, TX 78745"."""
    region = " ".join(filter(None, (parts.get("state"), parts.get("zip"))))
    return ", ".join(
        filter(None, (parts.get("address_line_1"), parts.get("address_line_2"), parts.get("city"), region))
    )


def read_line(typed: str, known: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the parts of a typed address.

    Returns the `known` parts if they were typed unchanged. Otherwise street, city, state and postal code are split as
    far as they can be told apart; if not, everything becomes the street, so that no text is lost.
    """
    if typed == in_one_line(known):
        return dict(known)
    parts: dict[str, str | None] = dict.fromkeys(PARTS)
    parts["country"] = known.get("country")
    pieces = [piece.strip() for piece in typed.split(",")]
    region = _STATE_AND_ZIP.fullmatch(pieces[-1])
    if len(pieces) < 3 or region is None or not all(pieces):
        return {**parts, "address_line_1": typed or None}
    street = {"address_line_1": ", ".join(pieces[:-2]), "city": pieces[-2]}
    return {**parts, **street, "state": region["state"], "zip": region["zip"]}


def is_near(one: Mapping[str, str | None], other: Mapping[str, str | None]) -> bool:
    """Return whether two addresses have the same postal code or, if one has none, the same city."""
    for name in ("zip", "city"):
        here, there = (_folded(parts.get(name)) for parts in (one, other))
        if here and there:
            return here == there
    return False


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()
