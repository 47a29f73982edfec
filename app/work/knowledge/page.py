"""Content of a knowledge item's page, and search results of the answers panel."""

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
    Action.KNOWLEDGE_ITEM_CONFIRMED: (_l("Verified by %(name)s"), "circle-check"),
}

#: Query parameter with the text typed into the panel, on the page next to the panel.
ASKED = "asked"
_MAX_ANSWERS = 8


def history(actor: Actor, item: KnowledgeItem) -> Sequence[Happened]:
    """Return the history of the item, latest first."""
    entries = list_history(actor, "knowledge_item", item.id, events=(Action.KNOWLEDGE_ITEM_CONFIRMED,))
    return history_of(KNOWLEDGE_ITEM, entries, _NAMED)


def stale_since() -> datetime:
    """Return the time before which a confirmation is outdated.

    It changes once a day, so that rendered rows can be cached until then.
    """
    return stale_before(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def answers_to(actor: Actor, typed: str) -> Sequence[KnowledgeItem]:
    """Return the answers that the panel offers for the typed text. Only the beginning of a very long text is used."""
    return list_answers(actor, typed[:MAX_SEARCH_LENGTH], _MAX_ANSWERS)


def hidden_parts(address: str, more: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """Return the path of a URL, and the hidden fields with which a form returns to it.

    The fields include `more`, but not the text typed into the panel.
    """
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != ASKED and name not in more]
    return parts.path, [*kept, *more.items()]
