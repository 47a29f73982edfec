"""What an analysis found, as one list in the order of the conversation.

An analysis comes from outside, and its lists are JSON that the database keeps as it was given: whatever is missing or
of another shape is left out, never an error.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.models import Severity

MAX_FINDINGS = 100
MAX_SECONDS = 86_400.0


class FindingKind(StrEnum):
    """What a finding is to the person who is judged by it."""

    STRENGTH = "strength"
    LAPSE = "lapse"
    OBJECTION = "objection"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the analysis says, and the words it rests on.

    `turn` counts the turns of the transcript from 0 and `start` is in seconds; both as the analysis gave them, None
    when it gave none. `category` and `severity` belong to objections.
    """

    kind: FindingKind
    title: str
    detail: str
    quote: str
    turn: int | None
    start: float | None
    category: str = ""
    severity: Severity | None = None


def read_findings(evidence: object, objections: object, missed_opportunities: object) -> Sequence[Finding]:
    """The findings of `call_analyses`' three lists. What two of them tell of the same words is told once."""
    found: list[Finding] = []
    for finding in _all_findings(evidence, objections, missed_opportunities):
        same = next((place for place, other in enumerate(found) if _is_same(finding, other)), None)
        if same is None:
            found.append(finding)
        else:
            found[same] = _both(found[same], finding)
    found.sort(key=lambda finding: (finding.turn is None, finding.turn or 0))
    return found[:MAX_FINDINGS]


def seconds(value: object) -> float | None:
    """A moment within a recording; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= MAX_SECONDS else None


def text_of(item: Mapping[str, Any], *names: str) -> str:
    """The first of the named values that is a text with something in it; "" when none is."""
    texts = (item.get(name) for name in names)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def items_of(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of what should be a list of objects."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def _all_findings(evidence: object, objections: object, missed_opportunities: object) -> Iterator[Finding]:
    for item in items_of(evidence):
        yield _finding(item, _kind(item))
    for item in items_of(objections):
        yield _finding(item, FindingKind.OBJECTION)
    for item in items_of(missed_opportunities):
        yield _finding(item, FindingKind.LAPSE)


def _finding(item: Mapping[str, Any], kind: FindingKind) -> Finding:
    severity = text_of(item, "severity")
    return Finding(
        kind=kind,
        title=text_of(item, "title", "claim"),
        detail=text_of(item, "detail", "note", "explanation"),
        quote=text_of(item, "quote", "text"),
        turn=_place(item.get("turn")),
        start=seconds(item.get("start")),
        category=text_of(item, "category"),
        severity=Severity(severity) if severity in set(Severity) else None,
    )


def _kind(item: Mapping[str, Any]) -> FindingKind:
    kind = text_of(item, "kind")
    return FindingKind(kind) if kind in set(FindingKind) else FindingKind.REMARK


def _place(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def _is_same(one: Finding, other: Finding) -> bool:
    """About the same words, and not two different things about them."""
    kinds = {one.kind, other.kind}
    if one.turn is None or one.turn != other.turn or (len(kinds) == 2 and FindingKind.REMARK not in kinds):
        return False
    return one.quote.casefold() == other.quote.casefold() or one.title == other.title != ""


def _both(first: Finding, second: Finding) -> Finding:
    """The first, with what only the second knows."""
    return replace(
        first,
        kind=second.kind if first.kind is FindingKind.REMARK else first.kind,
        title=first.title or second.title,
        detail=first.detail or second.detail,
        category=first.category or second.category,
        severity=first.severity or second.severity,
    )
