"""Counters of the rate limits, in an unlogged table: a crash resets them, which does no harm."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class RateLimit(Base):
    """Number of uses from `started_at` to `expires_at`.

    Keys contain no personal data in plain text.
    """

    __tablename__ = "rate_limits"
    __table_args__ = (Index("idx_rate_limits_expiry", "expires_at"), {"prefixes": ["UNLOGGED"]})

    key: Mapped[str] = mapped_column(primary_key=True)
    hits: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
