"""Privacy classes of columns, declared with the column: `mapped_column(info=holds.MENTIONS)`.

Every text, JSON, binary or IP address column in a table of organizations declares one of these classes, unless its
values are defined by the app (an enumeration by `one_of`) or computed from other columns; a search vector always
declares one. Ids, numbers, times and booleans need none. The app does not start if a column lacks its class
(`app.declarations.consistency`).
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import ARRAY, Column, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import INET, JSONB, TSVECTOR

#: Personal data of the contact: a number, an address, a name. The feature's `privacy.py` declares the effect of
#: erasing.
PERSONAL: Final[dict[Any, Any]] = {"holds": "personal"}
#: Free text about other things: erasing removes each mention of the person from it, or the whole text if a `privacy.py`
#: declares the column.
MENTIONS: Final[dict[Any, Any]] = {"holds": "mentions"}
#: About users of the organization, or platform staff.
STAFF: Final[dict[Any, Any]] = {"holds": "staff"}
#: A credential, including hashed and encrypted ones: never exported.
SECRET: Final[dict[Any, Any]] = {"holds": "secret"}
#: Cleared with an audit entry; the entry's other columns identify no one.
TRAIL: Final[dict[Any, Any]] = {"holds": "trail"}
#: Settings, names of things, ids in other systems (which keep a provider's repeated event from recreating an erased
#: person) and hashes of received data.
NOBODY: Final[dict[Any, Any]] = {"holds": "nobody"}

WORDS: Final = (PERSONAL, MENTIONS, STAFF, SECRET, TRAIL, NOBODY)


def columns_with(table: Table, *words: dict[Any, Any]) -> tuple[str, ...]:
    """Return the names of the columns of a table that have one of these classes."""
    return tuple(column.name for column in table.columns if column.info in words)


def silent_columns(tables: Iterable[Table]) -> Iterator[Column[Any]]:
    """Yield the columns of organizations' tables that need a class and have none."""
    for table in tables:
        if "organization_id" in table.c or table.name == "organizations":
            yield from (column for column in table.columns if column.info not in WORDS and needs_word(column))


def needs_word(column: Column[Any]) -> bool:
    """Return whether a column can contain personal data and therefore needs a class."""
    type_ = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if isinstance(type_, TSVECTOR):
        return True  # even if computed from other columns, because it contains their words
    if column.computed is not None or not isinstance(type_, (Text, LargeBinary, JSONB, INET)):
        return False
    choices = {check.info["choice"][0] for check in column.table.constraints if "choice" in check.info}
    return column.name not in choices
