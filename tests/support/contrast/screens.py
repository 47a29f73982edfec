"""Screens that a style sheet distinguishes, and the media queries that are true on them."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from tests.support.contrast.syntax import UnknownStyle

_PIXELS: Mapping[str, float] = {"rem": 16, "em": 16, "px": 1}
_LENGTH = re.compile(r"(\d*\.?\d+)(rem|em|px)")
_RANGE = re.compile(r"\((?:(?P<low>[\d.]+\w+) <= )?width (?P<sign><=?|>=?) (?P<bound>[\d.]+\w+)\)")
_MIN_MAX = re.compile(r"\((?P<which>min|max)-width: (?P<bound>[\d.]+\w+)\)")
_FEATURE = re.compile(r"\((?P<name>[\w-]+): (?P<value>[\w-]+)\)")
_WIDEST = 4000.0


class Screen(NamedTuple):
    """A width in px, the system's preferences, and the theme that the user has chosen."""

    width: float
    scheme: str
    contrast: str
    chosen: str | None


def screens_of(conditions: Iterable[str]) -> list[Screen]:
    """Return a screen between each two widths at which a media query changes, in each theme and contrast."""
    queries = [condition for condition in conditions if condition.startswith("@media")]
    matches = [match for query in queries for pattern in (_RANGE, _MIN_MAX) for match in pattern.finditer(query)]
    lengths = {match[name] for match in matches for name in match.groupdict() if name in ("low", "bound")}
    bounds = {pixels(length) for length in lengths if length}
    widths = [(low + high) / 2 for low, high in pairwise(sorted({0.0, *bounds, _WIDEST}))]
    # A chosen theme takes precedence over the system's.
    themes = (("light", None), ("dark", None), ("dark", "light"), ("light", "dark"))
    return [
        Screen(width, scheme, contrast, chosen)
        for scheme, chosen in themes
        for contrast in ("no-preference", "more")
        for width in widths
    ]


def has_theme(screen: Screen, state: str) -> bool:
    """Return whether the root element has a `[data-theme]` state."""
    _, has_value, value = state.strip("[]").partition("=")
    return screen.chosen == value.strip("\"'") if has_value else screen.chosen is not None


def pixels(length: str) -> float:
    """Convert a length in rem, em (of the root element) or px. Raises UnknownStyle."""
    match = _LENGTH.fullmatch(length)
    if match is None:
        raise UnknownStyle(f"unknown length: {length}")
    return float(match[1]) * _PIXELS[match[2]]


def is_true(query: str, screen: Screen) -> bool | None:
    """Return whether a media query is true on a screen, or None if the screen doesn't decide it."""
    truths = [_is_feature_true(feature, screen) for feature in query.split(" and ")]
    return False if False in truths else None if None in truths else True


def _is_feature_true(feature: str, screen: Screen) -> bool | None:
    if feature in ("screen", "print"):
        return feature == "screen"
    if match := _RANGE.fullmatch(feature):
        low, bound = pixels(match["low"] or "0px"), pixels(match["bound"])
        return low <= screen.width and (screen.width < bound) == match["sign"].startswith("<")
    if match := _MIN_MAX.fullmatch(feature):
        return (screen.width < pixels(match["bound"])) == (match["which"] == "max")
    decided: Mapping[str, str] = {
        "prefers-color-scheme": screen.scheme,
        "prefers-contrast": screen.contrast,
        "forced-colors": "none",
    }
    match = _FEATURE.fullmatch(feature)
    return decided[match["name"]] == match["value"] if match and match["name"] in decided else None
