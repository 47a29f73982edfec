"""Editing the knowledge base, and counting uses of its answers.

A change locks the item first. Setting values that are already set changes nothing, so submitting a form twice has no
further effect.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.transaction import add_once, find_sent, translated_integrity_errors
from app.errors import Conflict
from app.extensions import db
from app.models import KnowledgeItem
from app.models.organizations import Language
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.once_service import is_first_sent
from app.work.knowledge.queries import find_item, get_item
from app.work.knowledge.rules import stale_before


def add(
    actor: Actor,
    knowledge_item_id: UUID,
    *,
    question: str,
    answer: str,
    category: str,
    language: Language,
    is_active: bool,
) -> KnowledgeItem:
    """Create a knowledge item; `knowledge_item_id` is generated with the form.

    A form submitted twice creates one item. Raises Forbidden, ValidationFailed, and Conflict if the form was submitted
    with other values before.
    """
    actor.requires(Permission.KNOWLEDGE_WRITE)
    wanted = {
        "question": question,
        "answer": answer,
        "category": category,
        "language": language,
        "is_active": is_active,
    }
    find = partial(_find_made, actor, knowledge_item_id, wanted)
    return find_sent(knowledge_item_id, find) or add_once(
        KnowledgeItem(organization_id=actor.organization_id, id=knowledge_item_id, **wanted), find
    )


def edit(
    actor: Actor,
    knowledge_item_id: UUID,
    *,
    question: str,
    answer: str,
    category: str,
    language: Language,
    is_active: bool,
    version: int,
) -> KnowledgeItem:
    """Edit a knowledge item, which also confirms it unless nothing has changed.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed.
    """
    actor.requires(Permission.KNOWLEDGE_WRITE)
    item = get_item(actor, knowledge_item_id, lock=True)
    wanted = {
        "question": question,
        "answer": answer,
        "category": category,
        "language": language,
        "is_active": is_active,
    }
    before = shown(item)
    if before == wanted:
        return item
    item.refuse_stale(version, before)
    with translated_integrity_errors():
        for name, value in wanted.items():
            setattr(item, name, value)
        item.confirmed_at = datetime.now(UTC)
        db.session.flush()
    return item


def confirm(actor: Actor, knowledge_item_id: UUID, *, version: int) -> bool:
    """Confirm that an answer is still right. Returns whether a confirmation was due.

    Raises NotFound, Forbidden, VersionConflict.
    """
    actor.requires(Permission.KNOWLEDGE_WRITE)
    item = get_item(actor, knowledge_item_id, lock=True)
    now = datetime.now(UTC)
    if item.confirmed_at >= stale_before(now):
        return False
    item.refuse_stale(
        version, shown(item), _l("Someone changed this knowledge item after you opened it. Review it first.")
    )
    item.confirmed_at = now
    name_action(Action.KNOWLEDGE_ITEM_CONFIRMED, item)
    return True


def count_use(actor: Actor, knowledge_item_id: UUID, form_id: UUID) -> None:
    """Count a use of an answer, by anyone who can read it.

    The item's version stays the same, so open forms stay valid. `form_id` is generated with the form: submitting it
    twice counts once. Raises Forbidden and NotFound.
    """
    actor.requires(Permission.KNOWLEDGE_READ)
    item = get_item(actor, knowledge_item_id)
    if not is_first_sent(actor, form_id, f"knowledge.count_use {item.id}"):
        return
    db.session.execute(
        update(KnowledgeItem)
        .where(KnowledgeItem.organization_id == item.organization_id, KnowledgeItem.id == item.id)
        .values(usage_count=KnowledgeItem.usage_count + 1, last_used_at=datetime.now(UTC)),
        execution_options={"synchronize_session": False},
    )
    db.session.expire(item)


def shown(item: KnowledgeItem) -> dict[str, Any]:
    """Return the values that the form of an item shows, by field name."""
    return {
        "question": item.question,
        "answer": item.answer,
        "category": item.category,
        "language": item.language,
        "is_active": item.is_active,
    }


def _find_made(actor: Actor, knowledge_item_id: UUID, wanted: Mapping[str, Any]) -> KnowledgeItem | None:
    """Return the item that the same form has created, or None.

    Raises Conflict if the form was submitted with other values.
    """
    there = find_item(actor, knowledge_item_id)
    if there is not None and shown(there) != wanted:
        raise Conflict(None, _l("This form was already submitted. Open a new one to add another knowledge item."))
    return there
