"""Contacts and contact numbers: what they are called, who sees them, and where."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, select

from app.audit.actions import Action
from app.db.joins import refers_to
from app.declarations.resource import Model, Resource, Title, Words
from app.declarations.revertible import Revertible, each
from app.models import ContactCard, ContactPhone
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope, unscoped


def contact_title(source: Model) -> Title:
    """Called like the person whom a row of `source` is about."""

    def title() -> ColumnElement[Any]:
        called = unscoped(select(ContactCard.display_name), why="whoever sees a row sees whom it is about")
        return called.where(refers_to(ContactCard, source, source.contact_card_id)).scalar_subquery()

    return title


_ADDRESS = ("address_line_1", "address_line_2", "city", "state", "zip", "country", "timezone")

CONTACT_CARD = Resource(
    name="contact_card",
    model=ContactCard,
    words=Words(
        _l("contact"),
        _l("contacts"),
        lambda n, count: ngettext("%(count)s contact", "%(count)s contacts", n, count=count),
    ),
    icon="contact-round",
    title=lambda: ContactCard.display_name,
    page=("contacts.show", "contact_id"),
    scope=Scope((Permission.CONTACTS_READ,), own_rows.contacts),
    revert=Revertible(
        Action.CONTACT_CARD_REVERTED,
        each(Permission.CONTACTS_WRITE, "first_name", "last_name", "company_name", "email", *_ADDRESS)
        | each(Permission.CONTACTS_WRITE, "tags", "custom_metadata", "property_snapshot"),
    ),
)

CONTACT_PHONE = Resource(
    name="contact_phone",
    model=ContactPhone,
    words=Words(
        _l("contact number"),
        _l("contact numbers"),
        lambda n, count: ngettext("%(count)s contact number", "%(count)s contact numbers", n, count=count),
    ),
    icon="smartphone",
    title=lambda: ContactPhone.phone,
    revert=_l("Phone numbers of a contact are changed on the contact’s page."),
)
