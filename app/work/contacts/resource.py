"""Resources of contacts, their numbers and notes: labels, fields and access."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from sqlalchemy import ColumnElement, func, select

from app.audit.actions import Action
from app.db.joins import refers_to
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Phone, Priority, Tags
from app.declarations.found import Found
from app.declarations.listed import Listed
from app.declarations.merging import Chosen, Merging, Together
from app.declarations.resource import Model, Resource, Title, Words
from app.declarations.revertible import Revertible, each
from app.declarations.stored import entered_as, entered_on_page, not_entered, not_returned, returned_as
from app.models import ContactCard, ContactDistinction, ContactNote, ContactPhone, ContactSource
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope, unscoped
from app.work.contacts.column_resource import CONTACT_COLUMNS
from app.work.contacts.filters import ContactFilters
from app.work.contacts.import_target_rules import COMPANY_NAME
from app.work.contacts.list_queries import SORTS, contact_list
from app.work.contacts.person_resource import NOTE_PERSON
from app.work.contacts.queries import CONTACT_FINDER, FOUND_BY

CONTACT_LIST = Listed(
    name="contacts",
    label=_l("Contacts"),
    endpoint="contacts.index",
    permission=Permission.CONTACTS_READ,
    filters=ContactFilters,
    query=contact_list,
    sorts=SORTS,
    bar_label=_l("Filter contacts"),
    pickers=("source", "tag", "texts"),
    days=(_l("Added from"), _l("To")),
    filter_words={"q": FOUND_BY, "tag": _l("Tag"), "texts": _l("Texts allowed")},
)


def contact_title(source: Model) -> Title:
    """Return a title for records of `source`: the name of their contact."""

    def title() -> ColumnElement[Any]:
        called = unscoped(
            select(ContactCard.display_name), why="a contact's name is visible to everyone who can see the row"
        )
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
    listed=CONTACT_LIST,
    merge_rules=(Chosen, Together),
    stored=CONTACT_COLUMNS,
    found=Found(
        by=((CONTACT_FINDER, ContactCard.id),),
        at=lambda: ContactCard.updated_at,
        named=lambda: func.concat_ws(" ", ContactCard.full_name, ContactCard.company_name),
        line=lambda: {
            "number": ContactCard.primary_phone,
            "company_name": ContactCard.company_name,
            "city": ContactCard.city,
        },
    ),
    fields=(
        Field(
            "name",
            lazy_pgettext("person or thing", "Name"),
            column=Column(is_fixed=True),
            sort="name",
            shows="display_name",
            recorded=(),
        ),
        Field("company_name", _l("Company"), column=Column(Priority.WIDER), imported=COMPANY_NAME),
        Field(
            "number",
            _l("Number"),
            Phone(),
            Column(Priority.WIDE, is_whole=True),
            shows="primary_phone",
            recorded=("primary_phone",),
        ),
        Field("email", _l("Email"), column=Column(Priority.WIDER)),
        Field("address_line_1", _l("Address"), file=FileColumn()),
        Field("address_line_2", _l("Address line 2"), file=FileColumn()),
        Field("city", _l("City"), column=Column(Priority.WIDEST)),
        Field("state", _l("State or region"), file=FileColumn()),
        Field("zip", _l("ZIP or postal code"), file=FileColumn()),
        Field("last_call_at", _l("Last call"), Moment("relative"), Column(Priority.WIDE, is_whole=True), recorded=()),
        Field("source", _l("Source"), Choice(ContactSource), Column(Priority.WIDEST)),
        Field("tags", _l("Tags"), Tags(), Column(Priority.WIDEST)),
        Field("sms_opt_out_at", _l("Opted out of texts since"), Moment(), file=FileColumn()),
        Field("created_at", _l("Added at"), Moment(), Column(Priority.WIDEST, is_whole=True), sort="createdAt"),
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
    revert=_l("Edit a contact’s phone numbers on the contact’s page."),
    merging=Merging(ContactPhone.contact_card_id),
    stored=(
        returned_as("secondary_phones", "phone"),
        not_returned("The numbers are inside their contact.", "contact_card_id"),
        entered_as("other_phones", "phone"),
        not_entered("The numbers are entered with their contact.", "contact_card_id"),
    ),
)

CONTACT_DISTINCTION = Resource(
    name="contact_distinction",
    model=ContactDistinction,
    words=Words(_l("pair of contacts marked as different"), _l("pairs of contacts marked as different")),
    icon="users",
    scope=Scope((Permission.CONTACTS_READ,), own_rows.distinctions),
    stored=(
        not_entered(
            "The page shows the two contacts that a person marks as different.", "contact_card_id", "other_card_id"
        ),
    ),
)

CONTACT_NOTE = Resource(
    name="contact_note",
    model=ContactNote,
    words=Words(
        _l("contact note"),
        _l("contact notes"),
        lambda n, count: ngettext("%(count)s contact note", "%(count)s contact notes", n, count=count),
    ),
    icon="message-square",
    title=contact_title(ContactNote),
    page=("contacts.edit_note", "contact_note_id"),
    scope=Scope((Permission.CONTACTS_READ,), own_rows.contact_notes),
    revert=Revertible(Action.CONTACT_NOTE_REVERTED, each(Permission.CONTACTS_WRITE, "body")),
    person=NOTE_PERSON,
    stored=(
        not_entered(
            "The note is written on the page of its contact or of one of the contact’s appointments, by its author.",
            "contact_card_id",
            "appointment_id",
            "user_id",
            "author_label",
        ),
        entered_on_page("body"),
    ),
)
