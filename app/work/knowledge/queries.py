"""Queries for the knowledge base."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.db.conditions import is_any_of
from app.db.paging import Sort, newest_or_oldest_first
from app.db.search import is_found
from app.extensions import db
from app.models import KnowledgeItem
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import find_row, get_row
from app.security.scope import restrict, visible
from app.work.knowledge.filters import KnowledgeFilters
from app.work.knowledge.rules import stale_before

#: Maximum number of categories offered.
MAX_CATEGORIES = 200

SORTS = (
    Sort(
        "-usageCount", KnowledgeItem.usage_count, KnowledgeItem.id, descending=True,
        value_of=lambda row: row.usage_count, parse=int,
    ),
    Sort(
        "usageCount", KnowledgeItem.usage_count, KnowledgeItem.id, descending=False,
        value_of=lambda row: row.usage_count, parse=int,
    ),
    *newest_or_oldest_first("confirmedAt", KnowledgeItem.confirmed_at, KnowledgeItem.id),
    *newest_or_oldest_first("createdAt", KnowledgeItem.created_at, KnowledgeItem.id),
)  # fmt: skip


def knowledge_conditions(filters: KnowledgeFilters, now: datetime) -> list[ColumnElement[bool]]:
    """Translate `filters` to SQL. Staleness is relative to `now`."""
    found: list[ColumnElement[bool]] = [KnowledgeItem.deleted_at.is_(None)]
    if filters.q:
        found.append(is_found(KnowledgeItem.id, "knowledge_found", filters.q))
    if filters.category:
        found.append(KnowledgeItem.category == filters.category)
    if filters.language:
        found.append(is_any_of(KnowledgeItem.language, filters.language))
    if filters.in_use is not None:
        found.append(KnowledgeItem.is_active.is_(filters.in_use))
    if filters.stale is not None:
        since = stale_before(now)
        found.append(KnowledgeItem.confirmed_at < since if filters.stale else KnowledgeItem.confirmed_at >= since)
    return found


def list_categories(actor: Actor) -> Sequence[str]:
    """Return the existing categories by name, at most MAX_CATEGORIES."""
    found = restrict(select(KnowledgeItem.category).distinct(), KnowledgeItem, actor)
    return db.session.scalars(found.order_by(KnowledgeItem.category).limit(MAX_CATEGORIES)).all()


def list_answers(actor: Actor, typed: str, most: int) -> Sequence[KnowledgeItem]:
    """Return at most `most` active answers that match the typed text, the most used first.

    If no text was typed, all active answers match.
    """
    in_use = visible(KnowledgeItem, actor).where(*knowledge_conditions(KnowledgeFilters(q=typed, in_use=True), _now()))
    ordered = in_use.order_by(KnowledgeItem.usage_count.desc(), KnowledgeItem.id.desc())
    return db.session.scalars(ordered.limit(most)).all()


def _now() -> datetime:
    return datetime.now(UTC)


def get_item(actor: Actor, knowledge_item_id: UUID, *, lock: bool = False) -> KnowledgeItem:
    """Return the knowledge item. Raises NotFound."""
    return get_row(actor, KnowledgeItem, knowledge_item_id, named="knowledge_item", lock=lock)


def find_item(actor: Actor, knowledge_item_id: UUID) -> KnowledgeItem | None:
    """Return the knowledge item, or None."""
    return find_row(actor, KnowledgeItem, knowledge_item_id)


_ROW = select(
    KnowledgeItem.id,
    KnowledgeItem.version,
    KnowledgeItem.question,
    KnowledgeItem.answer,
    KnowledgeItem.category,
    KnowledgeItem.language,
    KnowledgeItem.is_active,
    KnowledgeItem.usage_count,
    KnowledgeItem.last_used_at,
    KnowledgeItem.confirmed_at,
    KnowledgeItem.created_at,
)


def _list_conditions(filters: KnowledgeFilters, _actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    return knowledge_conditions(filters, now)


#: Items that match the filters, most used first.
knowledge_list = ListOf(KnowledgeItem, _ROW, narrow=_list_conditions, sorts=SORTS)

#: The same items with all their values.
knowledge_records = ListOf(
    KnowledgeItem, _ROW.add_columns(KnowledgeItem.updated_at), narrow=_list_conditions, sorts=SORTS
)
