"""What is kept between requests, and how a process finds out that it has changed. Triggers write it, nobody else."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, one_of, tenant_table


class RevisionKind(StrEnum):
    """What has a revision: people as pickers show them, topics of calls, saved views with the choice of columns; who
    has deleted something and how long that is kept."""

    PEOPLE = "people"
    TOPICS = "topics"
    VIEWS = "views"
    TRASH = "trash"


class OfferedKind(StrEnum):
    """Values of calls that pickers offer: the ids of those credited with one, and topics."""

    CSR = "csr"
    TOPIC = "topic"


class Revision(TenantRow, Base):
    """Another `revision` with each change of a kind, in the transaction of that change. A kind without a row has never
    changed.
    """

    __tablename__ = "revisions"
    __table_args__ = tenant_table(
        one_of("kind", RevisionKind), UniqueConstraint("organization_id", "kind", name="uq_revisions_kind")
    )

    kind: Mapped[str]
    revision: Mapped[UUID]


class OfferedValue(TenantRow, Base):
    """A value that some call has which is not deleted."""

    __tablename__ = "offered_values"
    __table_args__ = tenant_table(
        one_of("kind", OfferedKind),
        UniqueConstraint("organization_id", "kind", "value", name="uq_offered_values_value"),
    )

    kind: Mapped[str]
    # Triggers write it with the call that has the value: what is taken out of a topic there goes here too.
    value: Mapped[str] = mapped_column(info=holds.NOBODY)
