"""Personal data in contacts, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import Personal, Way

_ADDRESS = dict.fromkeys(("address_line_1", "address_line_2", "city", "state", "zip", "country"), Way.CLEARED)

#: Personal columns of a contact, wherever its row is found.
CARD = {
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
        _l("Contact notes"),
        lambda c, who: c.contact_card_id == who.card_id,
        {"body": Way.WORD},
        "contact_note",
        how="contact_card_id",
    ),
    Personal(
        "contact_cards",
        _l("Contact"),
        lambda c, who: c.id == who.card_id,
        CARD,
        "contact_card",
        how="id",
        is_last=True,
    ),
)
