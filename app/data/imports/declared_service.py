"""Staging tables for records with declared fields, and SQL for the fields that need no rule of their own.

Each kind has a record, a NamedTuple with the values that its rules use. Simple fields (`DeclaredFields.simple`) are in
`fields` of the record, by name; they are staged after the record's own values, under their column names.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import text

from app.data.imports.staging_service import StagedTable
from app.declarations.imported_fields import DeclaredFields
from app.declarations.resource import Model

_NOT_STAGED = frozenset({"fields", "remarks", "repairs"})
_EARLIER = frozenset({"earlier_fingerprint", "earlier_ids"})
#: The columns whose types staged columns of another name take.
_ALIKE = {
    "line": "0",
    "fingerprint": "external_fingerprint",
    "earlier_fingerprint": "external_fingerprint",
    "earlier_ids": "CAST(NULL AS text[])",
}
_FILLED = {"id": "id", "is_known": "false", "is_unchanged": "false"}
_KEPT = {"kept": "CAST(NULL AS text[])"}


def staged_table(
    name: str,
    declared: DeclaredFields,
    record: Any,
    alike: Mapping[str, str] | None = None,
    *,
    filled: Mapping[str, str] = _FILLED,
    later: Mapping[str, str] = _KEPT,
    models: Collection[Model] = (),
    keeps_earlier: bool = False,
) -> StagedTable:
    """Return the temporary table for records of the type `record`, with the column types of their target.

    The type is the SQL given by `alike`, or else that of the column with the same name in the first of `models` that
    has it (in the resource's table without `models`); text if there is none. Before these come the columns that are
    copied with each row (`filled`) and those that are determined `later`, with the SQL of their types. A kind that
    `keeps_earlier` also matches earlier fingerprints. Raises ValueError if two columns would have the same name.
    """
    left_out = _NOT_STAGED if keeps_earlier else _NOT_STAGED | _EARLIER
    of_record = tuple(field for field in record._fields if field not in left_out)
    tables = [model.__table__ for model in models] or [declared.resource.model.__table__]
    known = {**_ALIKE, **(alike or {})}

    def source(column: str) -> str:
        table = next((table for table in tables if column in table.columns), None)
        found = "text ''" if table is None else f"{table.name}.{column}" if len(tables) > 1 else column
        return known.get(column, found)

    home = declared.resource.model.__tablename__
    columns = [
        *filled.items(),
        *later.items(),
        *((column, source(column)) for column in of_record),
        *((column, f"{home}.{column}" if len(tables) > 1 else column) for column in declared.columns.values()),
    ]
    names = [column for column, _type in columns]
    if repeated := sorted({column for column in names if names.count(column) > 1}):
        raise ValueError(f"{name} would have two columns {', '.join(repeated)}. Call the field another name.")
    create = text(f"""
        CREATE TEMPORARY TABLE {name} AS
        SELECT {", ".join(_selected(column, source) for column, source in columns)}
        FROM {", ".join(table.name for table in tables)} WITH NO DATA
    """)  # noqa: S608 - names from code; values are bound
    copied = ", ".join((*filled, *of_record, *declared.columns.values()))
    return StagedTable(name, create, f"COPY {name} ({copied}) FROM STDIN", (*of_record, *declared.columns))


def staged_values(table: StagedTable, record: Any, **instead: Any) -> list[Any]:
    """Return the values of a record in the order of `table.said`, tuples as arrays; `instead` overrides some.

    An empty array is the text that COPY reads as one, since the driver looks up the type of the items of each list.
    """
    if instead:
        known = {**record._asdict(), **record.fields, **instead}
        values = [known[name] for name in table.said]
    else:
        of_record, declared = _places(record._fields, table.said)
        values = [*of_record(record), *map(record.fields.__getitem__, declared)]
    return [(list(one) or "{}") if isinstance(one, tuple) else one for one in values]


@cache
def _places(fields: tuple[str, ...], said: tuple[str, ...]) -> tuple[Callable[[Any], tuple[Any, ...]], Sequence[str]]:
    """Return how to take the values of a record with these fields, and the names of the declared fields after them.

    It is called for every row, for which a dictionary of all values would take twice as long.
    """
    own = [name for name in said if name in fields]
    declared = said[len(own) :]
    if said[: len(own)] != tuple(own):
        raise ValueError(f"{declared[0]}: the values of a record come before its declared fields")
    return itemgetter(*(fields.index(name) for name in own)), declared


def given_values(declared: DeclaredFields, given: Collection[str] | None = None, rows: str = "said") -> dict[str, str]:
    """Return SQL expressions over `rows` by column, for all simple fields or for those that a file has `given`."""
    names = declared.columns.items()
    return {column: f"{rows}.{column}" for name, column in names if given is None or name in given}


def given_columns(declared: DeclaredFields) -> dict[str, tuple[str, ...]]:
    """Return the column that each simple field provides, by field name, as a tuple of one.

    An importer's other targets can provide several columns.
    """
    return {name: (column,) for name, column in declared.columns.items()}


def _selected(column: str, source: str) -> str:
    return source if source.rpartition(".")[2] == column else f"{source} AS {column}"
