"""Join conditions, always within the organization, so that a join can use the tenant key."""

from typing import Any

from sqlalchemy import ColumnElement, and_


def refers_to(target: Any, source: Any, column: Any) -> ColumnElement[bool]:
    """Return the ON condition of a reference.

    `column` of `source` holds the id of the row of `target`, in the same organization.
    """
    return and_(target.organization_id == source.organization_id, target.id == column)
