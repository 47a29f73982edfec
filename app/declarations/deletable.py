"""What can be deleted softly: one declaration a kind says who may, what goes along with it, and how it comes back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.resource import Model, Resource
from app.errors import Sentence
from app.models import DeletionBatch, Organization
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Along:
    """Rows of `resource` that go into the batch: those whose `column` names the deleted row, where `where` holds.

    However many go, those that are `at_once` never wait for the worker.
    """

    resource: str
    column: str
    where: Callable[[], ColumnElement[bool]] | None = None
    at_once: bool = False


def _as_typed(typed: str, _actor: Actor) -> str:
    return typed


@dataclass(frozen=True, slots=True)
class Instead:
    """What can be done in place of restoring a row as it was: a button for it, to be sent to an endpoint."""

    label: Sentence
    endpoint: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Another value for a `column` whose value somebody else has meanwhile; `label` is what a page asks for.

    `read` makes of what was typed what is stored, `check` refuses it for a row, and `renamed` does what follows, with
    the row and its value before. `instead` knows what else somebody may do about a row, where there is something.
    """

    column: str
    label: Sentence
    read: Callable[[str, Actor], str] = _as_typed
    check: Callable[[Actor, Any], None] | None = None
    renamed: Callable[[Any, str], None] | None = None
    instead: Callable[[Actor, Any], Instead | None] | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Of what a plan allows so many. `beyond` tells which of the rows of an organization that came back are too many,
    `sentence` says so, `warn` tells who is in charge when the limit comes near."""

    sentence: Sentence
    beyond: Callable[[UUID, Sequence[UUID]], Sequence[UUID]]
    warn: Callable[[UUID], None]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Of what others were given when rows were deleted: how much goes back, and how much stays with who has it now."""

    back: int = 0
    stays: int = 0

    def __add__(self, other: "HandedOver") -> "HandedOver":
        return HandedOver(self.back + other.back, self.stays + other.stays)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverWords:
    """What is said of it. Before: a `title`, how much would go back or stays, and the choice to `give` or `leave` it.
    After: what came of a restore (of so much in words), of an Undo (of what it is called), and in the history. Numbers
    are those of records.
    """

    title: Sentence
    would_go_back: Callable[[int], str]
    would_stay: Callable[[int], str]
    give: Sentence
    leave: Sentence
    restored: Callable[[str, int], str]
    undone: Callable[[str, int], str]
    went_back: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Handover:
    """What others were given because a row of `resource` was deleted belongs to its deletion.

    `count` says, of a deletion and these of its rows, what would go back to them; `give_back` does it. Without `words`
    it is said of people whose work others have.
    """

    resource: str
    count: Callable[[DeletionBatch, Collection[UUID]], HandedOver]
    give_back: Callable[[DeletionBatch, Collection[UUID]], HandedOver]
    words: HandoverWords | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletable:
    """A kind of record that goes into the trash.

    `label` is what people call a row; None: the column that is its resource's title. `permission` None: it only goes
    along with another. `is_own` decides, for those whose permission reaches their own rows only. `parents` are what has
    to be there for it to come back, by column, and `optional_parents` what it can do without: restoring offers those as
    well. `renames` are the other values that it can take, by the constraint that is violated. With `holds_organization`
    the organization is locked before the rows, as everybody who counts its people does. `check` refuses a deletion with
    the rows locked, `explain` says in detail why the database refused one, and `then` does what belongs to it.
    `may_restore` raises what keeps somebody from bringing rows back, `limited_by` is how many there may be. `purging`
    does what belongs to removing rows for good; `purge` removes each row itself, and may leave it as nobody's.
    """

    resource: Resource
    label: Callable[[Any], str] | None = None
    permission: Permission | None = None
    is_own: Callable[[Any, Actor], bool] | None = None
    along: tuple[Along, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    optional_parents: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, Rename] = field(default_factory=dict)
    holds_organization: bool = False
    check: Callable[[Sequence[Any], Actor], None] | None = None
    explain: Callable[[Sequence[Any]], None] | None = None
    then: Callable[[Sequence[Any]], None] | None = None
    may_restore: Callable[[Actor, Sequence[Any]], None] | None = None
    limited_by: Limit | None = None
    purging: Callable[[Iterable[Any]], None] | None = None
    purge: Callable[[Any], None] | None = None

    @property
    def name(self) -> str:
        """What the audit trail calls the kind."""
        return self.resource.name

    @property
    def all_parents(self) -> Mapping[str, str]:
        """Kinds of what it belongs to, by column, those that it can do without last."""
        return {**self.parents, **self.optional_parents}

    @property
    def model(self) -> Model:
        """A mapped class that is SoftDeleted."""
        return self.resource.model

    @property
    def tenant_key(self) -> str:
        """The column that holds the organization."""
        return "id" if self.model is Organization else "organization_id"


def parents_first(declared: Iterable[Deletable]) -> dict[str, Deletable]:
    """By name, in the order in which they come back: what something needs or goes along with stands before it.

    What goes along with a kind follows it at once, as it says. Raises ValueError for a name that nobody declares.
    """
    kinds = {kind.name: kind for kind in declared}
    before: dict[str, list[str]] = {name: list(kind.parents.values()) for name, kind in kinds.items()}
    for name, kind in kinds.items():
        for along in kind.along:
            before.setdefault(along.resource, []).append(name)
    # A kind whose rows belong to others of it comes back at once, and the database sees to each row.
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
        for along in kinds[name].along:
            add(along.resource)

    for name in kinds:
        add(name)
    return found
