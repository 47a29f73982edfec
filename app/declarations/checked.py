"""Integrity rules that the database can't enforce, and repairs for some violations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.declarations.resource import Model
from app.errors import LazyText
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Found:
    """A violation: the kind and id of the row (None if it is not a row) and what is wrong with it."""

    resource: str
    id: UUID | None
    detail: str


@dataclass(frozen=True, slots=True)
class Portion:
    """The first violations that a check found, and their total number."""

    found: Sequence[Found] = ()
    total: int = 0


#: Checks one organization, the one in the context; the second argument limits the violations returned.
FindRows = Callable[[UUID, int], Portion]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that the database can't enforce, or did not enforce for rows that bypassed it.

    `name` is public, because scripts use it. `sentence` describes the violations. If it `is_note`, what it finds is
    valid: worth knowing, with nothing to repair.
    """

    name: str
    sentence: LazyText
    find: FindRows
    is_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairStep:
    """The repair for each row of `model` that a check finds.

    `by` repairs the row for the user (None for the system); `done` describes what was done. With `unless_requested`, it
    changes nothing unless explicitly requested; that text is then the advice for the user.
    """

    check: Check
    model: Model
    by: Callable[[Any, Actor | None], None]
    done: LazyText
    unless_requested: LazyText | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """Repairs that run together; `subject` is public: the name in the command and in the audit trail."""

    subject: str
    title: LazyText
    steps: tuple[RepairStep, ...]
