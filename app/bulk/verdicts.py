"""What came of one row of a bulk change."""

from enum import Enum, auto


class Verdict(Enum):
    """CHANGED, UNCHANGED because it was so already, or REFUSED because it is not this person's to change."""

    CHANGED = auto()
    UNCHANGED = auto()
    REFUSED = auto()
