"""What is computed from numbers alone: the grade of a score, and how much coaching would bring."""

from decimal import Decimal
from enum import StrEnum

#: Fewer calls than this say nothing about a person.
MIN_CALLS = 10
#: From this many calls on, an opportunity counts in full.
ENOUGH_CALLS = 30

_GRADES = ((90, "A"), (80, "B"), (70, "C"), (60, "D"))


class NoOpportunity(StrEnum):
    """Why there is no coaching opportunity to tell."""

    NOT_ENOUGH_CALLS = "not_enough_calls"
    NOT_ANALYSED = "not_analysed"


def grade(score: float | Decimal) -> str:
    """The letter of a script score of 0 to 100: A from 90, B from 80, C from 70, D from 60, else F."""
    return next((letter for least, letter in _GRADES if score >= least), "F")


def coaching_opportunity(calls: int, missed: int, sop: Decimal | None) -> Decimal | NoOpportunity:
    """How much there is to win by coaching a person, 0 to 100, unrounded.

    Half is what their script score (`sop`, 0 to 100) lacks, half their miss rate (`missed` of `calls`); of a person
    with few calls only a part. `sop` None means that none of the calls has a score.
    """
    if calls < MIN_CALLS:
        return NoOpportunity.NOT_ENOUGH_CALLS
    if sop is None:
        return NoOpportunity.NOT_ANALYSED
    lacking = 1 - sop / 100
    miss_rate = Decimal(missed) / calls
    return 100 * (lacking + miss_rate) / 2 * min(Decimal(1), Decimal(calls) / ENOUGH_CALLS)
