"""Revisions of cached data, by which a process detects changes. Only triggers write them."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, one_of, tenant_table


class RevisionKind(StrEnum):
    """Kinds of data with a revision.

    These are the people that pickers offer, the topics of calls, saved views and chosen columns, and the people who
    have deleted rows, with the retention of those rows; and the days whose numbers are stored.
    """

    PEOPLE = "people"
    TOPICS = "topics"
    VIEWS = "views"
    TRASH = "trash"
    ROLLUPS = "rollups"


class OfferedKind(StrEnum):
    """Kinds of values of calls that pickers offer: the ids of credited CSRs, and topics."""

    CSR = "csr"
    TOPIC = "topic"


class Revision(TenantRow, Base):
    """Revision of a kind of data, changed in the same transaction as the data.

    Without a row, the data has never changed.
    """

    __tablename__ = "revisions"
    __table_args__ = tenant_table(
        one_of("kind", RevisionKind), UniqueConstraint("organization_id", "kind", name="uq_revisions_kind")
    )

    kind: Mapped[str]
    revision: Mapped[UUID]


class OfferedValue(TenantRow, Base):
    """A value that pickers offer because at least one call has it."""

    __tablename__ = "offered_values"
    __table_args__ = tenant_table(
        one_of("kind", OfferedKind),
        UniqueConstraint("organization_id", "kind", "value", name="uq_offered_values_value"),
    )

    kind: Mapped[str]
    # Triggers write it with the call: text that is erased from a topic there is erased here too.
    value: Mapped[str] = mapped_column(info=holds.NOBODY)
