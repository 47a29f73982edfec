"""Reading contact cards."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from app.models import ContactCard
from app.security.actor import Actor


def contacts_found_by(beginning: str, actor: Actor) -> Select[UUID]:
    """Ids of the organization's cards whose name begins so; to narrow a list, not to show them.

    A range instead of LIKE: only comparisons may use an index under row-level security.
    """
    name = func.lower(ContactCard.full_name)
    return select(ContactCard.id).where(
        ContactCard.organization_id == actor.organization_id, _begins(name, beginning.lower())
    )


def _begins(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
    return (column >= beginning) & (column < beginning + "\U0010ffff")
