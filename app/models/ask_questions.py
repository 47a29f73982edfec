"""Questions that people asked about their calls, and the answers."""

from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table


class AskScope(StrEnum):
    """Calls that a question covers: the user's own, those of their team, or all."""

    SELF = "self"
    TEAM = "team"
    COMPANY = "company"


class AskQuestion(TenantRow, Base):
    """A question with its answer.

    `citations` are [{call_id, turn, text}], in the order of the answer. `cost` has a precision of a millionth of the
    currency.
    """

    __tablename__ = "ask_questions"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users"),
        one_of("scope", AskScope),
        length("question", 1000),
        CheckConstraint("jsonb_typeof(citations) = 'array'", name="check_citations"),
        CheckConstraint("cost >= 0", name="check_cost_positive"),
        Index("idx_ask_questions_user", "organization_id", "user_id", text("created_at DESC"), text("id DESC")),
    )

    user_id: Mapped[UUID | None]
    user_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    question: Mapped[str] = mapped_column(info=holds.MENTIONS)
    scope: Mapped[str]
    answer: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.MENTIONS)
    cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
