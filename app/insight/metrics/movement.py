"""The contribution of each part to the change of a whole.

It is computed with fractions, so that everything adds up exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.errors import LazyText
from app.insight.metrics.numbers import MIN_CASES, Measured

_HALF = Fraction(1, 2)
#: The number of a part in the period and in the one before.
Part = tuple[Measured, Measured]


@dataclass(frozen=True, slots=True)
class Contribution:
    """The contribution of one part, in the unit of the number; `total` is the sum of `own` and `share`.

    For a ratio, `own` is the effect of the part's own rate at its current share of the cases, and `share` is the effect
    of the change in that share. If the part had no cases in one of the periods, `share` is the whole contribution.
    """

    own: Fraction
    share: Fraction

    @property
    def total(self) -> Fraction:
        return self.own + self.share


@dataclass(frozen=True, slots=True)
class Cause:
    """A line of the table of contributions: its name, and the part of the change that is due to it.

    `cases` is the number of rows that a person's part rests on; None if the line isn't that of a person.
    """

    name: LazyText
    part: Fraction
    cases: float | None = None

    @property
    def may_be_named(self) -> bool:
        """False for a person whose part can be chance: nobody is blamed for that."""
        return self.cases is None or self.cases >= MIN_CASES


@dataclass(frozen=True, slots=True)
class Movement:
    """The contributions to the change of a number, in the order of the parts.

    `rest` is due to rows that no part, or more than one of them, counts. The contributions and the rest add up to
    `change` exactly.
    """

    change: Fraction
    contributions: Sequence[Contribution]
    rest: Fraction


def movement_of_sum(parts: Sequence[Part], now: Measured, before: Measured) -> Movement:
    """Return the movement of a count or a sum: each part contributes its own change."""
    contributions = [Contribution(_exact(one) - _exact(earlier), Fraction()) for one, earlier in parts]
    return _with_rest(_exact(now) - _exact(before), contributions)


def movement_of_ratio(parts: Sequence[Part], now: Measured, before: Measured) -> Movement | None:
    """Return the movement of a ratio, or None if the whole has no cases in one of the periods.

    A part contributes w·r − v·s − R·(w − v), where r and s are its rate now and before, w and v its share of the
    denominator, R the whole's rate before. As the shares add up to 1, the contributions add up to the change of the
    whole.
    """
    if not now.denominator or not before.denominator:
        return None
    rate_before = Fraction(before.numerator or 0, before.denominator)
    contributions = [
        _contribution(one, earlier, now.denominator, before.denominator, rate_before) for one, earlier in parts
    ]
    return _with_rest(Fraction(now.numerator or 0, now.denominator) - rate_before, contributions)


def main_cause(change: Fraction, causes: Sequence[Cause]) -> Cause | None:
    """Return the cause of at least half of the change; None without one, or if two are equally great.

    It is also at least half of all parts in the direction of the change: if some raise a number that others lower,
    several parts can each be as great as the change, and none of them is its cause.
    """
    same_way = [cause for cause in causes if cause.part * change > 0]
    if not same_way:
        return None
    greatest = max(same_way, key=lambda cause: abs(cause.part))
    has_equal = sum(cause.part == greatest.part for cause in same_way) > 1
    return None if has_equal or greatest.part / sum(cause.part for cause in same_way) < _HALF else greatest


def cases_of(now: Measured, before: Measured, *, adds_up: bool) -> float:
    """Return the number of cases that the change of a person's number rests on.

    For a count or a sum, those are the rows of both periods: each of them is part of the change. For a rate, they are
    the denominator of the period with fewer rows: a rate of few rows is chance in either of them.
    """
    return now.cases + before.cases if adds_up else min(now.cases, before.cases)


def rounded_to_add_up(parts: Sequence[Fraction], step: Fraction) -> list[Fraction]:
    """Round each part to a multiple of `step` so that the parts add up to their rounded sum.

    Those with the largest remainders are rounded up.
    """
    down = [part // step for part in parts]
    missing = _half_up(sum(parts, Fraction()) / step) - sum(down)
    by_remainder = sorted(range(len(parts)), key=lambda at: parts[at] / step - down[at], reverse=True)
    up = set(by_remainder[:missing])
    return [(whole + (at in up)) * step for at, whole in enumerate(down)]


def _contribution(
    now: Measured, before: Measured, cases_of_all: int, cases_of_all_before: int, rate_before: Fraction
) -> Contribution:
    met, cases = now.numerator or 0, now.denominator or 0
    met_before, cases_before = before.numerator or 0, before.denominator or 0
    share, share_before = Fraction(cases, cases_of_all), Fraction(cases_before, cases_of_all_before)
    brought = Fraction(met, cases_of_all) - Fraction(met_before, cases_of_all_before)
    total = brought - rate_before * (share - share_before)
    if not cases or not cases_before:
        return Contribution(Fraction(), total)
    own = share * (Fraction(met, cases) - Fraction(met_before, cases_before))
    return Contribution(own, total - own)


def _with_rest(change: Fraction, contributions: Sequence[Contribution]) -> Movement:
    return Movement(change, contributions, change - sum((one.total for one in contributions), Fraction()))


def _exact(measured: Measured) -> Fraction:
    return Fraction(measured.exact or 0)


def _half_up(value: Fraction) -> int:
    """Round half away from zero, unlike Python's `round`."""
    whole = (abs(value) + Fraction(1, 2)) // 1
    return whole if value >= 0 else -whole
