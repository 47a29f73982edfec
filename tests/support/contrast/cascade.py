"""The cascade for elements of which only what a selector names is known.

Whether an element has a further state, such as `:hover` or `[aria-current]`, is undecided, and so is the screen. If a
result depends on an undecided atom, it is computed for both cases, so all combinations are covered.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from tests.support.contrast.screens import has_theme, is_true, screens_of
from tests.support.contrast.selectors import Chain, Compound
from tests.support.contrast.stylesheet import Rank, Rule
from tests.support.contrast.syntax import UnknownStyle

T = TypeVar("T")

#: The element that every chain begins with.
_ROOT = Compound(tag="html", states=frozenset({":root"}))

#: The class of a variant, which is used together with that of its block: `btn--primary` of `btn`, `av-1` of `av`.
_VARIANT = re.compile(r"(?P<block>.+?)(?:--[\w-]+|-\d+)")

#: A state of the element at an index of a chain; an at-rule has the index `_CONDITION`.
Atom = tuple[int, str]
_CONDITION = -1


class Undecided(Exception):
    """An atom that a result depends on."""

    def __init__(self, atom: Atom) -> None:
        super().__init__(atom)
        self.atom = atom


@dataclass(frozen=True, slots=True)
class Case:
    """Decided atoms, and the screens that remain, as a bit mask."""

    screens: int
    true: frozenset[Atom] = frozenset()
    false: frozenset[Atom] = frozenset()


class Match(NamedTuple):
    """Atoms with which a rule matches: all that it needs, and not all of any set that it refuses."""

    needed: frozenset[Atom]
    refused: tuple[frozenset[Atom], ...]


class Styles:
    """The rules of style sheets, and the screens that they distinguish."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.screens = screens_of({condition for rule in rules for condition in rule.conditions})
        self.all_screens = (1 << len(self.screens)) - 1
        self.classes = {name for rule in rules for name in rule.chain[-1].classes}
        self._masks: dict[str, int | None] = {}
        self._tokens: dict[tuple[str, int], str | None] = {}
        #: By property, and a class or the tag of the element.
        self._index: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        for rule in rules:
            last = rule.chain[-1]
            for name in rule.declarations:
                self._index[name, min(last.classes, default=last.tag)].append(rule)

    def rules_for(self, name: str, element: Compound) -> list[Rule]:
        """Return the rules that set a property and could match an element."""
        keys = {"", element.tag, *element.classes}
        return [rule for key in keys for rule in self._index.get((name, key), ())]

    def token(self, name: str, screen: int) -> str | None:
        """Return the value of a property of the root element on a screen. Raises UnknownStyle."""
        if (name, screen) not in self._tokens:
            try:
                self._tokens[name, screen] = self._root.value(name, 0, Case(screen))
            except Undecided as undecided:
                raise UnknownStyle(f"{name} depends on {undecided.atom[1]}") from None
        return self._tokens[name, screen]

    @cached_property
    def _root(self) -> "Subject":
        return Subject(self, Rule("html", (_ROOT,), {}, (), Rank(0, (0, 0, 0), 0)))

    def assume(self, case: Case, atom: Atom, *, value: bool) -> Case | None:
        """Decide an atom. Return None if that contradicts the case."""
        mask = self._mask(atom)
        if mask is not None:
            screens = case.screens & (mask if value else ~mask)
            return replace(case, screens=screens) if screens else None
        if atom in (case.false if value else case.true) or (value and _has_other_value(case, atom)):
            return None
        if value:
            return replace(case, true=case.true | {atom})
        return replace(case, false=case.false | {atom})

    def holds(self, case: Case, atom: Atom) -> bool:
        """Return whether an atom is true. Raises Undecided."""
        mask = self._mask(atom)
        if mask is None and (atom in case.true or atom in case.false):
            return atom in case.true
        if mask is None or case.screens & mask not in (0, case.screens):
            raise Undecided(atom)
        return bool(case.screens & mask)

    def outcomes(self, result: Callable[[Case], T], case: Case) -> Iterator[tuple[T, Case]]:
        """Yield the result for each case that it depends on."""
        pending = [case]
        while pending:
            case = pending.pop()
            try:
                yield result(case), case
            except Undecided as undecided:
                both = (self.assume(case, undecided.atom, value=value) for value in (True, False))
                pending += (decided for decided in both if decided is not None)

    def _mask(self, atom: Atom) -> int | None:
        """Return the screens on which an atom is true, or None if it doesn't depend on the screen."""
        index, text = atom
        if index == _CONDITION:
            if text not in self._masks:
                self._masks[text] = self._media_mask(text)
            return self._masks[text]
        if text == ":root":
            return self.all_screens if index == 0 else 0
        if index == 0 and text.startswith("[data-theme"):
            return sum(1 << at for at, screen in enumerate(self.screens) if has_theme(screen, text))
        return 0 if text == ":empty" else None  # an empty element has no text

    def _media_mask(self, condition: str) -> int | None:
        name, _, queries = condition.partition(" ")
        if name != "@media":
            return None
        truths = [[is_true(query, screen) for query in queries.split(", ")] for screen in self.screens]
        if any(None in on_screen for on_screen in truths):
            return None
        return sum(1 << at for at, on_screen in enumerate(truths) if any(on_screen))


