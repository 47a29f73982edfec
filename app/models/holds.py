"""Privacy classes of columns, declared with the column: `mapped_column(info=holds.MENTIONS)`.

Every column of text, JSON or bytes in a table of organizations says one of these words. None is needed by a column
whose values are the product's own (an enumeration by `one_of`) or are made of other columns, nor by ids, numbers,
times and booleans. The app does not start with a column that says none (`app.declarations.consistency`).
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import ARRAY, Column, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import INET, JSONB, TSVECTOR

#: The contact's own: a number, an address, a name. The `privacy.py` of its feature says what erasing does to it.
PERSONAL: Final[dict[Any, Any]] = {"holds": "personal"}
#: Free text about other things: each mention of an erased person is taken out of it. The text goes altogether where a
#: `privacy.py` names it.
MENTIONS: Final[dict[Any, Any]] = {"holds": "mentions"}
#: About the people of the organization, or of the platform.
STAFF: Final[dict[Any, Any]] = {"holds": "staff"}
#: A credential, hashed or encrypted ones included: no export has it.
SECRET: Final[dict[Any, Any]] = {"holds": "secret"}
#: Emptied with an entry of the trail; what is recorded beside it names nobody.
TRAIL: Final[dict[Any, Any]] = {"holds": "trail"}
#: Settings, names of things, ids of other systems (which keep a provider's repetition from bringing the person back)
#: and hashes of what was received.
NOBODY: Final[dict[Any, Any]] = {"holds": "nobody"}

WORDS: Final = (PERSONAL, MENTIONS, STAFF, SECRET, TRAIL, NOBODY)


def columns_with(table: Table, *words: dict[Any, Any]) -> tuple[str, ...]:
    """The columns of a table that say one of these words."""
    return tuple(column.name for column in table.columns if column.info in words)


def silent_columns(tables: Iterable[Table]) -> Iterator[Column[Any]]:
    """The columns of organizations' tables that need a word and say none."""
    for table in tables:
        if "organization_id" in table.c or table.name == "organizations":
            yield from (column for column in table.columns if column.info not in WORDS and needs_word(column))


def needs_word(column: Column[Any]) -> bool:
    """Return True for a column that could hold something about a person."""
    type_ = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if isinstance(type_, TSVECTOR):
        return True  # also where it is made of other columns: it has their words
    if column.computed is not None or not isinstance(type_, (Text, LargeBinary, JSONB, INET)):
        return False
    choices = {check.info["choice"][0] for check in column.table.constraints if "choice" in check.info}
    return column.name not in choices
