"""Findings of an analysis, as one list in the order of the conversation.

Analyses come from outside, and their lists are JSON stored unchanged: missing or malformed values are left out, and
never cause an error.
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
    """Kind of a finding, from the perspective of the person it evaluates."""

    STRENGTH = "strength"
    LAPSE = "lapse"
    OBJECTION = "objection"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of an analysis with its supporting quote.

    `turn` counts the turns of the transcript from 0, `start` is in seconds; both are None if the analysis didn't
    specify them. `category` and `severity` belong to objections.
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
    """Return the findings in the three lists of `call_analyses` in the order of their turns.

    Duplicates are merged, and at most MAX_FINDINGS are returned.
    """
    found: list[Finding] = []
    for finding in _all_findings(evidence, objections, missed_opportunities):
        same = next((place for place, other in enumerate(found) if _is_same(finding, other)), None)
        if same is None:
            found.append(finding)
        else:
            found[same] = _both(found[same], finding)
    found.sort(key=lambda finding: (finding.turn is None, finding.turn or 0))
    return found[:MAX_FINDINGS]


def read_objections(objections: object) -> Sequence[Finding]:
    """Return the findings in the list of objections, in its order."""
    return [_finding(item, FindingKind.OBJECTION) for item in items_of(objections)]


def seconds(value: object) -> float | None:
    """Parse a position within a recording, in seconds. Returns None for anything invalid."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= MAX_SECONDS else None


def text_of(item: Mapping[str, Any], *names: str) -> str:
    """Return the first of the named values that is a non-blank string, without surrounding spaces, or ""."""
    texts = (item.get(name) for name in names)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def items_of(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, ignoring everything else."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def _all_findings(evidence: object, objections: object, missed_opportunities: object) -> Iterator[Finding]:
    for item in items_of(evidence):
        yield _finding(item, _kind(item))
    yield from read_objections(objections)
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
    """Return whether two findings at the same turn have the same quote or title, and compatible kinds.

    Kinds are compatible if they are equal or one of them is REMARK.
    """
    kinds = {one.kind, other.kind}
    if one.turn is None or one.turn != other.turn or (len(kinds) == 2 and FindingKind.REMARK not in kinds):
        return False
    return one.quote.casefold() == other.quote.casefold() or one.title == other.title != ""


def _both(first: Finding, second: Finding) -> Finding:
    """Return the first finding, with its gaps filled from the second."""
    return replace(
        first,
        kind=second.kind if first.kind is FindingKind.REMARK else first.kind,
        title=first.title or second.title,
        detail=first.detail or second.detail,
        category=first.category or second.category,
        severity=first.severity or second.severity,
    )
