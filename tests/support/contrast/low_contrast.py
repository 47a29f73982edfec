"""Pairs of text and background with too little contrast, by theme."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from tests.support.contrast.cascade import Styles
from tests.support.contrast.colors import Color, Theme, contrast, from_rgb, over
from tests.support.contrast.pairs import SURFACES, Pair, Source, Sources, pairs_of

_MAX_NAMED = 8


class LowContrast(NamedTuple):
    """A pair with too little contrast in a theme, and its sources."""

    pair: Pair
    theme: str
    ratio: float
    sources: tuple[Source, ...]

    def __str__(self) -> str:
        text, background = self.pair
        opacity = f" at opacity {text.opacity}" if text.opacity < 1 else ""
        named = " | ".join(str(source) for source in self.sources[:_MAX_NAMED])
        more = f" and {len(self.sources) - _MAX_NAMED} more" if len(self.sources) > _MAX_NAMED else ""
        return (
            f"{self.ratio:.2f} instead of {text.minimum}, {self.theme}: {text.color}{opacity} on {background},"
            f" set by {named}{more}"
        )


def low_contrast_pairs(styles: Styles) -> list[LowContrast]:
    """Return the pairs with too little contrast, each once per theme. Raises UnknownStyle."""
    views = [_View(styles, at) for at in range(len(styles.screens))]
    return [low for pair, sources in pairs_of(styles).items() for low in _low(pair, sources, views)]


class _View:
    """The colors on a screen."""

    def __init__(self, styles: Styles, at: int) -> None:
        screen, self.bit = styles.screens[at], 1 << at
        schemes = styles.token("color-scheme", self.bit)
        scheme = screen.scheme if schemes == "light dark" else str(schemes)
        self.theme = f"{scheme} theme{' with more contrast' if screen.contrast == 'more' else ''}"
        self._values = Theme(scheme, lambda name: styles.token(name, self.bit))
        self._colors: dict[str, Color] = {}

    def ratio(self, pair: Pair) -> float:
        text, background = self._color(pair.text.color), self._color(pair.background)
        # Any surface can be behind a translucent background.
        behind = [self._color(surface).rgb() for surface in SURFACES] if background.alpha < 1 else []
        backgrounds = [from_rgb(over(background, surface)) for surface in behind] or [background]
        return min(contrast(text, opaque, pair.text.opacity) for opaque in backgrounds)

    def _color(self, value: str) -> Color:
        if value not in self._colors:
            self._colors[value] = self._values.color(value)
        return self._colors[value]


def _low(pair: Pair, sources: Sources, views: list[_View]) -> Iterator[LowContrast]:
    screens = reduce(or_, sources.values())
    ratios = [(view.ratio(pair), view) for view in views if view.bit & screens]
    low = [(ratio, view) for ratio, view in ratios if ratio < pair.text.minimum]
    for theme in dict.fromkeys(view.theme for _ratio, view in low):
        in_theme = [(ratio, view.bit) for ratio, view in low if view.theme == theme]
        on = reduce(or_, (bit for _ratio, bit in in_theme))
        named = [source for source, applied in sources.items() if applied & on]
        # The states of a source that is also named without them have no influence.
        plain = [source for source in named if not source.states or source._replace(states=()) not in named]
        yield LowContrast(pair, theme, min(in_theme)[0], tuple(plain))
