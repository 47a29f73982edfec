"""Waits between attempts at something that failed: each is longer than the one before, up to a limit."""

import random
from datetime import timedelta

#: Beyond this exponent, any wait is at its limit.
_MAX_EXPONENT = 20


def wait_before_retry(number: int, first: timedelta, longest: timedelta, *, growth: int = 2) -> timedelta:
    """Return the wait after failure `number`, counted from 1: `first`, then `growth` times as long each time.

    A random part of up to half is subtracted, so that what failed together is not retried together.
    """
    ceiling: timedelta = min(first * growth ** min(number - 1, _MAX_EXPONENT), longest)
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
