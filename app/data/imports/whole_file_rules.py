"""Results of previewing a whole file, as stored with its import."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ConfigDict

from app.data.imports.overlap_rules import SourceQuestion
from app.errors import LazyText


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


class ChangedField(BaseModel):
    """A column that changes in a number of `records`, with the values of the first of them."""

    model_config = ConfigDict(frozen=True)

    resource: str
    column: str
    records: int
    before: str | None
    after: str | None


class WholeFile(BaseModel):
    """The numbers of rows by outcome, assuming that no users are created for unknown names.

    `rejected` counts rejected rows, including `copies` of other rows, `conflicts` (the id of another row with different
    data), and `nameless` rows, whose `names` match no user; these are imported if users are created. `remarked` rows
    are imported with warnings. `twins` have no id and equal another row; each is imported. `groups` and `changes` are
    limited to the first ones, `changed_fields` to the first `compared` records that change. `question` about the source
    must be answered before the import.
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
    changes: tuple[Change, ...] = ()
    changed_fields: tuple[ChangedField, ...] = ()
    compared: int = 0
    question: SourceQuestion | None = None

    @property
    def ready(self) -> int:
        """The number of rows that are imported as things stand, including unchanged ones."""
        return self.created + self.updated + self.unchanged

    @property
    def way_out(self) -> LazyText | None:
        """The advice if no row can be imported, even if users are created for unknown names; None if one can be."""
        return way_out(self.total, self.left_out, self.ready + self.nameless)

    @property
    def rejected_in_any_case(self) -> int:
        """The number of rows that are rejected even if users are created for unknown names."""
        return self.rejected - self.nameless


def way_out(total: int, left_out: int, ready: int) -> LazyText | None:
    """Return what to do if none of the `total` rows is `ready` to be imported; None if one is.

    `left_out` rows are filtered out and not part of the total.
    """
    if ready:
        return None
    if not total and not left_out:
        return _l("This file has no rows. Choose another file, or another sheet or line with the column names.")
    if not total:
        return _l("All rows of this file are filtered out. Change the filter, or choose another file.")
    return _l("No row of this file can be imported. Change how its columns are read, or correct the file.")


def open_question(preview: Mapping[str, Any] | None) -> SourceQuestion | None:
    """Return the question about the source in a stored preview; None if there is none, or no preview."""
    return None if preview is None else WholeFile.model_validate(preview).question
