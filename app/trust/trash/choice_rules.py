"""Choices for a restore: which rows, how to resolve each conflict, and which preview the user has seen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.trust.trash.rules import Choice, Choices

#: Prefixes of the form fields for a choice and its value, followed by the row's id.
CHOICE, VALUE = "choice-", "value-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices for a restore.

    `rows` is None for the whole deletion. `values` holds what was typed for each row, `errors` what is wrong with it.
    `offered` are the optional parents that had a checkbox on the page, `parents` those to restore.
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
    def unselected(self) -> frozenset[UUID]:
        """The offered parents that stay in the trash."""
        return self.offered - self.parents

    @property
    def choices(self) -> Choices:
        """The complete choices; a row whose new value is missing stays in conflict."""
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
        """Digest of these choices, which ensures that the restore matches the preview the user saw.

        Reassigned work and optional parents are not included: those choices have no effect beyond what they state.
        """
        made = sorted((str(row_id), choice, self.values.get(row_id, "")) for row_id, choice in self.made.items())
        rows = sorted(map(str, self.rows or ()))
        return hashlib.sha256(repr((rows, made, self.skips_the_rest)).encode()).hexdigest()[:16]

    @property
    def was_seen(self) -> bool:
        """True if the user has seen a preview of exactly these choices."""
        return self.seen == self.fingerprint and not self.errors
