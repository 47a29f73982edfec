"""Reproducible randomness: streams of random numbers and IDs that depend only on a seed."""

import random
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_KEPT_BITS = ~(0xF << 76) & ~(0x3 << 62)


def stream(seed: int, *names: str) -> random.Random:
    """Return a separate stream for `names`; drawing from one stream never affects another."""
    # The string is hashed with SHA-512, so that every process and platform starts from the same state.
    return random.Random(f"{seed}:{':'.join(names)}")  # noqa: S311 - reproducible on purpose, not used for secrets


class Ids:
    """IDs shaped like UUID version 7, ordered by the time of their rows.

    A seed always yields the same IDs.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def at(self, moment: datetime) -> UUID:
        """Return the next ID for a row created at `moment`."""
        milliseconds = int(moment.timestamp() * 1000)
        value = milliseconds << 80 | self._chance.getrandbits(80)
        return UUID(int=value & _KEPT_BITS | _VERSION_7 | _VARIANT)
