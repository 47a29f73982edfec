"""What every table shares: the metadata, the constraint names, the tenant key and the common columns."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Text,
    Uuid,
    event,
    func,
    inspect,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, Mapper, declared_attr, mapped_column, registry

from app.db.ids import uuid7
from app.errors import Sentence, VersionConflict


def _referring_column(constraint: ForeignKeyConstraint, _table: Any) -> str:
    """The last column of a composite key tells what it refers to: fk_calls_csr_id, not …_organization_id."""
    return list(constraint.column_keys)[-1]


naming_convention: dict[str, Any] = {
    "referring_column": _referring_column,
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(referring_column)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
}


class Base(DeclarativeBase):
    """Root of the models. Types: `str` is text, `datetime` is timestamptz, `UUID` is uuid."""

    # On the registry rather than the class: Flask-SQLAlchemy makes its own class of the same attributes.
    registry = registry(
        metadata=MetaData(naming_convention=naming_convention),
        type_annotation_map={str: Text(), datetime: DateTime(timezone=True), UUID: Uuid()},
    )


class Timestamps:
    """created_at and updated_at; the latter is kept by the trigger `touch_updated_at`."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), sort_order=900)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), sort_order=901)


class TenantRow(Timestamps):
    """A row of one organization, found by (organization_id, id). Row-level security keeps it there."""

    organization_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


class Versioned:
    """Optimistic locking: a form says which `version` it was opened with, and is refused when that is not the row's.

    Each flush that changes the row raises its version. Statements past the session (`update(…)`) say it themselves.
    """

    #: Columns that no form shows: when only these change, the version stays, and open forms stay good.
    unversioned: ClassVar[frozenset[str]] = frozenset()

    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1, sort_order=902)

    def raise_version(self) -> None:
        """Make open forms stale though no column changes: what belongs to the row did, or was sent."""
        self.version += 1

    def refuse_stale(
        self, opened_with: int | None, current: Mapping[str, Any], message: Sentence | None = None
    ) -> None:
        """Raise VersionConflict when the row has changed since a form was opened with it, which shows `current`."""
        if self.version != opened_with:
            raise VersionConflict(self.version, current, message)


@event.listens_for(Versioned, "before_update", propagate=True)
def _raise_version(mapper: Mapper[Any], _connection: Any, row: Versioned) -> None:
    state = inspect(row)
    touched = set(mapper.column_attrs.keys()) - state.unmodified
    changed = {name for name in touched if state.attrs[name].history.has_changes()}
    if changed - row.unversioned and "version" not in changed:
        row.raise_version()


class SoftDeleted:
    """Deleted rows stay, with the batch that restores them. Queries leave them out unless they ask."""

    deleted_at: Mapped[datetime | None] = mapped_column(sort_order=910)
    deleted_by: Mapped[UUID | None] = mapped_column(sort_order=911)
    deletion_batch_id: Mapped[UUID | None] = mapped_column(sort_order=912)

    @declared_attr
    def is_deleted(cls) -> MappedColumn[bool]:  # noqa: N805 - SQLAlchemy passes the class
        return mapped_column(Boolean, Computed("deleted_at IS NOT NULL", persisted=True), sort_order=913)


def tenant_table(*items: Any) -> tuple[Any, ...]:
    """`__table_args__` of a tenant table: its tie to the organization, then what is its own."""
    return (ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="CASCADE"), *items)


def tenant_fk(column: str, table: str, ondelete: str | None = None, *, use_alter: bool = False) -> ForeignKeyConstraint:
    """A reference that cannot leave the organization. Default: the referring column becomes NULL, that column only.

    `use_alter` breaks the circle of two tables that refer to each other.
    """
    return ForeignKeyConstraint(
        ["organization_id", column],
        [f"{table}.organization_id", f"{table}.id"],
        ondelete=ondelete or f"SET NULL ({column})",
        use_alter=use_alter,
    )


def soft_delete_constraints(table: str) -> tuple[ForeignKeyConstraint, ForeignKeyConstraint, Index]:
    """Who deleted a row, and with which batch: the batch is what restoring and purging start from."""
    in_trash = text("deletion_batch_id IS NOT NULL")
    return (
        tenant_fk("deleted_by", "users"),
        tenant_fk("deletion_batch_id", "deletion_batches"),
        Index(f"idx_{table}_batch", "organization_id", "deletion_batch_id", postgresql_where=in_trash),
    )


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """An enumeration: text with a named CHECK (an enum type is not leakproof, so no index under row security)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"check_{column}", info={"choice": (column, values)})


def declared_name(column: str) -> CheckConstraint:
    """The name of what a feature declares, such as a list or an export; the registry knows which there are."""
    return CheckConstraint(
        f"{column} ~ '^[a-z][a-z_]{{0,49}}$'", name=f"check_{column}_format", info={"declared": column}
    )


def length(column: str, most: int, least: int = 1, name: str | None = None) -> CheckConstraint:
    """Text of `least` to `most` characters."""
    return CheckConstraint(
        f"char_length({column}) BETWEEN {least} AND {most}",
        name=name or f"check_{column}_length",
        info={"length": (column, least, most)},
    )


def caller(column: str) -> CheckConstraint:
    """A number that calls: in E.164, or a short code, 3 to 6 digits, which is dialled as it is."""
    return CheckConstraint(
        f"{column} ~ '^(\\+[1-9]\\d{{1,14}}|[1-9]\\d{{2,5}})$'", name=f"check_{column}_format", info={"phone": column}
    )


def e164(column: str) -> CheckConstraint:
    """A phone number as +<country><number>, 2 to 15 digits."""
    return CheckConstraint(f"{column} ~ '^\\+[1-9]\\d{{1,14}}$'", name=f"check_{column}_format", info={"phone": column})
