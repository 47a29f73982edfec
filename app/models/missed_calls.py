"""The missed-call queue: entries for people whose calls were not answered, and attempts to reach them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, length, one_of, tenant_fk, tenant_table


class EntryStatus(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    RESCUED = "rescued"
    ANSWERED_LATER = "answered_later"
    LOST = "lost"
    DISMISSED = "dismissed"


#: A callback is still needed.
WAITING_STATUSES = (EntryStatus.OPEN, EntryStatus.CLAIMED)


class RescuedBy(StrEnum):
    AUTO = "auto"
    HUMAN = "human"


class AttemptKind(StrEnum):
    CALL = "call"
    TEXT = "text"


class AttemptBy(StrEnum):
    HUMAN = "human"
    AI = "ai"


class AttemptResult(StrEnum):
    """Result of an attempt: `sent` or `failed` for a text message, anything but `sent` for a call."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    SENT = "sent"
    FAILED = "failed"


class MissedCallEntry(TenantRow, Versioned, Base):
    """Entry of the missed-call queue.

    `call_id` is the first missed call; later ones of the same person refer to the entry by calls.missed_entry_id.
    `first_missed_at` repeats that call's started_at, because the queue's order and figures need it next to the status.
    `first_attempt_seconds` is the business time until the first attempt, by the hours of that day. `next_attempt_at` is
    when to try again to reach the person. `evidence` (label, booked_at) outlives the references of a rescue.

    `csr_id` is the lead's CSR when the call was missed, or the first that the lead got while the caller waited;
    `resolved_csr_id` is the lead's CSR when the entry ended. The trigger `credit` keeps them, so that handing over,
    deleting or restoring the lead changes no number of the past.
    """

    unversioned = frozenset({"claim_expires_at"})

    __tablename__ = "missed_call_entries"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        tenant_fk("contact_card_id", "contact_cards"),
        tenant_fk("lead_id", "leads"),
        tenant_fk("csr_id", "users"),
        tenant_fk("resolved_csr_id", "users"),
        tenant_fk("claimed_by", "users"),
        tenant_fk("rescued_by_user_id", "users"),
        tenant_fk("rescue_call_id", "calls"),
        tenant_fk("rescue_appointment_id", "appointments"),
        UniqueConstraint("organization_id", "call_id", name="uq_missed_call_entries_call_id"),
        one_of("status", EntryStatus),
        one_of("rescued_by", RescuedBy),
        length("outcome_note", 500, 3),
        CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        CheckConstraint("first_attempt_seconds >= 0", name="check_first_attempt_seconds"),
        CheckConstraint(
            "status <> 'rescued' OR (rescued_by IS NOT NULL AND resolved_at IS NOT NULL)", name="check_rescued_complete"
        ),
        CheckConstraint("status <> 'claimed' OR claim_expires_at IS NOT NULL", name="check_claim_is_a_lease"),
        Index("idx_missed_entries_status_due", "organization_id", "status", "sla_due_at", "id"),
        Index("idx_missed_entries_created", "organization_id", "created_at"),
        Index("idx_missed_entries_first", "organization_id", text("first_missed_at DESC"), text("id DESC")),
        # For the queue: few entries are waiting compared with all others.
        Index(
            "idx_missed_entries_waiting",
            "organization_id",
            "first_missed_at",
            "id",
            postgresql_where=text("status IN ('open', 'claimed')"),
        ),
        # The count in the sidebar is read from this index alone, on every page.
        Index(
            "idx_missed_entries_to_do",
            "organization_id",
            "next_attempt_at",
            postgresql_where=text("status IN ('open', 'claimed')"),
        ),
        Index(
            "idx_missed_entries_resolved",
            "organization_id",
            "resolved_at",
            postgresql_where=text("resolved_at IS NOT NULL"),
        ),
        Index("idx_missed_entries_contact", "organization_id", "contact_card_id"),
        Index("idx_missed_entries_lead", "organization_id", "lead_id"),
        Index(
            "idx_missed_entries_claimed_by",
            "organization_id",
            "claimed_by",
            postgresql_where=text("claimed_by IS NOT NULL"),
        ),
        *(
            # Used only to find references when the referenced row is purged.
            Index(
                f"idx_missed_entries_{name}", "organization_id", column, postgresql_where=text(f"{column} IS NOT NULL")
            )
            for name, column in (
                ("rescue_call", "rescue_call_id"),
                ("rescue_appointment", "rescue_appointment_id"),
                ("rescued_by", "rescued_by_user_id"),
                ("csr", "csr_id"),
                ("resolved_csr", "resolved_csr_id"),
            )
        ),
    )

    call_id: Mapped[UUID]
    contact_card_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    csr_id: Mapped[UUID | None]
    resolved_csr_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default=EntryStatus.OPEN)
    first_missed_at: Mapped[datetime]
    sla_due_at: Mapped[datetime]
    claimed_by: Mapped[UUID | None]
    claim_expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    first_attempt_seconds: Mapped[int | None]
    last_attempt_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    rescued_by: Mapped[str | None]
    rescued_by_user_id: Mapped[UUID | None]
    rescue_call_id: Mapped[UUID | None]
    rescue_appointment_id: Mapped[UUID | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.MENTIONS)
    outcome_note: Mapped[str | None] = mapped_column(info=holds.MENTIONS)


class MissedCallAttempt(TenantRow, Base):
    """An attempt to reach a missed caller by a call or a text message.

    `by` states whether a person (`user_id`) or the assistant made it. A text message counts as an attempt once it is
    sent.
    """

    __tablename__ = "missed_call_attempts"
    __table_args__ = tenant_table(
        tenant_fk("entry_id", "missed_call_entries", "CASCADE"),
        tenant_fk("user_id", "users"),
        tenant_fk("call_id", "calls"),
        tenant_fk("message_id", "messages"),
        one_of("kind", AttemptKind),
        one_of("by", AttemptBy),
        one_of("result", AttemptResult),
        CheckConstraint(
            "CASE kind WHEN 'text' THEN result IN ('sent', 'failed') ELSE result <> 'sent' END",
            name="check_result_of_kind",
        ),
        Index("idx_missed_attempts_entry", "organization_id", "entry_id", "at", "id"),
        Index("idx_missed_attempts_user", "organization_id", "user_id", "at"),
        # Used only to find references when the call is purged.
        Index("idx_missed_attempts_call", "organization_id", "call_id", postgresql_where=text("call_id IS NOT NULL")),
        # A text is a single attempt, whoever marks it as sent.
        Index(
            "uq_missed_attempts_message",
            "organization_id",
            "message_id",
            unique=True,
            postgresql_where=text("message_id IS NOT NULL"),
        ),
    )

    entry_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    kind: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    result: Mapped[str]
    call_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
