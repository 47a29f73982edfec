"""Knowledge items: questions that callers ask, with the answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    length,
    one_of,
    soft_delete_constraints,
    tenant_table,
)
from app.models.organizations import Language

# The organization is one of the words, so that the index finds words of one organization only. As they stand they weigh
# most, in the question more than in the answer. There are no word forms of Uzbek.
_STEMS = (
    "CASE language WHEN 'en' THEN 'english'::regconfig WHEN 'ru' THEN 'russian'::regconfig ELSE 'simple'::regconfig END"
)
_SEARCH_WORDS = (
    "array_to_tsvector(ARRAY['o:' || organization_id::text])"
    " || setweight(to_tsvector('simple'::regconfig, question), 'A')"
    f" || setweight(to_tsvector({_STEMS}, question), 'B')"
    f" || setweight(to_tsvector({_STEMS}, answer), 'D')"
)


class KnowledgeItem(TenantRow, Versioned, SoftDeleted, Base):
    """`search` holds the words that find it; `usage_count` and `last_used_at` tell how often it answered somebody."""

    __tablename__ = "knowledge_items"
    __table_args__ = tenant_table(
        *soft_delete_constraints("knowledge_items"),
        one_of("language", Language),
        length("question", 500, 10),
        length("answer", 5000, 10),
        length("category", 50),
        CheckConstraint("usage_count >= 0", name="check_usage_count_positive"),
        Index("idx_knowledge_category", "organization_id", "category", "is_active"),
        Index("idx_knowledge_usage", "organization_id", text("usage_count DESC"), text("last_used_at DESC")),
        Index("idx_knowledge_deleted", "organization_id", "is_deleted"),
        Index("idx_knowledge_search", "search", postgresql_using="gin"),
    )

    question: Mapped[str]
    answer: Mapped[str]
    category: Mapped[str]
    language: Mapped[str] = mapped_column(server_default=Language.ENGLISH)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    usage_count: Mapped[int] = mapped_column(server_default=text("0"))
    last_used_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(_SEARCH_WORDS, persisted=True), deferred=True)
