"""Common base of all tables: metadata, constraint names, tenant key and shared columns."""

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
from app.errors import LazyText, VersionConflict


def _referring_column(constraint: ForeignKeyConstraint, _table: Any) -> str:
    """Return the last column of a composite key, which identifies the reference: fk_calls_csr_id."""
    return list(constraint.column_keys)[-1]


naming_convention: dict[str, Any] = {
    "referring_column": _referring_column,
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(referring_column)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
}


class Base(DeclarativeBase):
    """Base class of the models.

    The column types are text for `str`, timestamptz for `datetime`, and uuid for `UUID`.
    """

    # On the registry rather than the class: Flask-SQLAlchemy creates a class of its own with the same attributes.
    registry = registry(
        metadata=MetaData(naming_convention=naming_convention),
        type_annotation_map={str: Text(), datetime: DateTime(timezone=True), UUID: Uuid()},
    )


class Timestamps:
    """The columns created_at and updated_at; the latter is set by the trigger `touch_updated_at`."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), sort_order=900)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), sort_order=901)


class TenantRow(Timestamps):
    """A row of one organization, with the key (organization_id, id), isolated by row-level security."""

    organization_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


class Versioned:
    """Optimistic locking by a version number.

    A form contains the `version` of the row it was opened with, and is refused if the row's version has changed since.
    Each flush that changes the row increments its version, unless only columns in `unversioned` change. Statements that
    bypass the session (`update(…)`) must do so themselves.
    """

    #: Columns that no form shows: if only these change, the version is not incremented, and open forms remain valid.
    unversioned: ClassVar[frozenset[str]] = frozenset()

    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1, sort_order=902)

    def raise_version(self) -> None:
        """Make open forms stale although no column changes, because dependent data changed or was sent."""
        self.version += 1

    def refuse_stale(
        self, opened_with: int | None, current: Mapping[str, Any], message: LazyText | None = None
    ) -> None:
        """Raise VersionConflict if the row has changed since the form was opened.

        The error shows the `current` values.
        """
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
    """Rows that are retained after deletion, with the batch that restores them.

    Queries exclude deleted rows by default.
    """

    deleted_at: Mapped[datetime | None] = mapped_column(sort_order=910)
    deleted_by: Mapped[UUID | None] = mapped_column(sort_order=911)
    deletion_batch_id: Mapped[UUID | None] = mapped_column(sort_order=912)

    @declared_attr
    def is_deleted(cls) -> MappedColumn[bool]:  # noqa: N805 - SQLAlchemy passes the class
        return mapped_column(Boolean, Computed("deleted_at IS NOT NULL", persisted=True), sort_order=913)


def tenant_table(*items: Any) -> tuple[Any, ...]:
    """Return `__table_args__` of a tenant table: the reference to the organization, then its own items."""
    return (ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="CASCADE"), *items)


def tenant_fk(column: str, table: str, ondelete: str | None = None, *, use_alter: bool = False) -> ForeignKeyConstraint:
    """Return a foreign key that can't leave the organization.

    By default, a deletion sets the referring column to NULL, and only that column. `use_alter` breaks the cycle of two
    tables that refer to each other.
    """
    return ForeignKeyConstraint(
        ["organization_id", column],
        [f"{table}.organization_id", f"{table}.id"],
        ondelete=ondelete or f"SET NULL ({column})",
        use_alter=use_alter,
    )


def soft_delete_constraints(table: str) -> tuple[ForeignKeyConstraint, ForeignKeyConstraint, Index]:
    """Return the constraints of deleted_by and deletion_batch_id, and the index on the batch.

    Restoring and purging select rows by their batch.
    """
    in_trash = text("deletion_batch_id IS NOT NULL")
    return (
        tenant_fk("deleted_by", "users"),
        tenant_fk("deletion_batch_id", "deletion_batches"),
        Index(f"idx_{table}_batch", "organization_id", "deletion_batch_id", postgresql_where=in_trash),
    )


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return the constraint of an enumeration: text with a named CHECK.

    Comparisons of an enum type are not leakproof, so row-level security would prevent the use of an index.
    """
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"check_{column}", info={"choice": (column, values)})


def declared_name(column: str) -> CheckConstraint:
    """Return the constraint for the name of a feature's declaration, such as a list or an export.

    The registry knows the valid names; the constraint only checks the format.
    """
    return CheckConstraint(
        f"{column} ~ '^[a-z][a-z_]{{0,49}}$'", name=f"check_{column}_format", info={"declared": column}
    )


def length(column: str, most: int, least: int = 1, name: str | None = None) -> CheckConstraint:
    """Return the constraint for text of `least` to `most` characters."""
    return CheckConstraint(
        f"char_length({column}) BETWEEN {least} AND {most}",
        name=name or f"check_{column}_length",
        info={"length": (column, least, most)},
    )


def caller(column: str) -> CheckConstraint:
    """Return the constraint for a caller's number.

    The number is in E.164, or a short code of 3 to 6 digits, dialed as is.
    """
    return CheckConstraint(
        f"{column} ~ '^(\\+[1-9]\\d{{1,14}}|[1-9]\\d{{2,5}})$'", name=f"check_{column}_format", info={"phone": column}
    )


def e164(column: str) -> CheckConstraint:
    """Return the constraint for a phone number as +<country><number>, 2 to 15 digits."""
    return CheckConstraint(f"{column} ~ '^\\+[1-9]\\d{{1,14}}$'", name=f"check_{column}_format", info={"phone": column})
