"""Knowledge items: questions that callers ask, with the answer; and texts that notes begin with."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Computed, Index, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
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
    tenant_table,
)
from app.models.contacts import Imported, imported_once
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


class KnowledgeItem(TenantRow, Versioned, SoftDeleted, Imported, Base):
    """`search` holds the words that find it; `usage_count` and `last_used_at` tell how often it answered somebody.

    `confirmed_at` is when it was written, changed, or last said to be right still.
    """

    unversioned: ClassVar = frozenset({"usage_count", "last_used_at", "confirmed_at"})

    __tablename__ = "knowledge_items"
    __table_args__ = tenant_table(
        *soft_delete_constraints("knowledge_items"),
        *imported_once("knowledge_items"),
        one_of("language", Language),
        length("question", 500, 10),
        length("answer", 5000, 10),
        length("category", 50),
        CheckConstraint("usage_count >= 0", name="check_usage_count_positive"),
        Index("idx_knowledge_category", "organization_id", "category", "is_active"),
        Index("idx_knowledge_usage", "organization_id", text("usage_count DESC"), text("last_used_at DESC")),
        Index("idx_knowledge_most_used", "organization_id", text("usage_count DESC"), text("id DESC")),
        Index("idx_knowledge_confirmed", "organization_id", "confirmed_at", "id"),
        Index("idx_knowledge_date", "organization_id", text("created_at DESC"), text("id DESC")),
        Index("idx_knowledge_deleted", "organization_id", "is_deleted"),
        Index("idx_knowledge_search", "search", postgresql_using="gin"),
        # By words that differ by a letter; used by the database's function `knowledge_misspelt`.
        Index(
            "idx_knowledge_misspelt",
            text("search_misspelt(organization_id, ARRAY[question], false)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    question: Mapped[str] = mapped_column(info=holds.MENTIONS)
    answer: Mapped[str] = mapped_column(info=holds.MENTIONS)
    category: Mapped[str] = mapped_column(info=holds.NOBODY)
    language: Mapped[str] = mapped_column(server_default=Language.ENGLISH)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    usage_count: Mapped[int] = mapped_column(server_default=text("0"))
    last_used_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed(_SEARCH_WORDS, persisted=True), deferred=True, info=holds.NOBODY
    )


class NoteTemplateKind(StrEnum):
    """Which notes it is offered for."""

    ANY = "any"
    CALL = "call"
    CONTACT = "contact"


class NoteTemplate(TenantRow, Versioned, SoftDeleted, Base):
    """A text that a note begins with, under a name that only one of the organization has, whatever the case."""

    __tablename__ = "note_templates"
    __table_args__ = tenant_table(
        *soft_delete_constraints("note_templates"),
        one_of("kind", NoteTemplateKind),
        length("name", 60),
        length("body", 5000),
        Index(
            "uq_note_templates_name",
            "organization_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_note_templates_name", "organization_id", text("lower(name)"), "id"),
        Index("idx_note_templates_deleted", "organization_id", "is_deleted"),
    )

    name: Mapped[str] = mapped_column(info=holds.NOBODY)
    body: Mapped[str] = mapped_column(info=holds.MENTIONS)
    kind: Mapped[str] = mapped_column(server_default=NoteTemplateKind.ANY)
