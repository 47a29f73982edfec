"""What a whole file would do, as it is kept with its import."""

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """A reason that came up in a column: in how many rows, and the first lines. A remark has cost no row."""

    model_config = ConfigDict(frozen=True)

    column: str | None
    reason: str
    is_remark: bool
    rows: int
    lines: tuple[int, ...]


class Change(BaseModel):
    """A column of a record that is there already: what stands in it, and what would."""

    model_config = ConfigDict(frozen=True)

    resource: str
    line: int
    column: str
    before: str | None
    after: str | None


class WholeFile(BaseModel):
    """Rows by what would become of them, people who are unknown being left alone.

    `rejected` counts rows that are turned away, among them `copies` of others, `conflicts` (the id of another row, and
    something else in it), and `nameless` ones, whose `names` nobody here has; these come in if people are made of the
    names. `remarked` rows come in with remarks. `twins` have no id and say what another row says: each comes in.
    `groups` and `changes` are the first of them.
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

    @property
    def ready(self) -> int:
        """Rows that come in, or are in, as things are."""
        return self.created + self.updated + self.unchanged

    @property
    def stay_out(self) -> int:
        """Rows that do not come in, whatever is chosen."""
        return self.rejected - self.nameless
