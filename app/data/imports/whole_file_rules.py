"""Results of previewing a whole file, as stored with its import."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.data.imports.overlap_rules import SourceQuestion


class Group(BaseModel):
    """A reason for errors or warnings in a column, with the number of rows and the first lines."""

    model_config = ConfigDict(frozen=True)

    column: str | None
    reason: str
    is_remark: bool
    rows: int
    lines: tuple[int, ...]


class Change(BaseModel):
    """A column of an existing record, with its current and its new value."""

    model_config = ConfigDict(frozen=True)

    resource: str
    line: int
    column: str
    before: str | None
    after: str | None


class WholeFile(BaseModel):
    """The numbers of rows by outcome, assuming that no users are created for unknown names.

    `rejected` counts rejected rows, including `copies` of other rows, `conflicts` (the id of another row with different
    data), and `nameless` rows, whose `names` match no user; these are imported if users are created. `remarked` rows
    are imported with warnings. `twins` have no id and equal another row; each is imported. `groups` and `changes` are
    limited to the first ones. `question` about the source must be answered before the import.
    """

    model_config = ConfigDict(frozen=True)

    total: int
    left_out: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    remarked: int
    copies: int
    conflicts: int
    twins: int
    nameless: int
    names: tuple[str, ...]
    groups: tuple[Group, ...]
    changes: tuple[Change, ...]
    question: SourceQuestion | None = None

    @property
    def ready(self) -> int:
        """The number of rows that are imported as things stand, including unchanged ones."""
        return self.created + self.updated + self.unchanged

    @property
    def rejected_in_any_case(self) -> int:
        """The number of rows that are rejected even if users are created for unknown names."""
        return self.rejected - self.nameless


def open_question(preview: Mapping[str, Any] | None) -> SourceQuestion | None:
    """Return the question about the source in a stored preview; None if there is none, or no preview."""
    return None if preview is None else WholeFile.model_validate(preview).question
