"""Recordings of appointments, and the parts in which a phone uploads them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    length,
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)

NEWEST_FIRST = (text("started_at DESC"), text("id DESC"))


class RecordingStatus(StrEnum):
    RECORDING = "recording"
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class RecordingFailure(StrEnum):
    """Reasons why an uploaded recording can't be played.

    The file of one that was NOT_PREPARED is still in parts: its job was given up, and can be retried.
    """

    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    DAMAGED = "damaged"
    TOOK_TOO_LONG = "took_too_long"
    NOT_PREPARED = "not_prepared"


class Consent(StrEnum):
    """The customer's consent, recorded before the recording starts: given, refused, or not needed."""

    GIVEN = "given"
    REFUSED = "refused"
    NOT_NEEDED = "not_needed"


class RecordingSession(TenantRow, Versioned, SoftDeleted, Base):
    """A recording of an appointment; `call_id` is the id of the visit_call created from it.

    `storage_key` is the key of the parts until they are combined, then that of the whole; `loudness` contains the
    loudness of equal intervals of the audio, 0 to 255 each. A deleted recording hides the audio, transcript and
    analysis of its call.

    An interrupted recording can be continued by another of the same appointment, which refers to it by `continues_id`.
    If parts in the middle never arrived, those after the gap are a recording of their own, which refers to the one
    before the gap by `split_from_id`. A discarded recording retains the `storage_key` of its parts until they are
    removed. At `delayed_at`, people were notified that its preparation takes long.
    """

    __tablename__ = "recording_sessions"
    __table_args__ = tenant_table(
        tenant_fk("appointment_id", "appointments", "RESTRICT"),
        tenant_fk("sales_rep_id", "users", "RESTRICT"),
        tenant_fk("call_id", "calls"),
        # The recording that is continued or ends at a gap has the same appointment and the same consent.
        *(
            ForeignKeyConstraint(
                ["organization_id", "appointment_id", "consent", earlier],
                [f"recording_sessions.{column}" for column in ("organization_id", "appointment_id", "consent", "id")],
                ondelete=f"SET NULL ({earlier})",
            )
            for earlier in ("continues_id", "split_from_id")
        ),
        *soft_delete_constraints("recording_sessions"),
        one_of("status", RecordingStatus),
        one_of("consent", Consent),
        one_of("failure", RecordingFailure),
        CheckConstraint("failure IS NULL OR status = 'failed'", name="check_failure_of_failed"),
        CheckConstraint("continues_id <> id", name="check_continues_another"),
        CheckConstraint("split_from_id <> id", name="check_split_from_another"),
        CheckConstraint("discarded_at IS NULL OR status = 'failed'", name="check_discarded_of_failed"),
        length("content_type", 100),
        CheckConstraint("(status = 'recording') = (ended_at IS NULL)", name="check_recording_ended_at"),
        CheckConstraint("ended_at > started_at", name="check_end_after_start"),
        CheckConstraint("duration_seconds BETWEEN 0 AND 86400", name="check_duration_range"),
        CheckConstraint("audio_bytes BETWEEN 0 AND 209715200", name="check_audio_bytes_range"),
        CheckConstraint("octet_length(loudness) BETWEEN 1 AND 240", name="check_loudness_size"),
        CheckConstraint("consent <> 'refused' OR storage_key IS NULL", name="check_refused_has_no_audio"),
        Index(
            "uq_recording_sessions_open",
            "organization_id",
            "sales_rep_id",
            unique=True,
            postgresql_where=text("status = 'recording' AND deleted_at IS NULL"),
        ),
        Index(
            "uq_recording_sessions_call_id",
            "organization_id",
            "call_id",
            unique=True,
            postgresql_where=text("call_id IS NOT NULL"),
        ),
        Index("uq_recording_sessions_of_visit", "organization_id", "appointment_id", "consent", "id", unique=True),
        Index(
            "uq_recording_sessions_continues_id",
            "organization_id",
            "continues_id",
            unique=True,
            postgresql_where=text("continues_id IS NOT NULL"),
        ),
        Index(
            "uq_recording_sessions_split_from_id",
            "organization_id",
            "split_from_id",
            unique=True,
            postgresql_where=text("split_from_id IS NOT NULL"),
        ),
        Index(
            "idx_recording_sessions_unprepared",
            "organization_id",
            "updated_at",
            postgresql_where=text("status IN ('uploaded', 'processing') AND deleted_at IS NULL"),
        ),
        Index(
            "idx_recording_sessions_discarded",
            "organization_id",
            "discarded_at",
            postgresql_where=text("discarded_at IS NOT NULL AND storage_key IS NOT NULL"),
        ),
        Index("idx_recording_sessions_created", "organization_id", "created_at"),
        Index("idx_recording_sessions_date", "organization_id", *NEWEST_FIRST),
        Index("idx_recording_sessions_rep_date", "organization_id", "sales_rep_id", *NEWEST_FIRST),
        Index(
            "idx_recording_sessions_visit_call",
            "organization_id",
            "appointment_id",
            postgresql_include=["call_id"],
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_recording_sessions_deleted", "organization_id", "is_deleted"),
    )

    appointment_id: Mapped[UUID]
    sales_rep_id: Mapped[UUID]
    call_id: Mapped[UUID | None]
    continues_id: Mapped[UUID | None]
    split_from_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default=RecordingStatus.RECORDING)
    failure: Mapped[str | None]
    consent: Mapped[str]
    storage_key: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    audio_bytes: Mapped[int | None] = mapped_column(BigInteger)
    content_type: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    started_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ended_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    delayed_at: Mapped[datetime | None]
    duration_seconds: Mapped[int | None]
    loudness: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.NOBODY)
    shunya_asr_task_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    shunya_analysis_task_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)

    @property
    def is_undoable(self) -> bool:
        """True if the recording was discarded and its uploaded parts still exist."""
        return self.discarded_at is not None and self.storage_key is not None


class RecordingPart(TenantRow, Base):
    """A part of a recording's upload, counted from 1; `sha256` is the digest of its bytes."""

    __tablename__ = "recording_parts"
    __table_args__ = tenant_table(
        tenant_fk("session_id", "recording_sessions", "CASCADE"),
        UniqueConstraint("organization_id", "session_id", "number", name="uq_recording_parts_number"),
        CheckConstraint("number >= 1", name="check_number_positive"),
        CheckConstraint("bytes BETWEEN 1 AND 209715200", name="check_bytes_range"),
        CheckConstraint("octet_length(sha256) = 32", name="check_sha256_length"),
        Index("idx_recording_parts_session", "organization_id", "session_id"),
    )

    session_id: Mapped[UUID]
    number: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary, info=holds.NOBODY)
    bytes: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
