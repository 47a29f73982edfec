"""Rows that are new to the reader of a list: those created since a moment, found without reading the list."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer, SQLColumnExpression, Uuid, any_, bindparam, func, select

from app.db.context import current_context
from app.db.ids import first_id_of
from app.db.paging import (
    AnySession,
    CompiledRows,
    Count,
    Page,
    Rows,
    Selection,
    count_rows,
    counted,
    counting,
    fetch_all,
    table_of,
)

#: Number of the latest rows of a table that are considered.
_MAX_CONSIDERED = 2_000
_MAX_FORM_AGE = timedelta(days=1)
_MOMENT = DateTime(timezone=True)


def has_none_since(moment: datetime, page: Page[Any]) -> bool:
    """Return whether no row of the list was created after `moment`, as far as `page` can tell.

    It can tell if it is the whole list, or begins with the row that was created last.
    """
    if page.last_created_at is not None:
        return page.last_created_at <= moment
    return page.is_all and all(row.id < _earliest_id(moment) for row in page.rows)


def ids_since(
    session: AnySession, rows: Rows, row_id: SQLColumnExpression[UUID], moment: datetime, most: int, *, but_of: UUID
) -> Sequence[UUID]:
    """Return the ids of up to `most` rows created after `moment`, newest first.

    Rows created by the user `but_of` are not included. The result is empty if the rows come from no table. If very many
    rows of the table are new, only the latest `_MAX_CONSIDERED` are considered.
    """
    table = table_of(row_id)
    if table is None:
        return ()
    values = _values_since(table, moment, most, but_of)
    finish = partial(_ids_since, row_id=row_id, table=table)
    return [one.id for one in fetch_all(session, rows, ("since", _organization_of(table) is None), finish, **values)]


def count_and_ids_since(
    session: AnySession,
    rows: CompiledRows,
    row_id: SQLColumnExpression[UUID],
    moment: datetime,
    most: int,
    *,
    but_of: UUID,
    exact: bool,
) -> tuple[Count, Sequence[UUID]]:
    """Return `count_rows` and `ids_since`, from one query."""
    table = table_of(row_id)
    if table is None:
        return count_rows(session, rows, exact=exact), ()
    number_of, limits = counting(exact=exact)

    def finish(selection: Selection) -> Selection:
        number = number_of(selection).scalar_subquery()
        ids = _ids_since(selection, row_id, table).scalar_subquery()
        return select(number.label("number"), func.array(ids, type_=ARRAY(Uuid())).label("ids"))

    values = _values_since(table, moment, most, but_of) | limits
    shape = ("count and since", exact, _organization_of(table) is None)
    [(number, ids)] = rows.fetch(shape, finish, **values)
    return counted(number, exact=exact), ids


def _organization_of(table: Any) -> UUID | None:
    return current_context().organization_id if hasattr(table, "organization_id") else None


def _values_since(table: Any, moment: datetime, most: int, but_of: UUID) -> dict[str, Any]:
    organization_id = _organization_of(table)
    place = {"earliest_id": _earliest_id(moment), "moment": moment, "but_of": but_of, "organization": organization_id}
    return {"page_rows": most, **place}


def _ids_since(selection: Selection, row_id: SQLColumnExpression[UUID], table: Any) -> Selection:
    ids: Selection = selection.with_only_columns(row_id.label("id"), maintain_column_froms=True)
    ids = ids.where(row_id == any_(_added_since(table, _organization_of(table))))
    return ids.order_by(row_id.desc()).limit(bindparam("page_rows", type_=Integer()))


def _added_since(table: Any, organization_id: UUID | None) -> ColumnElement[Sequence[UUID]]:
    """Return an array of the ids of the table's new rows, out of the latest `_MAX_CONSIDERED`.

    This limits the number of rows read, however few of them belong to the list. It is an array because the planner
    can't estimate how many rows follow a timestamp, and would begin with a search for them.
    """
    made_by = [table.created_by.label("made_by")] if hasattr(table, "created_by") else []
    looked_at = select(table.id, table.created_at, *made_by).where(table.id > bindparam("earliest_id", type_=Uuid()))
    if organization_id is not None:
        # The policy has this condition too, but the planner can't estimate from it how many rows match.
        looked_at = looked_at.where(table.organization_id == bindparam("organization", type_=Uuid()))
    one = looked_at.order_by(table.id.desc()).limit(_MAX_CONSIDERED).subquery().c
    came = select(one.id).where(one.created_at > bindparam("moment", type_=_MOMENT))
    if made_by:
        came = came.where(one.made_by.is_distinct_from(bindparam("but_of", type_=Uuid())))
    return func.array(came.scalar_subquery(), type_=ARRAY(Uuid()))


def _earliest_id(moment: datetime) -> UUID:
    """Return a lower bound for the ids of all rows created after `moment`.

    A form may have generated an id up to a day before the row was created.
    """
    return first_id_of(moment - _MAX_FORM_AGE)
