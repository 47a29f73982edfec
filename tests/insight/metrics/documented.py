"""The SQL of docs/numbers.md, to be run beside the product's own."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Engine, Uuid, bindparam, text

from app.config import PROJECT_ROOT
from app.periods import Span
from app.security.actor import Actor
from app.security.permissions import Permission

NOBODY = UUID(int=0)

_BLOCK = re.compile(
    r"^### (?P<name>[a-z_ ]+)\n(?:(?!#|```)[^\n]*\n)*```sql\n(?P<sql>.*?)^```", re.MULTILINE | re.DOTALL
)
_TYPES: dict[str, Any] = {
    "organization": Uuid(),
    "viewer": Uuid(),
    "nobody": Uuid(),
    "people": ARRAY(Uuid()),
    "start": DateTime(timezone=True),
    "end": DateTime(timezone=True),
    "now": DateTime(timezone=True),
}

SQL = {
    found["name"]: found["sql"] for found in _BLOCK.finditer((PROJECT_ROOT / "docs" / "numbers.md").read_text("utf-8"))
}


class Documented:
    """What the documented SQL says to one viewer about these people (None: everybody)."""

    def __init__(self, engine: Engine, actor: Actor, people: Sequence[UUID] | None, now: datetime) -> None:
        self._engine = engine
        self._given = {
            "organization": actor.organization_id,
            "viewer": actor.user_id,
            "nobody": NOBODY,
            "everybody": people is None,
            "people": list(people or []),
            "sees_all": actor.sees_all(Permission.CALLS_READ),
            "hears_all": actor.sees_all(Permission.RECORDINGS_READ),
            "now": now,
        }

    def number(self, name: str, span: Span) -> int | float | None:
        """The number of this heading, as the module tells it."""
        [[value]] = self.rows(name, span)
        return float(value) if isinstance(value, Decimal) else value

    def rows(self, name: str, span: Span) -> list[tuple[Any, ...]]:
        """All rows, for numbers of several parts."""
        given = {**self._given, "start": span.start, "end": span.end}
        used = {name_: value for name_, value in given.items() if re.search(rf"(?<!:):{name_}\b", SQL[name])}
        statement = text(SQL[name]).bindparams(
            *(bindparam(name_, value, type_=_TYPES.get(name_)) for name_, value in used.items())
        )
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]
