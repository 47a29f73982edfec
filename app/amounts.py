"""Rounding of amounts, for display, files and imports."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

Number: TypeAlias = int | float | Decimal

CENTS = 2


def half_up(value: Number, decimals: int) -> Decimal:
    """Round to `decimals`, half away from zero; Babel and Python round half to even."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def exact_amount(amount: Number, decimals: int) -> Decimal:
    """Round an amount to `decimals`, without zeros at its end except for cents: 0.50, 0.0085."""
    rounded = half_up(amount, decimals)
    parts = -int(rounded.normalize().as_tuple().exponent)
    return rounded.quantize(Decimal(1).scaleb(-max(parts, CENTS)))
