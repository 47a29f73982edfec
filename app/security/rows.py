"""One row by its id, for whoever may see it: to show it, or to change it while nobody else does."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select

from app.errors import NotFound
from app.extensions import db
from app.models import TenantRow
from app.security.actor import Actor
from app.security.scope import visible

Row = TypeVar("Row", bound=TenantRow)
Selected = TypeVar("Selected", bound=Select[Any])


def find_row(
    actor: Actor, model: type[Row], row_id: UUID, *conditions: ColumnElement[bool], lock: bool = False
) -> Row | None:
    """The row, if it is there for `actor` and `conditions` hold; with `lock` it is `held`."""
    statement = visible(model, actor).where(model.id == row_id, *conditions)
    return db.session.scalar(held(statement) if lock else statement)


def get_row(
    actor: Actor, model: type[Row], row_id: UUID, *conditions: ColumnElement[bool], named: str, lock: bool = False
) -> Row:
    """As `find_row`; raises NotFound, which calls it as it is `named`."""
    found = find_row(actor, model, row_id, *conditions, lock=lock)
    if found is None:
        raise NotFound(named, row_id)
    return found


def held(statement: Selected) -> Selected:
    """Hold the rows that `statement` selects until the transaction ends, read anew: a check of their state stays true.

    Two who change them come one after the other. Rows that refer to them may come meanwhile (FOR NO KEY UPDATE).
    """
    return statement.with_for_update(key_share=True).execution_options(populate_existing=True)
