"""Extraction of findings from analyses, whatever the shape of the delivered data."""

from typing import Any

import pytest
from hypothesis import given

from app.models import Severity
from app.work.calls.evidence_rules import FindingKind, read_findings
from tests.support.odd_json import ALMOST_A_LIST

LAPSE = {"kind": "lapse", "title": "Price first", "detail": "Named before the visit.", "turn": 4, "quote": "It is $89."}
OBJECTION = {"category": "price_by_phone", "text": "Just a range?", "severity": "high", "turn": 5, "start": 40.0}


def test_findings_come_in_the_order_of_the_conversation() -> None:
    late, early, nowhere = ({"title": title, "turn": turn} for title, turn in (("b", 9), ("a", 1), ("c", None)))

    found = read_findings([late, nowhere, early], [], [])

    assert [finding.title for finding in found] == ["a", "b", "c"]


def test_an_objection_that_the_evidence_tells_of_too_is_told_once_with_its_severity() -> None:
    evidence = {"kind": "objection", "title": "Wanted a price", "turn": 5, "quote": "just a range?"}

    (finding,) = read_findings([evidence], [OBJECTION], [])

    assert (finding.title, finding.category, finding.severity) == ("Wanted a price", "price_by_phone", Severity.HIGH)


def test_a_missed_opportunity_that_the_evidence_tells_of_too_is_told_once() -> None:
    same = {name: value for name, value in LAPSE.items() if name != "kind"}

    (finding,) = read_findings([LAPSE], [], [same])

    assert finding.kind is FindingKind.LAPSE


def test_praise_and_blame_of_the_same_words_are_two_findings() -> None:
    praise = {**LAPSE, "kind": "strength"}

    assert len(read_findings([praise, LAPSE], [], [])) == 2


def test_a_claim_alone_becomes_a_finding() -> None:
    (finding,) = read_findings([{"claim": "Did not ask", "turn": 0, "start": "3.5"}], None, None)

    assert (finding.kind, finding.title, finding.start) == (FindingKind.REMARK, "Did not ask", 3.5)


@pytest.mark.parametrize("turn", [-1, 2.5, "2", True, None, [], {}])
def test_a_turn_that_is_no_number_of_a_turn_is_none(turn: Any) -> None:
    (finding,) = read_findings([{"title": "x", "turn": turn}], [], [])

    assert finding.turn is None


@pytest.mark.parametrize("start", [-1, float("inf"), float("nan"), "soon", True, 10**400, [], {}, 86_401])
def test_a_start_that_is_no_moment_of_a_call_is_none(start: Any) -> None:
    (finding,) = read_findings([{"title": "x", "start": start}], [], [])

    assert finding.start is None


@given(ALMOST_A_LIST, ALMOST_A_LIST, ALMOST_A_LIST)
def test_whatever_was_delivered_is_read_without_an_error(evidence: Any, objections: Any, missed: Any) -> None:
    assert all(finding.kind in FindingKind for finding in read_findings(evidence, objections, missed))
