"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select

from app.declarations.personal import ColumnsOf, Personal, Traces, Way
from app.models import Base, MergeStatus
from app.security.scope import unscoped

_ADDRESS = dict.fromkeys(("address_line_1", "address_line_2", "city", "state", "zip", "country"), Way.CLEARED)

_CARD = {
    "primary_phone": Way.CLEARED,
    "email": Way.CLEARED,
    "company_name": Way.CLEARED,
    "first_name": Way.WORD,
    "last_name": Way.CLEARED,
    **_ADDRESS,
    "property_snapshot": Way.EMPTIED,
    "last_call_summary": Way.CLEARED,
    "primary_intent": Way.CLEARED,
    "risks": Way.EMPTIED,
    "tags": Way.EMPTIED,
    "custom_metadata": Way.EMPTIED,
    "timezone": Way.CLEARED,
    "external_source": Way.CLEARED,
    "external_id": Way.CLEARED,
    "external_fingerprint": Way.CLEARED,
}


def _merged_into(c: Any, who: Traces) -> ColumnElement[bool]:
    """Cards in the trash that became part of the person's, also by way of others."""
    merges = Base.metadata.tables["contact_merges"]
    done = (merges.c.organization_id == who.organization_id, merges.c.status == MergeStatus.DONE.value)
    theirs = unscoped(select(merges.c.merged_card_id), why="all that is kept of a person is found, whoever sees it")
    found = theirs.where(merges.c.kept_card_id == who.card_id, *done).cte(recursive=True)
    further = theirs.where(merges.c.kept_card_id == found.c.merged_card_id, *done)
    return and_(c.deleted_at.is_not(None), c.id.in_(select(found.union(further).c.merged_card_id)))


PERSONAL = (
    Personal(
        "contact_phones",
        _l("Numbers"),
        lambda c, who: c.contact_card_id == who.card_id,
        {"phone": Way.CLEARED},
        "contact_phone",
        removed=True,
        how="contact_card_id",
    ),
    Personal(
        "contact_notes",
        _l("Notes about the contact"),
        lambda c, who: c.contact_card_id == who.card_id,
        {"body": Way.WORD},
        "contact_note",
        how="contact_card_id",
    ),
    Personal("contact_cards", _l("Contacts merged into it"), _merged_into, _CARD, "contact_card", how="contact_merges"),
    Personal(
        "contact_cards",
        _l("Contact card"),
        lambda c, who: c.id == who.card_id,
        _CARD,
        "contact_card",
        how="the card",
        is_last=True,
    ),
)

COLUMNS = (
    ColumnsOf(
        "contact_cards",
        mentions=("property_snapshot", "last_call_summary", "primary_intent", "risks", "tags", "custom_metadata"),
        staff=("created_by_label",),
    ),
    ColumnsOf("contact_distinctions", staff=("created_by_label",)),
    ColumnsOf("contact_merges", staff=("requested_by_label",), nobody=("choices", "unrecorded", "failure")),
    ColumnsOf("contact_notes", mentions=("body",), staff=("author_label",)),
)
