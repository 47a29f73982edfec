"""Imports of files, saved mappings, rejected values, and the records that imports created or changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, length, one_of, tenant_fk, tenant_table


class ImportKind(StrEnum):
    CALLS = "calls"
    CONTACTS = "contacts"
    DEALS = "deals"
    PEOPLE = "people"
    ANALYSES = "analyses"
    LEADS = "leads"
    APPOINTMENTS = "appointments"
    KNOWLEDGE = "knowledge"


class ImportStatus(StrEnum):
    UPLOADED = "uploaded"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ImportEffect(StrEnum):
    CREATED = "created"
    UPDATED = "updated"


class ImportUndo(StrEnum):
    """Progress of undoing an import."""

    WEIGHING = "weighing"
    WEIGHED = "weighed"
    RUNNING = "running"
    DONE = "done"


class WhyItStays(StrEnum):
    """Reason why undoing an import leaves a record: it was changed since, or other records refer to it."""

    CHANGED = "changed"
    USED = "used"


class Import(TenantRow, Base):
    """Import of one file.

    Its rows are imported in batches, in the order of the file: everything up to `line_reached` has been imported or
    rejected.
    """

    __tablename__ = "imports"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        tenant_fk("api_key_id", "api_keys"),
        one_of("kind", ImportKind),
        one_of("status", ImportStatus),
        length("file_name", 255),
        length("failure", 1000),
        length("preview_failure", 1000),
        CheckConstraint(
            "least(rows_total, rows_created, rows_updated, rows_unchanged, rows_rejected) >= 0",
            name="check_import_counts_positive",
        ),
        CheckConstraint("least(rows_remarked, rows_left_out) >= 0", name="check_import_remarks_positive"),
        CheckConstraint("percent_read BETWEEN 0 AND 100", name="check_percent_read"),
        CheckConstraint(
            "(status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="check_import_finished_at",
        ),
        CheckConstraint("line_reached >= 0", name="check_line_reached"),
        CheckConstraint("octet_length(header_hash) = 32", name="check_header_hash"),
        length("confirmed_source", 60),
        one_of("undo", ImportUndo),
        CheckConstraint(
            "(undo IS NOT DISTINCT FROM 'done') = (undone_at IS NOT NULL)",
            name="check_undone_at",
        ),
        Index("idx_imports_date", "organization_id", text("created_at DESC"), text("id DESC")),
        Index(
            "idx_imports_api_key",
            "organization_id",
            "api_key_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("api_key_id IS NOT NULL"),
        ),
    )

    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=ImportStatus.UPLOADED)
    file_name: Mapped[str] = mapped_column(info=holds.MENTIONS)
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str] = mapped_column(info=holds.NOBODY)
    #: When the file was deleted, because a person in it was erased.
    file_deleted_at: Mapped[datetime | None]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.STAFF)
    #: SHA-256 of the column names, once the whole file has been read.
    header_hash: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.NOBODY)
    #: The source that a user has confirmed, although ids or rows of the file are known otherwise.
    confirmed_source: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    create_users: Mapped[bool] = mapped_column(server_default=text("false"))
    percent_read: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    rows_total: Mapped[int] = mapped_column(server_default=text("0"))
    rows_created: Mapped[int] = mapped_column(server_default=text("0"))
    rows_updated: Mapped[int] = mapped_column(server_default=text("0"))
    rows_unchanged: Mapped[int] = mapped_column(server_default=text("0"))
    rows_rejected: Mapped[int] = mapped_column(server_default=text("0"))
    rows_remarked: Mapped[int] = mapped_column(server_default=text("0"))
    rows_left_out: Mapped[int] = mapped_column(server_default=text("0"))
    line_reached: Mapped[int] = mapped_column(server_default=text("0"))
    users_created: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.STAFF)
    #: The columns of the file that the mapping doesn't use, once the whole file has been read. Those of a file without
    #: a header are the values of its first row.
    skipped_columns: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.MENTIONS)
    failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: Effect of the whole file, or the reason why it is unknown; both are empty after the start.
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=holds.MENTIONS)
    preview_failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    undo: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    undo_counts: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=holds.NOBODY)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    #: The key that started it, if no person did.
    api_key_id: Mapped[UUID | None]


class RejectedValue(TenantRow, Base):
    """A value of the file that was rejected, with the reason.

    `line` is the line in the file as people count it. A warning (`is_remark`) does not cause its row to be rejected.
    """

    __tablename__ = "import_errors"
    __table_args__ = tenant_table(
        tenant_fk("import_id", "imports", "CASCADE"),
        CheckConstraint("line >= 1", name="check_line_positive"),
        Index("idx_import_errors_import", "organization_id", "import_id", "line", "id"),
    )

    import_id: Mapped[UUID]
    line: Mapped[int]
    column_name: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    value: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    reason: Mapped[str] = mapped_column(info=holds.MENTIONS)
    is_remark: Mapped[bool] = mapped_column(server_default=text("false"))


class ImportedRow(TenantRow, Base):
    """A record that an import created or changed; if changed, `before` has the previous column values.

    `stays` is the reason why an undo would retain it, if that is known.
    """

    __tablename__ = "import_rows"
    __table_args__ = tenant_table(
        tenant_fk("import_id", "imports", "CASCADE"),
        CheckConstraint("line >= 1", name="check_imported_line"),
        length("resource", 60),
        one_of("effect", ImportEffect),
        one_of("stays", WhyItStays),
        CheckConstraint("(effect = 'updated') = (before IS NOT NULL)", name="check_before"),
        UniqueConstraint("organization_id", "import_id", "resource", "record_id", name="uq_import_rows_record"),
        Index(
            "idx_import_rows_staying",
            "organization_id",
            "import_id",
            "line",
            "id",
            postgresql_where=text("stays IS NOT NULL"),
        ),
    )

    import_id: Mapped[UUID]
    line: Mapped[int]
    resource: Mapped[str] = mapped_column(info=holds.NOBODY)
    record_id: Mapped[UUID]
    effect: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=holds.MENTIONS)
    stays: Mapped[str | None]


class ImportMapping(TenantRow, Versioned, Base):
    """A saved mapping: how the columns of a file are read, under a name."""

    __tablename__ = "import_mappings"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        UniqueConstraint("organization_id", "kind", "name", name="uq_import_mappings_kind_name"),
        one_of("kind", ImportKind),
        length("name", 60, 2),
        CheckConstraint("jsonb_typeof(mapping) = 'object'", name="check_mapping"),
    )

    kind: Mapped[str]
    name: Mapped[str] = mapped_column(info=holds.MENTIONS)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, info=holds.MENTIONS)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
