"""Selections that are compiled once for each kind of reader, and sent as they are from then on.

    @kept_selection
    def _columns(actor: Actor) -> Selection:
        return restrict(select(ListSettings.columns), ListSettings, actor).where(ListSettings.page == bindparam("page"))

    found = _columns.rows(actor, page="calls")

SQLAlchemy finds a statement that it has compiled before by walking all of it, each time: 0.2 to 0.5 ms, where sending
it takes 0.03. The function is asked once for each set of rights. The actor that it is given has these rights, and
instead of an organization, an id and a zone the places where those of whoever asks will stand.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Dialect, Row, Text, Uuid, bindparam

from app.db.context import current_context
from app.db.paging import Selection
from app.db.session import CONTEXT_ORGANIZATION, with_criteria
from app.extensions import db
from app.security.actor import Actor

_ORGANIZATION, _PERSON, _ZONE = "actor_organization", "actor_person", "actor_zone"
#: Rights, and whether it is a guest of the platform: nothing else of somebody decides what a statement looks like.
_Rights = tuple[Any, ...]


class KeptSelection:
    """A function of the actor that makes a selection; what else varies is named by `bindparam`, lists as arrays."""

    def __init__(self, build: Callable[[Actor], Selection]) -> None:
        self._build = build
        self._compiled: dict[_Rights, tuple[str, dict[str, Any]]] = {}

    def rows(self, actor: Actor, **values: Any) -> Sequence[Row[Any]]:
        """All rows, as the driver reads them. Needs the actor's organization in the context."""
        connection = db.session.connection()
        sql, fixed = self._text(actor, connection.dialect)
        own = {
            CONTEXT_ORGANIZATION: current_context().organization_id,
            _ORGANIZATION: actor.organization_id,
            _PERSON: actor.user_id,
            _ZONE: actor.timezone,
        }
        return connection.exec_driver_sql(sql, {**fixed, **own, **values}).all()

    def texts(self) -> list[str]:
        """What has been sent so far, a text for each kind of reader."""
        return [sql for sql, _fixed in self._compiled.values()]

    def _text(self, actor: Actor, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        rights = (actor.role, actor.granted, actor.home is None)
        known = self._compiled.get(rights)
        if known is None:
            compiled = with_criteria(self._build(_anybody_like(actor))).compile(dialect=dialect)
            fixed = {name: bind.value for name, bind in compiled.binds.items() if bind.callable is None}
            known = self._compiled[rights] = str(compiled), fixed
        return known


def kept_selection(build: Callable[[Actor], Selection]) -> KeptSelection:
    """Compile what `build` makes once for each kind of reader."""
    return KeptSelection(build)


def _anybody_like(actor: Actor) -> Actor:
    """An actor with the same rights, whose own facts are places for values."""
    return replace(
        actor,
        organization_id=bindparam(_ORGANIZATION, type_=Uuid()),  # type: ignore[arg-type] # an expression stands for it
        user_id=bindparam(_PERSON, type_=Uuid()),  # type: ignore[arg-type]
        timezone=bindparam(_ZONE, type_=Text()),  # type: ignore[arg-type]
    )
