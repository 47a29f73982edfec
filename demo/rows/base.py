"""Common fields of all rows of the demonstration companies: table name, ID, and time of creation.

A row class represents one table; a field is the column of the same name. Omitted columns get the table's default. Times
are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of any table."""

    table: ClassVar[str]
    id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRow(Row):
    """A row that belongs to one company."""

    organization_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletable(TenantRow):
    """A row that can be in the trash, as part of a deletion."""

    deleted_at: datetime | None = None
    deleted_by: UUID | None = None
    deletion_batch_id: UUID | None = None
