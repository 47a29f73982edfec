"""What the database cannot hold itself: a rule that is looked after, and what mends some of what it finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.declarations.resource import Model
from app.errors import Sentence
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Found:
    """One row that is not as it should be: its kind, its id (None for what is no row) and what is wrong with it."""

    resource: str
    id: UUID | None
    detail: str


@dataclass(frozen=True, slots=True)
class Portion:
    """The first of what was found, and how many there are in all."""

    found: Sequence[Found] = ()
    total: int = 0


#: Looks through one organization, the one in the context; the second argument is how many to tell of at most.
Look = Callable[[UUID, int], Portion]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that the database cannot hold, or does not hold for rows that came past it.

    `name` is public: scripts ask for it. `sentence` says what is wrong with what was found. What one that `is_note`
    finds is as it may be: worth knowing, and nothing to mend.
    """

    name: str
    sentence: Sentence
    look: Look
    is_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """What is done about each row of `model` that a check finds: `by` gets the row, and who asks; `done` says what.

    One with `unless_asked` changes nothing by itself: without being asked for, that is what somebody is told to do.
    """

    check: Check
    model: Model
    by: Callable[[Any, Actor | None], None]
    done: Sentence
    unless_asked: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What is mended in one go; `subject` is public: the command bears it, and the trail."""

    subject: str
    title: Sentence
    mends: tuple[Mend, ...]
