"""Grades and coaching opportunities, which are computed without the database."""

from decimal import Decimal

import pytest

from app.insight.metrics.rules import NoOpportunity, coaching_opportunity, grade


@pytest.mark.parametrize(
    ("score", "letter"),
    [(100, "A"), (90, "A"), (89.9999, "B"), (80, "B"), (79.9999, "C"), (70, "C"), (60, "D"), (59.9999, "F"), (0, "F")],
)
def test_a_score_has_a_grade(score: float, letter: str) -> None:
    assert grade(score) == letter


@pytest.mark.parametrize(
    ("calls", "miss_rate", "sop", "opportunity"),
    [
        (30, "0", "100", "0"),
        (30, "1", "0", "100"),
        (30, "0.5", "50", "50"),
        (60, "0.5", "50", "50"),
        (15, "1", "0", "50"),
        (10, "0", "40", "10"),
    ],
)
def test_an_opportunity_is_half_script_and_half_missed_calls(
    calls: int, miss_rate: str, sop: str, opportunity: str
) -> None:
    assert coaching_opportunity(calls, Decimal(miss_rate), Decimal(sop)) == pytest.approx(Decimal(opportunity))


def test_few_calls_and_unheard_ones_say_nothing() -> None:
    assert coaching_opportunity(9, Decimal(1), Decimal(0)) is NoOpportunity.NOT_ENOUGH_CALLS
    assert coaching_opportunity(9, Decimal(1), None) is NoOpportunity.NOT_ENOUGH_CALLS
    assert coaching_opportunity(10, Decimal(0), None) is NoOpportunity.NOT_ANALYSED
