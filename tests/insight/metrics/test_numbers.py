"""Rounding of numbers, and ratios without a value."""

from decimal import Decimal

from app.insight.metrics.numbers import median, ratio


def test_a_half_is_rounded_up_as_the_database_would() -> None:
    assert ratio(1, 32).value == 0.0313
    assert ratio(3, 32).value == 0.0938
    assert median(Decimal("2.00005"), 20_000).value == 2.0001


def test_a_ratio_keeps_its_parts() -> None:
    booked = ratio(5, 12)

    assert (booked.value, booked.numerator, booked.denominator) == (0.4167, 5, 12)


def test_nothing_to_divide_by_is_no_number() -> None:
    assert ratio(0, 0).value is None
    assert median(None, 0).value is None


def test_a_ratio_may_pass_one() -> None:
    assert ratio(3, 2).value == 1.5
