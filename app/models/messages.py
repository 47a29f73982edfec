"""Messages to and from people: email and text messages."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table
from app.models.users import Role


class Channel(StrEnum):
    """Channel of a message: text message or email."""

    SMS = "sms"
    EMAIL = "email"


class MessageDirection(StrEnum):
    """Direction of a message, as seen from the organization."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class MessageStatus(StrEnum):
    """Status of a message.

    Without a provider, messages remain queued. Users can mark a queued text message as sent, or cancel it.
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: The message has been sent, whatever happened afterwards.
SENT_STATUSES = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)


class Message(TenantRow, Base):
    """An email or a text message.

    A secret link is stored in `link_secret`, encrypted, and not in `body`. `receiver_id` and `receiver_role` are those
    of the colleague who receives it; an invited person has only a role. `template` is the kind of email; for an email
    that is rendered when it is sent, `about_id` is the id of the record it is about. `missed_entry_id` is the id of the
    missed-call entry that a text message is for. `dedupe_key` identifies a message that can be sent only once, such as
    a reminder of an appointment.
    """

    __tablename__ = "messages"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards"),
        tenant_fk("appointment_id", "appointments"),
        tenant_fk("missed_entry_id", "missed_call_entries"),
        tenant_fk("receiver_id", "users"),
        one_of("channel", Channel),
        one_of("direction", MessageDirection),
        one_of("status", MessageStatus),
        one_of("receiver_role", Role),
        length("to_address", 254),
        length("subject", 200),
        length("body", 10_000, 0),
        CheckConstraint(
            r"channel <> 'sms' OR to_address = 'Erased' OR to_address ~ '^\+[1-9]\d{1,14}$'", name="check_sms_to_number"
        ),
        CheckConstraint("cost >= 0", name="check_cost_positive"),
        Index(
            "idx_messages_contact_date",
            "organization_id",
            "contact_card_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("contact_card_id IS NOT NULL"),
        ),
        Index(
            "idx_messages_appointment",
            "organization_id",
            "appointment_id",
            postgresql_where=text("appointment_id IS NOT NULL"),
        ),
        Index(
            "idx_messages_missed_entry",
            "organization_id",
            "missed_entry_id",
            postgresql_where=text("missed_entry_id IS NOT NULL"),
        ),
        Index("idx_messages_to", "organization_id", text("lower(to_address)")),
        Index(
            "idx_messages_from",
            "organization_id",
            text("lower(from_address)"),
            postgresql_where=text("from_address IS NOT NULL"),
        ),
        Index("uq_messages_provider_sid", "organization_id", "provider_sid", unique=True),
        Index("uq_messages_dedupe_key", "organization_id", "dedupe_key", unique=True),
        Index("idx_messages_date", "organization_id", text("created_at DESC"), text("id DESC")),
    )

    channel: Mapped[str]
    direction: Mapped[str] = mapped_column(server_default=MessageDirection.OUTBOUND)
    to_address: Mapped[str] = mapped_column(info=holds.PERSONAL)
    from_address: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    subject: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    body: Mapped[str] = mapped_column(info=holds.MENTIONS)
    link_secret: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.SECRET)
    template: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=MessageStatus.QUEUED)
    receiver_id: Mapped[UUID | None]
    receiver_role: Mapped[str | None]
    provider_sid: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    error_code: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    contact_card_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    missed_entry_id: Mapped[UUID | None]
    dedupe_key: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    about_id: Mapped[UUID | None]
    sent_at: Mapped[datetime | None]
