"""Cache of compiled selections, behind `app.security.compiled_query` and `app.security.list_of`.

A function that builds a selection is called only for a combination of rights, variant and conditions that is not cached
yet (`app.db.cached_statements` explains why). The actor it gets has these rights, and placeholders for organization, id
and time zone. Rows are cached too, if revisions of the organization determine how long they are valid.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import ColumnElement, Row, Text, Uuid, and_, bindparam, literal, select, true, tuple_, union_all
from sqlalchemy.sql.cache_key import CacheKey

from app.caches import memoize
from app.db.cached_statements import CompiledSelection, compile_selection
from app.db.context import current_context
from app.db.paging import Finish, Selection
from app.extensions import db
from app.models import RevisionKind
from app.private_apis import cache_key_of
from app.security.actor import Actor
from app.security.scope import unscoped

Made = TypeVar("Made")

#: Column with the index of the selection that a row belongs to.
_PART = "part"
_ORGANIZATION, _PERSON, _ZONE = "actor_organization", "actor_person", "actor_zone"

#: Limit per selection, for sets of rights, sorts and sets of filters; some kilobytes each.
MAX_SHAPES = 500
#: Limit for all selections together.
_MAX_ANSWERS = 1_000

#: All selections of the process.
CACHED_SELECTIONS: "WeakSet[CachedSelection]" = WeakSet()


class CachedSelection:
    """A function of the actor, and optionally of a variant, that builds a selection.

    All other values are passed as `bindparam` parameters; lists are passed as arrays.
    """

    def __init__(self, build: Callable[..., Selection], under: Sequence[RevisionKind] = ()) -> None:
        self._build = build
        #: Revisions that its rows are cached under; empty if they are read each time.
        self.under = under
        #: Compiled statements so far; None if the text depends on the values.
        self.known: dict[Hashable, CompiledSelection | None] = {}
        CACHED_SELECTIONS.add(self)

    def rows(self, actor: Actor, /, *variant: Hashable, **values: Any) -> Sequence[Row[Any]]:
        """Return all rows, as the driver reads them. Needs the actor's organization in the context."""
        return self.made(actor, tuple, *variant, **values)

    def made(
        self, actor: Actor, make: Callable[[Sequence[Row[Any]]], Made], /, *variant: Hashable, **values: Any
    ) -> Made:
        """Return `make(rows)`, cached if the rows are cached; the result must depend on nothing but the rows."""
        # A request that writes must see its own changes, which must not be cached because they can be rolled back.
        if not self.under or actor.revisions is None or not current_context().read_only:
            return make(self._read(actor, variant, values))
        revisions = tuple(actor.revisions.get(kind) for kind in self.under)
        shape = _key(actor, [variant], None, None)
        find_out: Callable[[], Sequence[Row[Any]]] = partial(self._read, actor, variant, values)
        if shape not in self.known:
            find_out = partial(tuple, find_out())  # only the compiled text shows whether it depends on the actor
        known = self.known.get(shape)
        own = [value for name, value in _own_values(actor).items() if known is None or name in known.fixed]
        reader = (actor.organization_id, _rights_of(actor), variant, *own)
        question = _Question(self, make, reader, revisions, tuple(values.items()), find_out)
        made: Made = _answer(question)
        return made

    def _read(self, actor: Actor, variant: tuple[Hashable, ...], values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        return Narrowed(self, actor, (), variant).fetch(None, _as_it_is, **values)

    def where(self, actor: Actor, conditions: Sequence[ColumnElement[bool]]) -> "Narrowed":
        """Return the selection for `actor`, filtered by these conditions."""
        return Narrowed(self, actor, tuple(conditions))

    def keep(self, key: Hashable, compiled: CompiledSelection | None) -> CompiledSelection | None:
        """Cache the compiled selection; remove the oldest if there are too many.

        The number is limited because users can combine filters in any way.
        """
        while len(self.known) >= MAX_SHAPES:
            self.known.pop(next(iter(list(self.known))), None)
        self.known[key] = compiled
        return compiled

    def made_for(self, actor: Actor, *variant: Hashable) -> Selection:
        """Return the selection for `actor`, not compiled."""
        return self._build(actor, *variant)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Cached selection for an actor, with further conditions.

    The structure of the conditions is cached too; their values are not.
    """

    cached: CachedSelection
    actor: Actor
    conditions: tuple[ColumnElement[bool], ...]
    variant: tuple[Hashable, ...] = ()

    @property
    def statement(self) -> Selection:
        """The selection, not compiled, for streaming or joining."""
        return self.made_for(self.actor)

    def fetch(self, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Row[Any]]:
        """Return all rows of `finish(selection)`.

        `finish` must always build the same statement for one `shape`; `values` are its parameters.
        """
        return _fetch([self], shape, lambda parts: finish(parts[0]), values)

    def fetch_each(
        self, others: "Sequence[Narrowed]", shape: Hashable, finish: Finish, **values: Any
    ) -> Sequence[Sequence[Row[Any]]]:
        """Fetch the rows of this selection and of `others` in one statement.

        Returns the rows of each selection, unsorted, starting with this one. All must have the same cached selection
        and actor.
        """
        parts = [self, *others]
        found: list[list[Row[Any]]] = [[] for _part in parts]
        for row in _fetch(parts, ("each", shape), partial(_together, finish), values):
            found[row[0]].append(row)
        return found

    def made_for(self, actor: Actor) -> Selection:
        """Return the filtered selection for `actor`, not compiled."""
        made = self.cached.made_for(actor, *self.variant)
        return made.where(*self.conditions) if self.conditions else made


def _together(finish: Finish, selections: Sequence[Selection]) -> Selection:
    """Combine the results of `finish` in one selection, whose rows contain the index of their part."""
    arms = [
        unscoped(select(literal(place).label(_PART), finish(one).subquery()), why="each combined query is scoped")
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
    """Return the rows of `finish(parts)`, compiled if possible; all parts have the same selection and actor."""
    cached, actor = parts[0].cached, parts[0].actor
    is_narrowed = any(part.conditions for part in parts)
    narrowing = _structure_of(parts) if is_narrowed else None
    if is_narrowed and narrowing is None:
        return db.session.execute(finish([part.statement for part in parts]), dict(values)).all()
    given = narrowing.bindparams if narrowing else ()
    key = _key(actor, [part.variant for part in parts], shape, narrowing.key if narrowing else None)
    connection = db.session.connection()
    known = cached.known.get(key)
    if known is None and key not in cached.known:
        selection = finish([part.made_for(_actor_of_same_rights(actor)) for part in parts])
        known = cached.keep(key, compile_selection(selection, connection.dialect, given))
    if known is None:
        return db.session.execute(finish([part.statement for part in parts]), dict(values)).all()
    told = {place: bind.effective_value for place, bind in zip(known.places, given, strict=True)}
    return known.rows(connection, {**_own_values(actor), **told, **values})


def _key(actor: Actor, variants: Sequence[Hashable], shape: Hashable, look: Hashable) -> Hashable:
    """Return the cache key of a compiled selection."""
    return _rights_of(actor), tuple(variants), shape, look


def _structure_of(parts: Sequence[Narrowed]) -> CacheKey | None:
    """Return the structure of the conditions without their values; None if there is no cache key.

    A value that several conditions share is a single parameter.
    """
    wholes = [and_(*part.conditions) if part.conditions else true() for part in parts]
    return cache_key_of(wholes[0] if len(wholes) == 1 else tuple_(*wholes))


@dataclass(frozen=True, slots=True)
class _Question:
    """Cache key of the rows for an actor, and the function that reads them."""

    selection: CachedSelection
    make: Callable[[Sequence[Row[Any]]], Any]
    reader: Hashable
    revisions: tuple[str | None, ...]
    values: tuple[tuple[str, Hashable], ...]
    find_out: Callable[[], Sequence[Row[Any]]] = field(compare=False)


@memoize(_MAX_ANSWERS)
def _answer(question: _Question) -> Any:
    return question.make(question.find_out())


def _own_values(actor: Actor) -> dict[str, Any]:
    """Return the values for the placeholders of `_actor_of_same_rights`."""
    return {_ORGANIZATION: actor.organization_id, _PERSON: actor.user_id, _ZONE: actor.timezone}


def _rights_of(actor: Actor) -> Hashable:
    """Return what determines the visible rows, apart from the actor's identity."""
    ceiling = actor.ceiling.permissions if actor.ceiling else None
    return actor.role, actor.granted, ceiling, actor.home is None


def _as_it_is(selection: Selection) -> Selection:
    return selection


def _actor_of_same_rights(actor: Actor) -> Actor:
    """Return an actor with the same rights and with placeholders for their own values."""
    return replace(
        actor,
        organization_id=bindparam(_ORGANIZATION, type_=Uuid()),  # type: ignore[arg-type] # an expression in its place
        user_id=bindparam(_PERSON, type_=Uuid()),  # type: ignore[arg-type]
        timezone=bindparam(_ZONE, type_=Text()),  # type: ignore[arg-type]
    )
