"""Pairs of text and background that style sheets set, as the values of declarations.

Text takes the background that its own rule sets or its selector names. Otherwise it can be on each of `SURFACES`. On
any other background without text of its own can be any text. If its selector names a component that it is a part of,
it takes the nearest text that selectors name: text on it, or else text of the component.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import prod
from typing import NamedTuple

from tests.support.contrast.cascade import Case, Styles, Subject
from tests.support.contrast.screens import pixels
from tests.support.contrast.selectors import Compound
from tests.support.contrast.stylesheet import Rule, StyleSheet
from tests.support.contrast.syntax import UnknownStyle, split

#: Backgrounds that any text can be on, whatever its component: tokens.css promises their contrast.
SURFACES = tuple(
    f"var(--{name})"
    for name in (
        *("canvas", "surface", "surface-2", "surface-3", "overlay"),
        *("accent-soft", "good-soft", "warn-soft", "bad-soft"),
    )
)
MINIMUM = 4.5
MINIMUM_OF_LARGE_TEXT = 3.0

#: Sizes in px, and a weight.
_LARGE, _LARGE_IF_BOLD, _SMALLEST = 24.0, 18.66, 12.0
_BOLD = 700
#: WCAG exempts disabled controls.
_DISABLED = frozenset({"[disabled]", ":disabled", '[aria-disabled="true"]'})
_SHAPES = frozenset({"svg", "path", "rect", "circle", "line"})
_PSEUDO_WITH_TEXT = frozenset({"", "placeholder", "file-selector-button", "selection"})
_PSEUDO_WITHOUT_TEXT = re.compile(r"backdrop|(?:-webkit|-moz)-[\w-]+")
_SIZE = re.compile(r"[\d.]+(?:rem|px)")
_GRADIENT = re.compile(r"(?:repeating-)?linear-gradient\((.*)\)")
_DIRECTION = re.compile(r"to \w+|-?\d+deg")
_STOP = re.compile(r"(?P<color>.+?)(?P<positions>(?: (?:\d[\w.%]*|calc\([^()]*\)))*)")
_HAIRLINE = re.compile(r" calc\((.+) - 1px\) \1")


class Text(NamedTuple):
    """The color of text, its opacity, and the contrast that its size requires."""

    color: str
    opacity: float = 1.0
    minimum: float = MINIMUM


class Pair(NamedTuple):
    """Text and its background."""

    text: Text
    background: str


class Source(NamedTuple):
    """The selector that sets a pair, with further states, and the selector of a background around it."""

    selector: str
    states: tuple[str, ...] = ()
    background: str = ""

    def __str__(self) -> str:
        states = f" with {' '.join(self.states)}" if self.states else ""
        return f"{self.selector}{states}{f' in {self.background}' if self.background else ''}"


#: The screens on which each source applies, as a bit mask.
Sources = Mapping[Source, int]


class _Appearance(NamedTuple):
    """An element's text and background, None where its selector names none, and whether they are its own."""

    text: Text | None = None
    background: Rule | None = None
    has_own_text: bool = False
    has_own_background: bool = False


def styles_of(sheets: Iterable[str]) -> Styles:
    """Parse style sheets, in the order of the cascade. Raises UnknownStyle."""
    parsed = StyleSheet()
    for sheet in sheets:
        parsed.add(sheet)
    return Styles([_without_passing_opacity(rule) for rule in parsed.rules])


def pairs_of(styles: Styles) -> Mapping[Pair, Sources]:
    """Return the pairs that styles set, with their sources. Raises UnknownStyle."""
    return _Collection(styles).pairs


class _Collection:
    """The pairs of all rules: first those of text, which those of backgrounds depend on."""

    def __init__(self, styles: Styles) -> None:
        self.pairs: dict[Pair, dict[Source, int]] = defaultdict(dict)
        self._styles = styles
        #: Text that can be on any surface, by component: the class that its selector begins with.
        self._texts: dict[str, dict[Text, dict[Source, int]]] = defaultdict(lambda: defaultdict(dict))
        #: Positions of the rules with a background on which other selectors name text.
        self._named: set[int] = set()
        for rule in styles.rules:
            if _text_property(rule.chain[-1]) in rule.declarations:
                self._add_text(Subject(styles, rule))
        for rule in styles.rules:
            if "background" in rule.declarations:
                self._add_background(Subject(styles, rule))
        for text, sources in self._all_texts():
            self._add(text, SURFACES, sources)
        for rule in styles.rules:
            if "opacity" in rule.declarations:
                self._add_faded(rule)

    def _add_text(self, subject: Subject) -> None:
        for appearance, sources in self._appearances(subject):
            text, background = appearance.text, appearance.background
            if text and background and (appearance.has_own_background or not _is_surface(background)):
                self._add(text, _background_colors(background), sources)
                if not appearance.has_own_background:
                    self._named.add(background.rank.position)
                if subject.element.tag != "body":
                    continue  # other elements inherit the text of the body
            if text:
                _merge(self._texts[_component(subject.rule)][text], sources)

    def _add_background(self, subject: Subject) -> None:
        for appearance, sources in self._appearances(subject):
            background = appearance.background
            if background is None or not appearance.has_own_background:
                continue
            if appearance.text:
                self._add(appearance.text, _background_colors(background), sources)
            if not appearance.has_own_text and not _is_surface(background):
                for text, inner in self._texts_on(background):
                    self._add(text, _background_colors(background), _nested(inner, sources))

    def _add_faded(self, rule: Rule) -> None:
        """Add all text at the opacity of a rule, unless the rule hides the element or draws a shape."""
        opacity = float(rule.declarations["opacity"])
        if not 0 < opacity < 1 or "fill" in rule.declarations or _is_shape(rule.chain[-1]):
            return
        around = {Source(rule.selector): self._styles.all_screens}
        for text, sources in self._all_texts():
            self._add(text._replace(opacity=text.opacity * opacity), SURFACES, _nested(sources, around))

    def _add(self, text: Text, backgrounds: Iterable[str], sources: Sources) -> None:
        for background in backgrounds:
            _merge(self.pairs[Pair(text, background)], sources)

    def _all_texts(self) -> Iterator[tuple[Text, Sources]]:
        for texts in self._texts.values():
            yield from texts.items()

    def _texts_on(self, background: Rule) -> list[tuple[Text, Sources]]:
        """Return the text that can be on a background, except text whose selector names the background."""
        component = _component(background)
        if len(background.chain) > 1 and background.rank.position in self._named:
            return []
        if len(background.chain) > 1 and component in self._texts:
            return list(self._texts[component].items())
        return list(self._all_texts())

    def _appearances(self, subject: Subject) -> Iterator[tuple[_Appearance, Sources]]:
        start = subject.case
        if start is None:
            return
        for appearance, case in self._styles.outcomes(lambda case: _appearance(subject, case), start):
            states = sorted({state for index, state in case.true - start.true if index >= 0})
            yield appearance, {Source(subject.rule.selector, tuple(states)): case.screens}


