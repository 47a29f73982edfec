"""The cache of compiled selections, behind `app.security.compiled_query` and `app.security.list_of`.

A function that builds a selection is asked once for each set of rights (`app.db.kept_statements` says why). The actor
that it is given has these rights, and instead of an organization, an id and a zone the places where those of whoever
asks will stand. Rows are kept, too, where revisions of the organization say how long they are true.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import ColumnElement, Row, Text, Uuid, and_, bindparam, literal, select, true, tuple_, union_all
from sqlalchemy.sql.cache_key import CacheKey

from app.db.context import current_context
from app.db.kept_statements import CompiledSelection, compile_selection
from app.db.paging import Finish, Selection
from app.extensions import db
from app.kept import kept
from app.models import RevisionKind
from app.private_apis import cache_key_of
from app.security.actor import Actor
from app.security.scope import unscoped

Made = TypeVar("Made")

#: The column that says which of several selections a row is of.
_PART = "part"
_ORGANIZATION, _PERSON, _ZONE = "actor_organization", "actor_person", "actor_zone"

#: Of one selection: readers, orders and filters that are set; some kilobytes each.
MAX_SHAPES = 500
#: Of all selections together.
_MAX_ANSWERS = 1_000

#: All that there are.
KEPT_SELECTIONS: "WeakSet[KeptSelection]" = WeakSet()


class KeptSelection:
    """A function of the actor, and of a variant if it has several, that makes a selection.

    What else varies is named by `bindparam`, lists as arrays.
    """

    def __init__(self, build: Callable[..., Selection], under: Sequence[RevisionKind] = ()) -> None:
        self._build = build
        #: The revisions that its rows are kept under; none where they are asked for each time.
        self.under = under
        #: What has been compiled so far; None where the text depends on the values.
        self.known: dict[Hashable, CompiledSelection | None] = {}
        KEPT_SELECTIONS.add(self)

    def rows(self, actor: Actor, *variant: Hashable, **values: Any) -> Sequence[Row[Any]]:
        """All rows, as the driver reads them. Needs the actor's organization in the context."""
        return self.made(actor, tuple, *variant, **values)

    def made(self, actor: Actor, make: Callable[[Sequence[Row[Any]]], Made], *variant: Hashable, **values: Any) -> Made:
        """What `make` makes of all rows and of nothing else; kept with them."""
        # A request that writes sees what it has written, and what may not be there in the end.
        if not self.under or actor.revisions is None or not current_context().read_only:
            return make(self._read(actor, variant, values))
        revisions = tuple(actor.revisions.get(kind) for kind in self.under)
        shape = _key(actor, [variant], None, None)
        find_out: Callable[[], Sequence[Row[Any]]] = partial(self._read, actor, variant, values)
        if shape not in self.known:
            find_out = partial(tuple, find_out())  # only its text says whether it depends on who asks
        known = self.known.get(shape)
        own = [value for name, value in _own_values(actor).items() if known is None or name in known.fixed]
        reader = (actor.organization_id, _rights_of(actor), variant, *own)
        question = _Question(self, make, reader, revisions, tuple(values.items()), find_out)
        made: Made = _answer(question)
        return made

    def _read(self, actor: Actor, variant: tuple[Hashable, ...], values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        return Narrowed(self, actor, (), variant).fetch(None, _as_it_is, **values)

    def where(self, actor: Actor, conditions: Sequence[ColumnElement[bool]]) -> "Narrowed":
        """The selection for `actor`, narrowed by conditions of any values."""
        return Narrowed(self, actor, tuple(conditions))

    def keep(self, key: Hashable, compiled: CompiledSelection | None) -> CompiledSelection | None:
        """Keep it in place of the oldest where there are many: anybody can ask for any mixture of filters."""
        while len(self.known) >= MAX_SHAPES:
            self.known.pop(next(iter(list(self.known))), None)
        self.known[key] = compiled
        return compiled

    def made_for(self, actor: Actor, *variant: Hashable) -> Selection:
        """The selection for `actor`, not compiled."""
        return self._build(actor, *variant)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A kept selection for somebody, with conditions. What these look like is kept too; their values are not."""

    kept: KeptSelection
    actor: Actor
    conditions: tuple[ColumnElement[bool], ...]
    variant: tuple[Hashable, ...] = ()

    @property
    def statement(self) -> Selection:
        """The same, not compiled; for what is streamed or joined to others."""
        return self.made_for(self.actor)

    def fetch(self, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Row[Any]]:
        """All rows of what `finish` makes of it, which is always the same for one `shape`; it names `values`."""
        return _fetch([self], shape, lambda parts: finish(parts[0]), values)

    def fetch_each(
        self, others: "Sequence[Narrowed]", shape: Hashable, finish: Finish, **values: Any
    ) -> Sequence[Sequence[Row[Any]]]:
        """The same of this and of others, of the same selection and person, by one statement; the rows of each in no
        order.
        """
        parts = [self, *others]
        found: list[list[Row[Any]]] = [[] for _part in parts]
        for row in _fetch(parts, ("each", shape), partial(_together, finish), values):
            found[row[0]].append(row)
        return found

    def made_for(self, actor: Actor) -> Selection:
        """The same for somebody else."""
        made = self.kept.made_for(actor, *self.variant)
        return made.where(*self.conditions) if self.conditions else made


def _together(finish: Finish, selections: Sequence[Selection]) -> Selection:
    """What `finish` makes of each, in one selection whose rows say which they are of."""
    arms = [
        unscoped(select(literal(place).label(_PART), finish(one).subquery()), why="each of them is scoped")
        for place, one in enumerate(selections)
    ]
    options = selections[0].get_execution_options()
    return select(union_all(*arms).subquery("parts")).execution_options(**options)


def _fetch(
    parts: Sequence[Narrowed],
    shape: Hashable,
    finish: Callable[[Sequence[Selection]], Selection],
    values: Mapping[str, Any],
) -> Sequence[Row[Any]]:
    """What `finish` makes of the parts, which are of one selection and one person: as it was compiled, if it was."""
    kept, actor = parts[0].kept, parts[0].actor
    is_narrowed = any(part.conditions for part in parts)
    narrowing = _look_of(parts) if is_narrowed else None
    if is_narrowed and narrowing is None:
        return db.session.execute(finish([part.statement for part in parts]), dict(values)).all()
    given = narrowing.bindparams if narrowing else ()
    key = _key(actor, [part.variant for part in parts], shape, narrowing.key if narrowing else None)
    connection = db.session.connection()
    known = kept.known.get(key)
    if known is None and key not in kept.known:
        selection = finish([part.made_for(_anybody_like(actor)) for part in parts])
        known = kept.keep(key, compile_selection(selection, connection.dialect, given))
    if known is None:
        return db.session.execute(finish([part.statement for part in parts]), dict(values)).all()
    told = {place: bind.effective_value for place, bind in zip(known.places, given, strict=True)}
    return known.rows(connection, {**_own_values(actor), **told, **values})


def _key(actor: Actor, variants: Sequence[Hashable], shape: Hashable, look: Hashable) -> Hashable:
    """What a compiled selection is kept by."""
    return _rights_of(actor), tuple(variants), shape, look


def _look_of(parts: Sequence[Narrowed]) -> CacheKey | None:
    """What the conditions look like, with their values apart; one value that several of them share is one. None where
    it is not known.
    """
    wholes = [and_(*part.conditions) if part.conditions else true() for part in parts]
    return cache_key_of(wholes[0] if len(wholes) == 1 else tuple_(*wholes))


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a selection by whom, and how to find it out."""

    selection: KeptSelection
    make: Callable[[Sequence[Row[Any]]], Any]
    reader: Hashable
    revisions: tuple[str | None, ...]
    values: tuple[tuple[str, Hashable], ...]
    find_out: Callable[[], Sequence[Row[Any]]] = field(compare=False)


@kept(_MAX_ANSWERS)
def _answer(question: _Question) -> Any:
    return question.make(question.find_out())


def _own_values(actor: Actor) -> dict[str, Any]:
    """What stands in the places of `_anybody_like`."""
    return {_ORGANIZATION: actor.organization_id, _PERSON: actor.user_id, _ZONE: actor.timezone}


def _rights_of(actor: Actor) -> Hashable:
    """What decides which rows there are for somebody, beside who they are."""
    return actor.role, actor.granted, actor.home is None


def _as_it_is(selection: Selection) -> Selection:
    return selection


def _anybody_like(actor: Actor) -> Actor:
    """An actor with the same rights, whose own facts are places for values."""
    return replace(
        actor,
        organization_id=bindparam(_ORGANIZATION, type_=Uuid()),  # type: ignore[arg-type] # an expression stands for it
        user_id=bindparam(_PERSON, type_=Uuid()),  # type: ignore[arg-type]
        timezone=bindparam(_ZONE, type_=Text()),  # type: ignore[arg-type]
    )
