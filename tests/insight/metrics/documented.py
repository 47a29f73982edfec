"""SQL queries from docs/numbers.md, run for comparison with the product's own queries."""

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
    r"^### (?P<name>[a-z_ ]+)\n(?P<text>(?:(?!#|```)[^\n]*\n)*)```sql\n(?P<sql>.*?)^```", re.MULTILINE | re.DOTALL
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

_FOUND = list(_BLOCK.finditer((PROJECT_ROOT / "docs" / "numbers.md").read_text("utf-8")))
SQL = {found["name"]: found["sql"] for found in _FOUND}
#: The text between a heading and its SQL, on one line.
TEXT = {found["name"]: " ".join(found["text"].split()) for found in _FOUND}


class Documented:
    """Runner of the documented SQL as one viewer, for the given people or, with None, for everyone."""

    def __init__(self, engine: Engine, actor: Actor, people: Sequence[UUID] | None, now: datetime) -> None:
        self._engine = engine
        self._given = {
            "organization": actor.organization_id,
            "viewer": actor.user_id,
            "nobody": NOBODY,
            "everybody": people is None,
            "people": list(people or []),
            "hears_all": actor.sees_all(Permission.RECORDINGS_READ),
            "now": now,
        }

    def number(self, name: str, span: Span) -> int | float | None:
        """Return the single number documented under the heading `name`, as an int, a float or None."""
        [[value]] = self.rows(name, span)
        return float(value) if isinstance(value, Decimal) else value

    def rows(self, name: str, span: Span) -> list[tuple[Any, ...]]:
        """Return all rows of a documented query, for numbers that have several parts."""
        given = {**self._given, "start": span.start, "end": span.end}
        used = {name_: value for name_, value in given.items() if re.search(rf"(?<!:):{name_}\b", SQL[name])}
        statement = text(SQL[name]).bindparams(
            *(bindparam(name_, value, type_=_TYPES.get(name_)) for name_, value in used.items())
        )
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]
