"""Removing from the audit trail what may not stay, so that it still verifies: the ways there are.

All work as the jobs' role, with the organization in the context, and are recorded in the trail by the database.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from app.extensions import db

_ERASE = text("SELECT audit_erase(:type, :resources, :reason)").bindparams(bindparam("resources", type_=ARRAY(Uuid())))
_ERASE_ENTRIES = text("SELECT audit_erase_entries(:entries, :reason)").bindparams(
    bindparam("entries", type_=ARRAY(Uuid()))
)
_DROP = text("SELECT audit_drop_month(:month)")


def erase_payloads(resource_type: str, resource_ids: Sequence[UUID], reason: str) -> int:
    """Remove the values before and after from all entries about these records; who did what and when stays.

    `reason` stands in the trail, so it must name nobody. At most some thousands of records at once: the record of the
    erasure names every entry. Returns how many entries were emptied.
    """
    values = {"type": resource_type, "resources": list(resource_ids), "reason": reason}
    number: int = db.session.execute(_ERASE, values).scalar_one()
    return number


def erase_entries(entries: Sequence[UUID], reason: str) -> int:
    """Remove the values before and after from single entries, by their ids: what is to go may stand in the history of
    something else. Returns how many were emptied."""
    number: int = db.session.execute(_ERASE_ENTRIES, {"entries": list(entries), "reason": reason}).scalar_one()
    return number


def drop_month(month: date) -> int:
    """Remove all entries of a month (given by its first day, UTC) and leave their seals; returns how many they were.

    Raises DBAPIError for a month that has not passed, is not sealed to its end, or has older ones before it.
    """
    number: int = db.session.execute(_DROP, {"month": month}).scalar_one()
    return number
