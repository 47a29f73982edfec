"""Connections to other systems: webhooks, credentials, tasks sent to providers, and outbound streams."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, length, one_of, tenant_fk, tenant_table


class Provider(StrEnum):
    TWILIO = "twilio"
    VAPI = "vapi"
    CALLRAIL = "callrail"
    SHUNYA = "shunya"
    BILLING = "billing"


class WebhookAuthentication(StrEnum):
    """The proof that VAPI sent a request: an HMAC of the body, or the secret itself as a bearer token."""

    SIGNATURE = "signature"
    BEARER = "bearer"


class DeliveryStatus(StrEnum):
    RECEIVED = "received"
    PROCESSED = "processed"
    FAILED = "failed"
    DEAD = "dead"
    IGNORED = "ignored"


class IgnoredReason(StrEnum):
    """Reason why a delivery has no effect."""

    WRONG_SIGNATURE = "wrong_signature"
    OTHER_ORGANIZATION = "other_organization"
    OTHER_COMPANY = "other_company"
    NAMES_NO_CALL = "names_no_call"
    NAMES_NO_MESSAGE = "names_no_message"
    CALLS_NOT_PROCESSED = "calls_not_processed"
    TEXTS_NOT_PROCESSED = "texts_not_processed"
    UNUSED_EVENT = "unused_event"
    UNKNOWN_TASK = "unknown_task"
    INCOMPLETE = "incomplete"


class StreamPause(StrEnum):
    """Reason why the app paused a stream: the person who set it up is gone or lacks a permission."""

    CREATOR_GONE = "creator_gone"
    CREATOR_LACKS_PERMISSION = "creator_lacks_permission"


class ProviderTaskStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    COMPLETED = "completed"
    FAILED = "failed"


class WebhookDelivery(TenantRow, Base):
    """A request from a provider, byte for byte.

    For one with a wrong signature, only the hash and the first 1,024 bytes are stored. `effects` lists what it created
    or changed: [{resource_type, resource_id, action}]. `next_attempt_at` is set while it waits to be processed,
    `delayed_at` if it was found to be the one that had waited longest.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = tenant_table(
        one_of("provider", Provider),
        one_of("status", DeliveryStatus),
        one_of("ignored_because", IgnoredReason),
        length("correlation_id", 128),
        length("event_type", 100),
        length("external_id", 200),
        length("error", 1000),
        CheckConstraint("octet_length(body_sha256) = 32", name="check_body_sha256_length"),
        CheckConstraint("signature_ok OR octet_length(body) <= 1024", name="check_unsigned_body_is_short"),
        CheckConstraint("signature_ok OR status = 'ignored'", name="check_unsigned_is_ignored"),
        CheckConstraint("(status = 'processed') = (processed_at IS NOT NULL)", name="check_processed_at"),
        CheckConstraint("(status = 'ignored') = (ignored_because IS NOT NULL)", name="check_ignored_has_reason"),
        CheckConstraint(
            "(status IN ('received', 'failed')) = (next_attempt_at IS NOT NULL)", name="check_next_attempt_of_waiting"
        ),
        CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        CheckConstraint("jsonb_typeof(effects) = 'array'", name="check_effects"),
        # CallRail's modifications of a call, whose ID begins those of its events.
        Index(
            "idx_webhook_deliveries_modified",
            "organization_id",
            text("split_part(external_id, ':', 1)"),
            postgresql_where=text("event_type = 'call-modified'"),
        ),
        Index(
            "uq_webhook_deliveries_external",
            "organization_id",
            "provider",
            "external_id",
            unique=True,
            postgresql_where=text("signature_ok"),
        ),
        Index("idx_webhook_deliveries_date", "organization_id", text("created_at DESC"), text("id DESC")),
        Index(
            "idx_webhook_deliveries_status_date", "organization_id", "status", text("created_at DESC"), text("id DESC")
        ),
        Index(
            "idx_webhook_deliveries_due",
            "organization_id",
            "next_attempt_at",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index(
            "idx_webhook_deliveries_refused",
            "organization_id",
            "provider",
            "created_at",
            postgresql_where=text("NOT signature_ok"),
        ),
        Index(
            "idx_webhook_deliveries_provider_date",
            "organization_id",
            "provider",
            text("created_at DESC"),
            text("id DESC"),
        ),
        Index(
            "idx_webhook_deliveries_type_date",
            "organization_id",
            "event_type",
            text("created_at DESC"),
            text("id DESC"),
        ),
        Index("idx_webhook_deliveries_dead", "organization_id", "updated_at", postgresql_where=text("status = 'dead'")),
        Index(
            "idx_webhook_deliveries_delayed",
            "organization_id",
            "delayed_at",
            postgresql_where=text("delayed_at IS NOT NULL"),
        ),
    )

    provider: Mapped[str]
    event_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    external_id: Mapped[str] = mapped_column(info=holds.NOBODY)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.PERSONAL)
    body: Mapped[bytes] = mapped_column(LargeBinary, info=holds.PERSONAL)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary, info=holds.NOBODY)
    correlation_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    signature_ok: Mapped[bool]
    status: Mapped[str] = mapped_column(server_default=DeliveryStatus.RECEIVED)
    ignored_because: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[datetime | None] = mapped_column(server_default=func.clock_timestamp())
    error: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    processed_at: Mapped[datetime | None]
    delayed_at: Mapped[datetime | None]
    effects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.NOBODY)


