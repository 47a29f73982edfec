"""CSS selectors as chains of compounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.support.contrast.syntax import UnknownStyle, split

_SIMPLE = re.compile(
    r"^(?P<tag>[a-z][\w-]*|\*)|\.(?P<class>[\w-]+)|(?P<state>\[[^\]]+\]|#[\w-]+)|::(?P<element>[\w-]+)|:(?P<name>[\w-]+)"
)

Specificity = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Compound:
    """An element's tag, classes and states as far as a selector names them; pseudo-elements are children.

    States are attributes, IDs and pseudo-classes, as written. `combinator` joins the compound to its predecessor:
    a space, `>`, `+`, `~`, or `::` before a pseudo-element.
    """

    combinator: str = " "
    tag: str = ""
    classes: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    excluded: tuple["Compound", ...] = ()
    pseudo: str = ""


Chain = tuple[Compound, ...]


def chains(selector: str) -> list[Chain]:
    """Parse a selector list into the chains that it matches."""
    return [chain for alternative in split(selector, ",") for chain in _alternatives(alternative)]


def _alternatives(selector: str) -> list[Chain]:
    options: list[Chain] = [()]
    for combinator, text in _compounds(selector):
        options = [(*before, *after) for before in options for after in _parsed(combinator, text)]
    return options


def _compounds(selector: str) -> Iterator[tuple[str, str]]:
    depth, combinator, text = 0, " ", ""
    for character in f"{selector.strip()} ":
        depth += (character in "([") - (character in ")]")
        if depth or not (character.isspace() or character in ">+~"):
            text += character
            continue
        if text:
            yield combinator, text
            combinator, text = " ", ""
        if not character.isspace():
            combinator = character


def _simple_selectors(compound: str) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the name and the arguments of each simple selector."""
    position = 0
    while position < len(compound):
        simple = _SIMPLE.match(compound, position)
        if simple is None or simple.lastgroup is None:
            raise UnknownStyle(f"unknown selector: {compound}")
        position, arguments = simple.end(), ""
        if compound[position : position + 1] == "(":
            arguments = _in_parentheses(compound, position)
            position += len(arguments) + 2
        yield simple.lastgroup, simple[simple.lastgroup], " ".join(arguments.split())


def _in_parentheses(text: str, start: int) -> str:
    depth = 0
    for end in range(start, len(text)):
        depth += (text[end] == "(") - (text[end] == ")")
        if not depth:
            return text[start + 1 : end]
    raise UnknownStyle(f"unknown selector: {text}")


def _parsed(combinator: str, text: str) -> list[Chain]:
    options: list[Chain] = [(Compound(combinator),)]
    for kind, name, arguments in _simple_selectors(text):
        options = [longer for option in options for longer in _with(option, kind, name, arguments)]
    return options


def _with(chain: Chain, kind: str, name: str, arguments: str) -> list[Chain]:
    """Add a simple selector to the last compound; `:is()` adds one of several."""
    *before, last = chain
    if kind == "element":
        return [(*chain, Compound("::", pseudo=name))]
    if kind == "name" and name in ("is", "where"):
        return [(*before, *merged) for inner in chains(arguments) if (merged := _merged(last, inner))]
    if kind == "name" and name == "not" and all(len(inner) == 1 for inner in chains(arguments)):
        return [(*before, replace(last, excluded=(*last.excluded, *(inner[0] for inner in chains(arguments)))))]
    if kind == "tag":
        return [(*before, replace(last, tag=name.strip("*")))]
    if kind == "class":
        return [(*before, replace(last, classes=last.classes | {name}))]
    state = name if kind == "state" else f":{name}({arguments})" if arguments else f":{name}"
    return [(*before, replace(last, states=last.states | _implied(state)))]


def _implied(state: str) -> set[str]:
    """Return the state and, for an attribute with a value, the presence of the attribute."""
    name, has_value, _ = state.partition("=")
    return {state, f"{name.rstrip('^$*~|')}]"} if has_value and state.startswith("[") else {state}


def _merged(first: Compound, inner: Chain) -> Chain:
    """Return the chain of an element that matches both a compound and a chain; it is empty if none can."""
    *before, last = inner
    if first.tag and last.tag and first.tag != last.tag:
        return ()
    merged = [
        *before,
        replace(
            last,
            tag=first.tag or last.tag,
            classes=first.classes | last.classes,
            states=first.states | last.states,
            excluded=first.excluded + last.excluded,
        ),
    ]
    merged[0] = replace(merged[0], combinator=first.combinator)
    return tuple(merged)


def specificity(selector: str) -> Specificity:
    """Compute the specificity of a complex selector."""
    ids = classes = tags = 0
    for _combinator, text in _compounds(selector):
        for kind, name, arguments in _simple_selectors(text):
            if kind == "name" and name in ("is", "not", "has"):
                more = max(specificity(inner) for inner in split(arguments, ","))
                ids, classes, tags = ids + more[0], classes + more[1], tags + more[2]
            elif kind in ("tag", "element"):
                tags += name != "*"
            elif name != "where":
                ids, classes = (ids + 1, classes) if name.startswith("#") else (ids, classes + 1)
    return ids, classes, tags
