"""Style rules with the properties that the contrast of text depends on.

CSS that this module doesn't know raises UnknownStyle, which names it: nothing that could color text is skipped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple

from tests.support.contrast.selectors import Chain, Specificity, chains, specificity
from tests.support.contrast.syntax import UnknownStyle, split

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(r"""[{};]|(?:"[^"]*"|'[^']*'|[^{};"'])+""")
_CONDITIONAL = ("@media", "@container", "@supports")
#: Blocks that style no element by themselves; keyframes are read for colors.
_WITHOUT_RULES = ("@font-face", "@page", "@keyframes")
_COLORS = frozenset({"color", "background", "background-color", "fill"})
#: Properties that the contrast depends on, apart from custom ones.
_READ = frozenset({*_COLORS, "color-scheme", "opacity", "font-size", "font-weight", "block-size", "content"})
#: Properties that would change the contrast in ways that aren't computed.
_UNKNOWN = frozenset({"filter", "backdrop-filter", "mix-blend-mode", "-webkit-text-fill-color"})


class Rank(NamedTuple):
    """The precedence of a rule in the cascade: the higher wins."""

    layer: int
    specificity: Specificity
    position: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A style rule for a single chain: selector lists and `:is()` become several rules.

    `conditions` are the at-rules around it.
    """

    selector: str
    chain: Chain
    declarations: Mapping[str, str]
    conditions: tuple[str, ...]
    rank: Rank


#: A statement of CSS: a prelude or declaration, and the statements of its block, if any.
Statement = tuple[str, "list[Statement] | None"]


@dataclass(frozen=True, slots=True)
class _Context:
    layer: int
    conditions: tuple[str, ...] = ()
    selectors: Sequence[str] = ()


@dataclass(slots=True)
class StyleSheet:
    """The rules of the style sheets, which are added in the order of the cascade."""

    rules: list[Rule] = field(default_factory=list)
    _layers: list[str] = field(default_factory=list)
    _positions: Iterator[int] = field(default_factory=count)

    def add(self, css: str) -> None:
        """Add the rules of a style sheet. Raises UnknownStyle."""
        # Rules outside a layer take precedence over those in any layer.
        self._add_all(_statements(_COMMENT.sub("", css)), _Context(layer=1000))

    def _add_all(self, statements: list[Statement], context: _Context) -> None:
        self._add_rules(dict(_declarations(statements)), context)
        for text, block in statements:
            if text.startswith("@"):
                self._add_at_rule(text, block, context)
            elif block is not None and context.selectors:
                raise UnknownStyle(f"nested rule: {text}")
            elif block is not None:
                self._add_all(block, replace(context, selectors=split(text, ",")))

    def _add_at_rule(self, text: str, block: list[Statement] | None, context: _Context) -> None:
        name, _, argument = text.partition(" ")
        if name == "@layer" and block is None:
            for layer in split(argument, ","):
                self._layer(layer)
        elif name == "@layer" and block is not None:
            self._add_all(block, replace(context, layer=self._layer(argument.strip())))
        elif name in _CONDITIONAL and block is not None:
            self._add_all(block, replace(context, conditions=(*context.conditions, " ".join(text.split()))))
        elif name not in _WITHOUT_RULES or (name == "@keyframes" and _has_colors(block or [])):
            raise UnknownStyle(text)

    def _layer(self, name: str) -> int:
        if name not in self._layers:
            self._layers.append(name)
        return self._layers.index(name)

    def _add_rules(self, declarations: Mapping[str, str], context: _Context) -> None:
        for selector in context.selectors if declarations else ():
            rank = Rank(context.layer, specificity(selector), next(self._positions))
            self.rules += (Rule(selector, chain, declarations, context.conditions, rank) for chain in chains(selector))


def _statements(css: str) -> list[Statement]:
    stack: list[list[Statement]] = [[]]
    text = ""
    for token in _TOKEN.findall(css):
        if token == "{":
            block: list[Statement] = []
            stack[-1].append((text.strip(), block))
            stack.append(block)
        elif token in ("}", ";"):
            if text.strip():
                stack[-1].append((text.strip(), None))
            if token == "}":
                stack.pop()
        text = "" if token in ("{", "}", ";") else token
    return stack[0]


def _declarations(statements: list[Statement]) -> Iterator[tuple[str, str]]:
    for text, block in statements:
        name, _, value = (part.strip() for part in text.partition(":"))
        if block is not None or not (name in _READ or name in _UNKNOWN or name.startswith("--")):
            continue
        if name in _UNKNOWN or (name in _COLORS and "!important" in value):
            raise UnknownStyle(text)
        yield ("background" if name == "background-color" else name), " ".join(value.split())


def _has_colors(statements: list[Statement]) -> bool:
    return any(
        _has_colors(block) if block is not None else not _COLORS.isdisjoint(dict(_declarations([(text, None)])))
        for text, block in statements
    )
