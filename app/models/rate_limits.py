"""Counters of the rate limits. Unlogged: a crash forgets them, which costs nothing."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class RateLimit(Base):
    """How often something was done from `started_at` to `expires_at`. Keys hold no personal data in clear."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index("idx_rate_limits_expiry", "expires_at"), {"prefixes": ["UNLOGGED"]})

    key: Mapped[str] = mapped_column(primary_key=True)
    hits: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