def _without_passing_opacity(rule: Rule) -> Rule:
    """Remove the opacity of states, as while a list loads or a card is dragged."""
    names = {name for compound in rule.chain for name in compound.classes}
    has_state = any(compound.states for compound in rule.chain) or any(name.startswith("is-") for name in names)
    if not has_state or "opacity" not in rule.declarations:
        return rule
    return replace(rule, declarations={name: value for name, value in rule.declarations.items() if name != "opacity"})


def _merge(sources: dict[Source, int], others: Sources) -> None:
    for source, screens in others.items():
        sources[source] = sources.get(source, 0) | screens


def _nested(inner: Sources, outer: Sources) -> Sources:
    return {
        source._replace(background=str(background)): screens & around
        for source, screens in inner.items()
        for background, around in outer.items()
    }


def _component(rule: Rule) -> str:
    return min(rule.chain[0].classes, default="")


def _appearance(subject: Subject, case: Case) -> _Appearance:
    """Return the appearance of the subject's element. Raises Undecided."""
    if not _shows_text(subject, case):
        return _Appearance()
    name = _text_property(subject.element)
    colors = ((index, subject.value(name, index, case)) for index in subject.upward())
    colored, color = next(((index, value) for index, value in colors if value not in (None, "inherit")), (-1, None))
    rules = ((index, subject.winner("background", index, case)) for index in subject.upward())
    filled, rule = next(((index, rule) for index, rule in rules if rule and _background_colors(rule)), (-1, None))
    text = Text(color, _opacity(subject, case), _minimum(subject, case)) if color else None
    if not _DISABLED.isdisjoint(state for _index, state in case.true):
        return _Appearance()
    return _Appearance(text, rule, colored == subject.last, filled == subject.last)


def _text_property(element: Compound) -> str:
    return "fill" if element.tag == "text" else "color"


def _shows_text(subject: Subject, case: Case) -> bool:
    element = subject.element
    if element.pseudo in ("before", "after"):
        return subject.value("content", subject.last, case) not in (None, '""', "none")
    if _PSEUDO_WITHOUT_TEXT.fullmatch(element.pseudo) or _is_shape(element):
        return False
    if element.pseudo not in _PSEUDO_WITH_TEXT:
        raise UnknownStyle(f"unknown pseudo-element: {subject.rule.selector}")
    height = subject.value("block-size", subject.last, case) or ""
    return not _SIZE.fullmatch(height) or pixels(height) >= _SMALLEST


def _is_shape(element: Compound) -> bool:
    return element.tag in _SHAPES or "icon" in element.classes


def _opacity(subject: Subject, case: Case) -> float:
    return prod(float(subject.value("opacity", index, case) or 1) for index in subject.upward())


def _minimum(subject: Subject, case: Case) -> float:
    """Return the contrast that text requires: less if its size is set and large."""
    size, weight = (subject.resolved(name, case) for name in ("font-size", "font-weight"))
    is_bold = weight == "bold" or (weight.isdecimal() and int(weight) >= _BOLD)
    is_large = bool(_SIZE.fullmatch(size)) and pixels(size) >= (_LARGE_IF_BOLD if is_bold else _LARGE)
    return MINIMUM_OF_LARGE_TEXT if is_large else MINIMUM


def _is_surface(rule: Rule) -> bool:
    return all(color in SURFACES for color in _background_colors(rule))


def _background_colors(rule: Rule) -> tuple[str, ...]:
    """Return the colors of a background: several for a gradient, except transparent ones and lines of 1 px."""
    value = rule.declarations["background"]
    gradient = _GRADIENT.fullmatch(value)
    parts = [part for part in split(gradient[1], ",") if not _DIRECTION.fullmatch(part)] if gradient else [value]
    stops = (stop for part in parts if (stop := _STOP.fullmatch(part)))
    return tuple(
        stop["color"]
        for stop in stops
        if stop["color"] not in ("none", "transparent") and not _HAIRLINE.fullmatch(stop["positions"])
    )
