"""Selections that are compiled once for each kind of reader, and sent as they are from then on.

    @kept_selection
    def _columns(actor: Actor) -> Selection:
        return restrict(select(ListSettings.columns), ListSettings, actor).where(ListSettings.page == bindparam("page"))

    found = _columns.rows(actor, page="calls")

The function is asked once for each set of rights (`app.db.kept_statements` says why). The actor that it is given has
these rights, and instead of an organization, an id and a zone the places where those of whoever asks will stand.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakSet

from sqlalchemy import ColumnElement, Row, Text, Uuid, and_, bindparam

from app.db.kept_statements import CompiledSelection, compile_selection
from app.db.paging import Finish, Selection
from app.extensions import db
from app.security.actor import Actor

_ORGANIZATION, _PERSON, _ZONE = "actor_organization", "actor_person", "actor_zone"

#: Of one selection: readers, orders and filters that are set; some kilobytes each.
MAX_SHAPES = 500

#: All that there are.
KEPT_SELECTIONS: "WeakSet[KeptSelection]" = WeakSet()


class KeptSelection:
    """A function of the actor that makes a selection; what else varies is named by `bindparam`, lists as arrays."""

    def __init__(self, build: Callable[[Actor], Selection]) -> None:
        self._build = build
        #: What has been compiled so far; None where the text depends on the values.
        self.known: dict[Hashable, CompiledSelection | None] = {}
        KEPT_SELECTIONS.add(self)

    def rows(self, actor: Actor, **values: Any) -> Sequence[Row[Any]]:
        """All rows, as the driver reads them. Needs the actor's organization in the context."""
        return self.where(actor, ()).fetch(None, _as_it_is, **values)

    def where(self, actor: Actor, conditions: Sequence[ColumnElement[bool]]) -> "Narrowed":
        """The selection for `actor`, narrowed by conditions of any values."""
        return Narrowed(self, actor, tuple(conditions))

    def keep(self, key: Hashable, compiled: CompiledSelection | None) -> CompiledSelection | None:
        """Keep it in place of the oldest where there are many: anybody can ask for any mixture of filters."""
        while len(self.known) >= MAX_SHAPES:
            self.known.pop(next(iter(list(self.known))), None)
        self.known[key] = compiled
        return compiled

    def made_for(self, actor: Actor) -> Selection:
        """The selection for `actor`, not compiled."""
        return self._build(actor)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A kept selection for somebody, with conditions. What these look like is kept too; their values are not."""

    kept: KeptSelection
    actor: Actor
    conditions: tuple[ColumnElement[bool], ...]

    @property
    def statement(self) -> Selection:
        """The same, not compiled; for what is streamed or joined to others."""
        return self._made_for(self.actor)

    def fetch(self, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Row[Any]]:
        """All rows of what `finish` makes of it, which is always the same for one `shape`; it names `values`."""
        narrowing = and_(*self.conditions)._generate_cache_key() if self.conditions else None
        if self.conditions and narrowing is None:
            return db.session.execute(finish(self.statement), values).all()
        given = narrowing.bindparams if narrowing else ()
        rights = (self.actor.role, self.actor.granted, self.actor.home is None)
        key = (rights, shape, narrowing.key if narrowing else None)
        connection = db.session.connection()
        known = self.kept.known.get(key)
        if known is None and key not in self.kept.known:
            selection = finish(self._made_for(_anybody_like(self.actor)))
            known = self.kept.keep(key, compile_selection(selection, connection.dialect, given))
        if known is None:
            return db.session.execute(finish(self.statement), values).all()
        own = {
            _ORGANIZATION: self.actor.organization_id,
            _PERSON: self.actor.user_id,
            _ZONE: self.actor.timezone,
        }
        narrowed = {place: bind.effective_value for place, bind in zip(known.places, given, strict=True)}
        return known.rows(connection, {**own, **narrowed, **values})

    def _made_for(self, actor: Actor) -> Selection:
        made = self.kept.made_for(actor)
        return made.where(*self.conditions) if self.conditions else made


def kept_selection(build: Callable[[Actor], Selection]) -> KeptSelection:
    """Compile what `build` makes once for each kind of reader."""
    return KeptSelection(build)


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
