"""Lists as spreadsheet files: the fields that declare a column, in the reader's language.

Times are in the organization's time zone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func

from app.amounts import exact_amount
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.db.paging import statement_of
from app.declarations.field import Choice, Field, FileColumn, Id, Moment, Money, Tags, YesOrNo
from app.declarations.resource import Resource
from app.security.actor import Actor
from app.web.labels import yes_or_no
from app.web.value_words import LABELS


def file_of(resource: Resource, actor: Actor, filters: Filters) -> ListQuery:
    """Return the list query with the columns of a file.

    The database formats times and ids as text; doing so in Python would take a third of the time to write a file.
    Raises ValueError for a resource without a list.
    """
    if resource.listed is None:
        raise ValueError(f"{resource.name} has no list")
    query = resource.listed.query(actor, filters)
    rows = statement_of(query.rows)
    known = rows.selected_columns
    columns = [_value(field, shown, known, actor.timezone) for field, shown in _columns(resource)]
    return replace(query, rows=rows.with_only_columns(*columns, maintain_column_froms=True))


def header_of(resource: Resource, timezone: str) -> list[str]:
    return [shown.label(timezone) if shown.label else str(field.label) for field, shown in _columns(resource)]


def lines_of(resource: Resource, rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield a line for each row of `file_of`; unknown values are empty."""
    # Looked up once per file: a translation costs more than the rest of a row.
    words = [(place, said) for place, (field, shown) in enumerate(_columns(resource)) if (said := _words(field, shown))]
    for row in rows:
        line = list(row)
        for place, said in words:
            line[place] = said(line[place])
        yield line


def file_fields(resource: Resource) -> list[Field]:
    """Return the fields that a file has, in order."""
    return [field for field, _shown in _columns(resource)]


def _columns(resource: Resource) -> list[tuple[Field, FileColumn]]:
    return [(field, shown) for field in resource.fields if (shown := field.file_column)]


def _words(field: Field, shown: FileColumn) -> Callable[[Any], object] | None:
    if shown.words is not None:
        return cache(shown.words)
    if isinstance(field.kind, Choice):
        said: dict[str | None, str] = {str(value): str(text) for value, text in LABELS[field.kind.kind].items()}
        return {**said, None: ""}.__getitem__
    if isinstance(field.kind, YesOrNo):
        return {True: yes_or_no(is_so=True), False: yes_or_no(is_so=False)}.__getitem__
    if isinstance(field.kind, Money):
        decimals = field.kind.decimals
        return lambda amount: None if amount is None else exact_amount(amount, decimals)
    return None


def _value(field: Field, shown: FileColumn, known: Any, timezone: str) -> ColumnElement[Any]:
    column: ColumnElement[Any] = shown.value(known) if shown.value else known[field.attribute]
    if isinstance(field.kind, Moment):
        return _written(column, timezone)
    if isinstance(field.kind, Tags):
        return func.replace(column, "\n", ", ")
    return cast(column, Text) if isinstance(field.kind, Id) else column


def _written(moment: ColumnElement[Any], timezone: str) -> ColumnElement[Any]:
    """Return a time as ISO 8601 with the UTC offset of `timezone`: 2026-03-18T12:00:00-04:00.

    The database's own format pattern for the offset only supports the session's time zone.
    """
    local, universal = func.timezone(timezone, moment), func.timezone("UTC", moment)
    sign = case((local < universal, "-"), else_="+")
    distance = func.greatest(local - universal, universal - local)
    return func.to_char(local, 'YYYY-MM-DD"T"HH24:MI:SS') + sign + func.to_char(distance, "HH24:MI")
