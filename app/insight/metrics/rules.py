"""Calculations on plain numbers: the grade of a score and the coaching opportunity of a person."""

from decimal import Decimal
from enum import StrEnum

#: With fewer calls than this, a person's numbers are not meaningful.
MIN_CALLS = 10
#: With fewer scored calls than this, the opportunity is shown with their number.
ENOUGH_SCORED = 10
#: From this many calls on, an opportunity is weighted in full.
ENOUGH_CALLS = 30

_GRADES = ((90, "A"), (80, "B"), (70, "C"), (60, "D"))


class NoOpportunity(StrEnum):
    """The reason a person has no coaching opportunity."""

    NOT_ENOUGH_CALLS = "not_enough_calls"
    NOT_ANALYSED = "not_analysed"
    NOT_KEPT = "not_kept"


def grade(score: float | Decimal) -> str:
    """Return the letter grade of a script score of 0 to 100.

    The grades are A from 90, B from 80, C from 70, D from 60, and F below.
    """
    return next((letter for least, letter in _GRADES if score >= least), "F")


def coaching_opportunity(calls: int, miss_rate: Decimal, sop: Decimal | None) -> Decimal | NoOpportunity:
    """Return a person's coaching opportunity, 0 to 100 and unrounded, or the reason there is none.

    Half of it is the gap between their script score (`sop`, 0 to 100) and 100, the other half their
    `miss_rate` (0 to 1). It is scaled down for a person with few `calls`. `sop` is None if none of them has a score.
    """
    if calls < MIN_CALLS:
        return NoOpportunity.NOT_ENOUGH_CALLS
    if sop is None:
        return NoOpportunity.NOT_ANALYSED
    lacking = 1 - sop / 100
    return 100 * (lacking + miss_rate) / 2 * min(Decimal(1), Decimal(calls) / ENOUGH_CALLS)