class Subject:
    """An element that a rule matches, with its ancestors and siblings as far as the selector names them."""

    def __init__(self, styles: Styles, rule: Rule) -> None:
        self.rule = rule
        self._styles = styles
        self._elements = _elements(styles, rule.chain)
        self._parents: list[int | None] = [None]
        self._previous: list[int | None] = [None]
        for index, element in enumerate(self._elements[1:], 1):
            is_sibling = element.combinator in "+~"
            self._parents.append(self._parents[index - 1] if is_sibling else index - 1)
            self._previous.append(index - 1 if is_sibling else None)
        self.last = len(self._elements) - 1
        self.element = self._elements[-1]
        self._candidates: dict[tuple[int, str], list[tuple[Rule, list[Match]]]] = {}

    @property
    def case(self) -> Case | None:
        """The atoms that the selector and the at-rules decide; None if no screen meets them."""
        case: Case | None = Case(self._styles.all_screens)
        atoms = [(index, state) for index, element in enumerate(self._elements) for state in element.states]
        for atom in (*atoms, *((_CONDITION, condition) for condition in self.rule.conditions)):
            case = case and self._styles.assume(case, atom, value=True)
        for index, element in enumerate(self._elements):
            for excluded in element.excluded:
                if len(excluded.states) == 1 and not (excluded.tag or excluded.classes):
                    atom = index, next(iter(excluded.states))
                    case = case and self._styles.assume(case, atom, value=False)
        return case

    def upward(self) -> Iterator[int]:
        """Yield the indexes of the element and its ancestors."""
        index: int | None = self.last
        while index is not None:
            yield index
            index = self._parents[index]

    def winner(self, name: str, index: int, case: Case) -> Rule | None:
        """Return the rule that sets a property of an element of the chain. Raises Undecided."""
        if (index, name) not in self._candidates:
            self._candidates[index, name] = self._matching(name, index)
        candidates = self._candidates[index, name]
        return next((rule for rule, matches in candidates if self._applies(rule, matches, case)), None)

    def value(self, name: str, index: int, case: Case) -> str | None:
        """Return the value that is set for a property. Raises Undecided."""
        rule = self.winner(name, index, case)
        return rule.declarations[name] if rule else None

    def resolved(self, name: str, case: Case) -> str:
        """Return the value of a property of the element, with a token replaced, or "". Raises Undecided."""
        value = self.value(name, self.last, case) or ""
        first_screen = case.screens & -case.screens
        return self._styles.token(value[4:-1], first_screen) or "" if value.startswith("var(--") else value

    def _matching(self, name: str, index: int) -> list[tuple[Rule, list[Match]]]:
        rules = self._styles.rules_for(name, self._elements[index])
        matches = ((rule, list(self._matches(rule.chain, index))) for rule in rules)
        return sorted((pair for pair in matches if pair[1]), key=lambda pair: pair[0].rank, reverse=True)

    def _applies(self, rule: Rule, matches: list[Match], case: Case) -> bool:
        def holds(atom: Atom) -> bool:
            return self._styles.holds(case, atom)

        return all(holds((_CONDITION, condition)) for condition in rule.conditions) and any(
            all(map(holds, match.needed)) and not any(all(map(holds, atoms)) for atoms in match.refused)
            for match in matches
        )

    def _matches(self, chain: Chain, index: int) -> Iterator[Match]:
        *before, last = chain
        own = self._match(last, index)
        if own is None:
            return
        if not before:
            yield own
            return
        for related in self._related(last.combinator, index):
            for match in self._matches(tuple(before), related):
                yield Match(own.needed | match.needed, own.refused + match.refused)

    def _related(self, combinator: str, index: int) -> Iterator[int]:
        related = self._previous[index] if combinator in "+~" else self._parents[index]
        while related is not None:
            yield related
            if combinator != " ":
                return
            related = self._parents[related]

    def _match(self, compound: Compound, index: int) -> Match | None:
        element = self._elements[index]
        has_tag = compound.tag in ("", element.tag) and compound.pseudo == element.pseudo
        if not has_tag or not compound.classes <= element.classes:
            return None
        excluded = [match.needed for inner in compound.excluded if (match := self._match(inner, index))]
        needed = frozenset((index, state) for state in compound.states)
        return Match(needed, tuple(excluded)) if all(excluded) else None


def _elements(styles: Styles, chain: Chain) -> list[Compound]:
    elements = [_ROOT]
    for compound in chain:
        if compound.tag == "html" or compound.states & {":root", "[data-theme]"}:
            states = elements[0].states | compound.states
            elements[0] = replace(elements[0], states=states, excluded=compound.excluded)
            continue
        variants = (_VARIANT.fullmatch(name) for name in compound.classes)
        blocks = {variant["block"] for variant in variants if variant}
        elements.append(replace(compound, classes=compound.classes | (blocks & styles.classes)))
    return elements


def _has_other_value(case: Case, atom: Atom) -> bool:
    """Return whether the attribute of the atom has another value in the case."""
    index, state = atom
    name, is_exact, _ = state.partition('="')
    return bool(is_exact) and any(
        at == index and other != state and other.startswith(f'{name}="') for at, other in case.true
    )
