"""Declarations of soft deletion: for each kind, who can delete it, what it cascades to, and how it is restored."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.resource import Model, Resource
from app.errors import LazyText
from app.models import DeletionBatch, Organization
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Cascade:
    """Rows of `resource` that are deleted together with a row: `column` has its id, and `where` holds.

    With `at_once` they never wait for the worker, regardless of their number.
    """

    resource: str
    column: str
    where: Callable[[], ColumnElement[bool]] | None = None
    at_once: bool = False


def _as_typed(typed: str, _actor: Actor) -> str:
    return typed


@dataclass(frozen=True, slots=True)
class Alternative:
    """An alternative to restoring a row as it was: a button that posts to an endpoint."""

    label: LazyText
    endpoint: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A new value for a `column` whose old value is now used by another row; `label` is the form's label.

    `read` converts the input to the stored value; `check` raises an error if a row can't have it; `renamed` runs
    afterwards with the row and its previous value. `instead` returns an alternative to renaming, or None.
    """

    column: str
    label: LazyText
    read: Callable[[str, Actor], str] = _as_typed
    check: Callable[[Actor, Any], None] | None = None
    renamed: Callable[[Any, str], None] | None = None
    instead: Callable[[Actor, Any], Alternative | None] | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the plan on restored rows.

    `beyond` returns the ids of an organization's restored rows that exceed the limit, `sentence` is the error message,
    and `warn` notifies the people in charge when usage gets near the limit.
    """

    sentence: LazyText
    beyond: Callable[[UUID, Sequence[UUID]], Sequence[UUID]]
    warn: Callable[[UUID], None]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The numbers of records reassigned on deletion: those that would go back, and those that stay."""

    back: int = 0
    stays: int = 0

    def __add__(self, other: "HandedOver") -> "HandedOver":
        return HandedOver(self.back + other.back, self.stays + other.stays)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverWords:
    """Texts about reassigned records.

    Before a restore: a `title`, how many records would go back or stay, and the choice to `give` them back or `leave`
    them. Afterwards: the message after a restore, which takes what was restored in words; the message after an undo,
    which takes the label of what was restored; and the entry in the history. All numbers count reassigned records.
    """

    title: LazyText
    would_go_back: Callable[[int], str]
    remaining_text: Callable[[int], str]
    give: LazyText
    leave: LazyText
    restored: Callable[[str, int], str]
    undone: Callable[[str, int], str]
    went_back: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Handover:
    """Records that were reassigned because a row of `resource` was deleted.

    `count` returns how many of them would go back for a deletion and some of its rows; `give_back` moves them. Without
    `words`, the texts for a person's reassigned work are used.
    """

    resource: str
    count: Callable[[DeletionBatch, Collection[UUID]], HandedOver]
    give_back: Callable[[DeletionBatch, Collection[UUID]], HandedOver]
    words: HandoverWords | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletable:
    """A kind of record that can be moved to the trash.

    `label` returns a row's name; if None, it is the title of its resource. If `permission` is None, rows are deleted
    only with others. `is_own` decides for people whose permission covers only their own rows. `parents` are the kinds
    that must exist for a row to be restored, by column; `optional_parents` are not required, but a restore offers them
    too. `renames` are the values that can be changed on restore, by the violated constraint. With `holds_organization`,
    the organization is locked before the rows, as it is by all code that counts its users. `check` refuses a deletion
    with the rows locked, `explain` gives the details if the database refused one, and `then` runs after it.
    `may_restore` raises an error if the actor can't restore the rows; `limited_by` limits their number; `restored` runs
    afterwards with the organization and their ids. `purging` runs before rows are permanently removed; `purge` removes
    each row itself, or anonymizes it.
    """

    resource: Resource
    label: Callable[[Any], str] | None = None
    permission: Permission | None = None
    is_own: Callable[[Any, Actor], bool] | None = None
    cascades: tuple[Cascade, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    optional_parents: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, Rename] = field(default_factory=dict)
    holds_organization: bool = False
    check: Callable[[Sequence[Any], Actor], None] | None = None
    explain: Callable[[Sequence[Any]], None] | None = None
    then: Callable[[Sequence[Any]], None] | None = None
    may_restore: Callable[[Actor, Sequence[Any]], None] | None = None
    limited_by: Limit | None = None
    restored: Callable[[UUID, Sequence[UUID]], None] | None = None
    purging: Callable[[Iterable[Any]], None] | None = None
    purge: Callable[[Any], None] | None = None

    @property
    def name(self) -> str:
        """The kind's name in the audit trail."""
        return self.resource.name

    @property
    def all_parents(self) -> Mapping[str, str]:
        """The kinds of all parents by column, the optional ones last."""
        return {**self.parents, **self.optional_parents}

    @property
    def model(self) -> Model:
        """The mapped class of the kind, a subclass of SoftDeleted."""
        return self.resource.model

    @property
    def tenant_key(self) -> str:
        """The name of the column with the organization's id."""
        return "id" if self.model is Organization else "organization_id"


def parents_first(declared: Iterable[Deletable]) -> dict[str, Deletable]:
    """Return the kinds by name in the order of a restore: each after its parents.

    Kinds that are deleted along with another follow it immediately, in the declared order. Raises ValueError for a name
    that is not declared.
    """
    kinds = {kind.name: kind for kind in declared}
    before: dict[str, list[str]] = {name: list(kind.parents.values()) for name, kind in kinds.items()}
    for name, kind in kinds.items():
        for cascade in kind.cascades:
            before.setdefault(cascade.resource, []).append(name)
    # Rows of a kind that refer to others of the same kind are restored together, and the database checks each row.
    before = {name: [other for other in others if other != name] for name, others in before.items()}
    named = {name for kind in kinds.values() for name in kind.all_parents.values()}
    if unknown := (named | before.keys()) - kinds.keys():
        raise ValueError(f"nobody declares how these are deleted: {sorted(unknown)}")
    found: dict[str, Deletable] = {}

    def add(name: str) -> None:
        if name in found:
            return
        for earlier in before[name]:
            add(earlier)
        found.setdefault(name, kinds[name])
        for cascade in kinds[name].cascades:
            add(cascade.resource)

    for name in kinds:
        add(name)
    return found
