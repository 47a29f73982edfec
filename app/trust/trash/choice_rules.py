"""What a person chose about a restore: which rows, what to do about each conflict, and what they had looked at."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.trust.trash.rules import Choice, Choices

#: How a form names a choice, and the value for it: with the id of the row after it.
CHOICE, VALUE = "choice-", "value-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`rows` None is the whole deletion. `values` are what was typed for a row, `errors` what is wrong with it.

    Of what the rows can do without, `offered` had a box on the page, and `parents` come back.
    """

    rows: frozenset[UUID] | None
    made: Mapping[UUID, Choice]
    values: Mapping[UUID, str]
    errors: Mapping[UUID, str]
    skips_the_rest: bool
    seen: str
    gives_back: bool = True
    offered: frozenset[UUID] = frozenset()
    parents: frozenset[UUID] = frozenset()

    @property
    def unticked(self) -> frozenset[UUID]:
        """The offers that stay in the trash."""
        return self.offered - self.parents

    @property
    def choices(self) -> Choices:
        """What is chosen completely; a new value that is still missing leaves its row in conflict."""
        chosen = {row_id: choice for row_id, choice in self.made.items() if row_id not in self.errors}

        def those(wanted: Choice) -> frozenset[UUID]:
            return frozenset(row_id for row_id, choice in chosen.items() if choice is wanted)

        return Choices(
            skipped=those(Choice.SKIP),
            renamed={row_id: self.values[row_id] for row_id in those(Choice.RENAME)},
            with_parent=those(Choice.WITH_PARENT),
            parents=self.parents,
            skips_the_rest=self.skips_the_rest,
            gives_back=self.gives_back,
        )

    @property
    def fingerprint(self) -> str:
        """Tells one set of choices from another: what is restored is what was looked at.

        What goes back or comes back besides is no part of it: nothing else comes of that choice than what it says.
        """
        made = sorted((str(row_id), choice, self.values.get(row_id, "")) for row_id, choice in self.made.items())
        rows = sorted(map(str, self.rows or ()))
        return hashlib.sha256(repr((rows, made, self.skips_the_rest)).encode()).hexdigest()[:16]

    @property
    def was_seen(self) -> bool:
        """Whether the person has looked at what comes of exactly these choices."""
        return self.seen == self.fingerprint and not self.errors
