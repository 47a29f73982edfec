"""Settings of the AI assistant that answers calls, per organization."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, e164, length, one_of, tenant_table
from app.models.organizations import Language


class AssistantVoice(StrEnum):
    """Voices that the assistant's provider offers."""

    ELLIOT = "elliot"
    KYLIE = "kylie"
    ROHAN = "rohan"
    LILY = "lily"
    SAVANNAH = "savannah"
    HANA = "hana"
    COLE = "cole"
    PAIGE = "paige"


class AssistantModel(StrEnum):
    """Models that the assistant's provider offers, by the provider's names."""

    GPT_4_1 = "gpt-4.1"
    GPT_4_1_MINI = "gpt-4.1-mini"
    GPT_4O = "gpt-4o"
    GPT_4O_MINI = "gpt-4o-mini"


class AiConfig(TenantRow, Versioned, Base):
    """Assistant settings, one row per organization.

    `business_hours` is {monday: [["08:00", "12:00"], …], …} in the organization's time zone; a missing day is closed.
    Callers who ask for a person are put through to `escalation_number`.
    """

    __tablename__ = "ai_configs"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", name="uq_ai_configs_organization_id"),
        one_of("voice", AssistantVoice),
        one_of("language", Language),
        one_of("model", AssistantModel),
        length("assistant_name", 50, 2),
        length("greeting", 500, 10),
        e164("escalation_number"),
        CheckConstraint("temperature BETWEEN 0 AND 1", name="check_temperature_range"),
        CheckConstraint("max_call_minutes BETWEEN 1 AND 60", name="check_max_call_minutes_range"),
        CheckConstraint("are_business_hours(business_hours)", name="check_business_hours"),
    )

    assistant_name: Mapped[str] = mapped_column(info=holds.NOBODY)
    greeting: Mapped[str] = mapped_column(info=holds.NOBODY)
    voice: Mapped[str] = mapped_column(server_default=AssistantVoice.ELLIOT)
    language: Mapped[str] = mapped_column(server_default=Language.ENGLISH)
    model: Mapped[str] = mapped_column(server_default=AssistantModel.GPT_4_1_MINI)
    temperature: Mapped[Decimal] = mapped_column(Numeric(3, 2), server_default=text("0.3"))
    max_call_minutes: Mapped[int] = mapped_column(server_default=text("15"))
    business_hours: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    escalation_number: Mapped[str | None] = mapped_column(info=holds.STAFF)
    enabled: Mapped[bool] = mapped_column(server_default=text("false"))
    vapi_assistant_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
