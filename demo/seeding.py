"""Chance that can be repeated: streams of random numbers and ids that follow from a seed alone."""

import random
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_KEPT_BITS = ~(0xF << 76) & ~(0x3 << 62)


def stream(seed: int, *names: str) -> random.Random:
    """A stream of its own for `names`: drawing more from one stream never shifts what another one gives."""
    # The text is hashed by SHA-512, so that every process and platform starts at the same state.
    return random.Random(f"{seed}:{':'.join(names)}")  # noqa: S311 - repeatable on purpose; nothing secret comes of it


class Ids:
    """Ids shaped like UUID version 7, ordered by the time of their rows and equal for equal seeds."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def at(self, moment: datetime) -> UUID:
        """The next id for a row of `moment`."""
        milliseconds = int(moment.timestamp() * 1000)
        value = milliseconds << 80 | self._chance.getrandbits(80)
        return UUID(int=value & _KEPT_BITS | _VERSION_7 | _VARIANT)
