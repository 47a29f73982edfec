"""The reasons why numbers can mislead, and what to know beside such a number."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple


class CaveatReason(StrEnum):
    """The reasons why a number can mislead; docs/numbers.md has the definition and the SQL of each."""

    #: Leads that a colleague had booked before the CSR's first call of the period.
    BOOKED_BEFORE = "booked_before"
    #: Completed appointments that are neither won nor lost.
    UNDECIDED = "undecided"
    #: Missed callers who wait and can still be rescued.
    WITHIN_WINDOW = "within_window"
    #: Calls with a script score, if they are few.
    FEW_SCORED = "few_scored"
    #: Records of the span that are no longer kept.
    NOT_KEPT = "not_kept"


class Caveat(NamedTuple):
    """A caveat of a number: for `rows` of the `whole`, it can mislead.

    `day` is the local day on which the last caller's rescue window ends, or from which records are kept.
    """

    reason: CaveatReason
    rows: int = 0
    whole: int = 0
    day: date | None = None