class Integration(TenantRow, Versioned, Base):
    """An organization's own account with a provider, used instead of the platform's.

    `secrets` are encrypted. If `company_id` is set, events of other companies of the CallRail account are ignored.
    """

    __tablename__ = "integrations"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "provider", name="uq_integrations_provider"),
        one_of("provider", Provider),
        length("account_id", 200),
        length("company_id", 200),
        one_of("webhook_authentication", WebhookAuthentication),
        CheckConstraint("company_id IS NULL OR provider = 'callrail'", name="check_company_id_of_callrail"),
        CheckConstraint(
            "(provider = 'vapi') = (webhook_authentication IS NOT NULL)", name="check_webhook_authentication_of_vapi"
        ),
    )

    provider: Mapped[str]
    account_id: Mapped[str] = mapped_column(info=holds.NOBODY)
    company_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    webhook_authentication: Mapped[str | None]
    secrets: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))


class ProviderTask(TenantRow, Base):
    """A task sent to a provider, once for each natural key such as (call, <id>, csr_analysis).

    `next_attempt_at` is when a queued task is sent, or the result of a sent one is fetched; None if neither is planned.
    `error` is the reason why it failed. `processed_output_hash` is the SHA-256 of the processed result: an identical
    one is ignored.
    """

    __tablename__ = "provider_tasks"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "subject_type", "subject_id", "kind", name="uq_provider_tasks_natural_key"),
        UniqueConstraint("organization_id", "external_task_id", name="uq_provider_tasks_external_task_id"),
        one_of("status", ProviderTaskStatus),
        length("subject_type", 50),
        length("kind", 50),
        length("external_task_id", 200),
        length("error", 1000),
        CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        CheckConstraint(
            "next_attempt_at IS NULL OR status IN ('queued', 'sent')", name="check_next_attempt_of_unfinished"
        ),
        Index("idx_provider_tasks_status", "organization_id", "status", "updated_at"),
        # The platform's account reports a task without naming its organization.
        Index(
            "idx_provider_tasks_external",
            "external_task_id",
            postgresql_where=text("external_task_id IS NOT NULL"),
        ),
        Index(
            "idx_provider_tasks_due",
            "organization_id",
            "next_attempt_at",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
    )

    subject_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    subject_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(info=holds.NOBODY)
    external_task_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=ProviderTaskStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    processed_output_hash: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.NOBODY)


class OutboundStream(TenantRow, Versioned, Base):
    """Stream of the audit trail to a SIEM, sent up to the entry (`sent_pos`, `sent_id`).

    `secret` is encrypted.

    While a delivery is in progress or retried, `delivery_id` identifies it and (`until_pos`, `until_id`) is its last
    entry, so that each retry is the same. `attempts` counts consecutive failures since `failing_since`.

    The stream contains what the person in `created_by` can read. That is whoever created the stream, or later resumed
    it or changed its destination. `paused_because` is set if the app paused it, not a person.
    """

    #: Progress and the results of attempts, written by the worker.
    unversioned = frozenset(
        {"sent_pos", "sent_id", "last_sent_at", "attempts", "last_error", "delivery_id", "until_pos", "until_id"}
        | {"next_try_at", "failing_since", "tested_at", "test_error"}
    )

    __tablename__ = "outbound_streams"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        UniqueConstraint("organization_id", "name", name="uq_outbound_streams_name"),
        length("name", 60, 2),
        length("url", 2000, 9),
        length("last_error", 1000),
        CheckConstraint(r"url ~ '^https://[^\s/]'", name="check_url_format"),
        CheckConstraint("(sent_pos IS NULL) = (sent_id IS NULL)", name="check_sent_up_to"),
        CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        length("test_error", 1000),
        CheckConstraint("num_nonnulls(delivery_id, until_pos, until_id) IN (0, 3)", name="check_delivery"),
        one_of("paused_because", StreamPause),
        CheckConstraint("paused_because IS NULL OR NOT enabled", name="check_paused_is_not_enabled"),
    )

    name: Mapped[str] = mapped_column(info=holds.NOBODY)
    url: Mapped[str] = mapped_column(info=holds.NOBODY)
    secret: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    paused_because: Mapped[str | None]
    sent_pos: Mapped[int | None] = mapped_column(BigInteger)
    sent_id: Mapped[UUID | None]
    last_sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    delivery_id: Mapped[UUID | None]
    until_pos: Mapped[int | None] = mapped_column(BigInteger)
    until_id: Mapped[UUID | None]
    next_try_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    tested_at: Mapped[datetime | None]
    test_error: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
