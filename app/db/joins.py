"""Join conditions, always within the organization, because primary keys begin with its id."""

from typing import Any

from sqlalchemy import ColumnElement, and_


def refers_to(target: Any, source: Any, column: Any) -> ColumnElement[bool]:
    """Return the ON condition for joining `target`, the referenced table, to `source`.

    `column` of `source` holds the id of the row of `target`, in the same organization.
    """
    return and_(target.organization_id == source.organization_id, target.id == column)
