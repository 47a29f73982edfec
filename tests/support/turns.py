"""Turns of tests that are a product of two long lists: each full run does one of four parts.

A pair of a value and a form (page, operation …) belongs to the part (place of the value in its list + hash of the
form's name) mod 4, so each pair is in exactly one part, and each part has every value and every form. The part follows
from the hash of HEAD, so it is the same on every machine and another one for about three of four commits.

`TEST_PART=2` chooses a part, `TEST_PART=all` all of them. A run without Git, or of tests named on the command line,
does all. Some expensive tests belong whole to one part, which they name with the marker `turn`. Permissions, tenants,
scope, foreign ids, numbers, audit, migrations and restoring never take turns (docs/decisions/0087-tests-in-turns.md).
"""

from collections.abc import Sequence
from typing import ClassVar, TypeVar
from zlib import crc32

#: Environment variable with the number of a part, or `all`.
CHOICE = "TEST_PART"
ALL = "all"
PARTS = 4
#: Folder of the tests' own tools.
_TOOLS = "tests/support/"
#: Marker of a test that runs in one part; its argument is the number of the part.
MARKER = "turn"

T = TypeVar("T")


class Turn:
    """The part of this run: its number from 1, or None for all parts."""

    part: ClassVar[int | None] = None

    @classmethod
    def has(cls, name: str) -> bool:
        """Return whether this run does what takes turns whole."""
        return cls.part is None or part_of(0, name) == cls.part

    @classmethod
    def of(cls, values: Sequence[T], name: str) -> list[T]:
        """Return those of `values` whose turn it is for the form `name`; of fewer than four, always one."""
        if cls.part is None or not values:
            return list(values)
        parts = min(PARTS, len(values))
        turn = (cls.part - 1) % parts + 1
        return [value for place, value in enumerate(values) if part_of(place, name, parts) == turn]


def part_of(place: int, name: str, parts: int = PARTS) -> int:
    """Return the part, from 1, of the pair of the value at `place` and the form `name`."""
    return (place + crc32(name.encode())) % parts + 1


def chosen_part(choice: str | None, head: str | None, *, is_full_run: bool) -> int | None:
    """Return the part to do, None for all. Raises ValueError if the choice is no part."""
    if choice:
        if choice == ALL:
            return None
        if not (choice.isdecimal() and 1 <= int(choice) <= PARTS):
            raise ValueError(f"{CHOICE} is {choice!r}, but must be a number from 1 to {PARTS}, or {ALL!r}.")
        return int(choice)
    return int(head, 16) % PARTS + 1 if head and is_full_run else None


def described(part: int | None) -> str:
    """Say which part it is, and how to do it again."""
    return f"all {PARTS} parts" if part is None else f"part {part} of {PARTS} ({CHOICE}={part})"


def takes_turns(test: str) -> bool:
    """Return whether a test takes turns whole, by its node ID: one of the tests' own tools."""
    return test.startswith(_TOOLS)
