"""Knowledge items (callers' questions with answers) and note templates."""

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

# The organization is one of the words, so that the index only finds words of one organization. Unstemmed words have the
# highest weight, and the question weighs more than the answer. There is no stemmer for Uzbek.
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
    """A question with its answer; `search` contains its search terms.

    `usage_count` and `last_used_at` record how often it has been used as an answer. `confirmed_at` is when it was
    written, changed, or last confirmed to be correct.
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
        # Search by words that differ by a letter; used by the database function `knowledge_misspelt`.
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
    """Kinds of notes for which a template is offered."""

    ANY = "any"
    CALL = "call"
    CONTACT = "contact"


class NoteTemplate(TenantRow, Versioned, SoftDeleted, Base):
    """Initial text of a note, under a name that is unique in the organization, ignoring case."""

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
