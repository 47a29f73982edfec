"""Removal of data from the audit trail without breaking its verification.

All functions run with the worker's database role, with the organization in the context. The database records each
removal in the trail.
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
    """Remove the before and after values from all entries about these records; who did what and when remains.

    `reason` is stored in the trail, so it must not name a person. Pass a few thousand records at most: the entry that
    records the erasure lists every erased entry. Returns the number of entries that were emptied.
    """
    values = {"type": resource_type, "resources": list(resource_ids), "reason": reason}
    number: int = db.session.execute(_ERASE, values).scalar_one()
    return number


def erase_entries(entries: Sequence[UUID], reason: str) -> int:
    """Remove the before and after values from individual entries, given their ids.

    Used when the data to erase appears in the history of another record. Returns the number of entries that were
    emptied.
    """
    number: int = db.session.execute(_ERASE_ENTRIES, {"entries": list(entries), "reason": reason}).scalar_one()
    return number


def drop_month(month: date) -> int:
    """Remove all entries of a month (identified by its first day, UTC) but keep their seals.

    Returns the number of entries removed. Raises DBAPIError for a month that has not ended, is not completely sealed,
    or is preceded by months that still have entries.
    """
    number: int = db.session.execute(_DROP, {"month": month}).scalar_one()
    return number
