"""The JSON API of contacts."""

from app.declarations.api import NoApi
from app.work.contacts.resource import (
    CONTACT_CARD,
    CONTACT_DISTINCTION,
    CONTACT_NOTE,
    CONTACT_PHONE,
)

API = (
    NoApi(CONTACT_CARD, "later: part 1"),
    NoApi(CONTACT_PHONE, "later: part 1"),
    NoApi(CONTACT_NOTE, "later: part 2"),
    NoApi(CONTACT_DISTINCTION, "later: part 2"),
)
