"""What the page of one answer shows besides it, and what the panel of answers finds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import list_history
from app.db.filters import MAX_SEARCH_LENGTH
from app.lists.history_page import Happened, Happening, history_of
from app.models import KnowledgeItem
from app.security.actor import Actor
from app.work.knowledge.queries import list_answers
from app.work.knowledge.resource import KNOWLEDGE_ITEM
from app.work.knowledge.rules import stale_before

_NAMED: Mapping[str, Happening] = {
    Action.KNOWLEDGE_ITEM_CONFIRMED: (_l("Confirmed by %(name)s"), "circle-check"),
}

#: What was typed into the panel, in the address of the page that it stands beside.
ASKED = "asked"
_MOST_ANSWERS = 8


def history(actor: Actor, item: KnowledgeItem) -> Sequence[Happened]:
    """What happened to it, the latest first."""
    entries = list_history(actor, "knowledge_item", item.id, events=(Action.KNOWLEDGE_ITEM_CONFIRMED,))
    return history_of(KNOWLEDGE_ITEM, entries, _NAMED)


def stale_since() -> datetime:
    """What was confirmed before is to be looked at; to the day, so that drawn rows are kept for as long."""
    return stale_before(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def answers_to(actor: Actor, typed: str) -> Sequence[KnowledgeItem]:
    """What the panel offers for what was typed there; of a very long text the beginning is looked for."""
    return list_answers(actor, typed[:MAX_SEARCH_LENGTH], _MOST_ANSWERS)


def hidden_parts(address: str, more: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The path of an address, and what a form sends along to come back to it: `more` too, but not what was typed."""
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != ASKED and name not in more]
    return parts.path, [*kept, *more.items()]
