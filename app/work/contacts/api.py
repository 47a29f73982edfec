"""The JSON API of contacts, whose numbers are inside them."""

from app.declarations.api import Api, InsideApi, NoApi, Write
from app.declarations.entered_fields import input_with, record_with, records_with
from app.errors import Conflict
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.contacts.list_queries import contact_records
from app.work.contacts.record_service import change_contact, create_contact
from app.work.contacts.resource import (
    CONTACT_CARD,
    CONTACT_DISTINCTION,
    CONTACT_NOTE,
    CONTACT_PHONE,
)
from app.work.contacts.schemas import ContactBody, ContactRecord

_BODY = input_with(CONTACT_CARD, ContactBody)

CONTACTS = Api(
    CONTACT_CARD,
    path="contacts",
    key="contact",
    records=records_with(CONTACT_CARD, contact_records),
    record=record_with(CONTACT_CARD, ContactRecord),
    read=Permission.CONTACTS_READ,
    create=Write(
        Permission.CONTACTS_WRITE,
        create_contact,
        _BODY,
        example={
            "firstName": "Dana",
            "lastName": "Whitfield",
            "primaryPhone": "+15125550142",
            "email": "dana@example.com",
            "tags": ["referral"],
        },
        errors=(Conflict,),
    ),
    change=Write(
        Permission.CONTACTS_WRITE,
        change_contact,
        _BODY,
        example={"city": "Austin", "state": "TX", "zip": "78745"},
        errors=(Conflict,),
    ),
    delete=Write(
        Permission.CONTACTS_DELETE,
        lambda actor, contact_id: delete(actor, "contact_card", [contact_id]),
        errors=(Conflict,),
    ),
)

API = (
    CONTACTS,
    InsideApi(CONTACT_PHONE, inside=CONTACTS),
    NoApi(CONTACT_NOTE, "It is not part of the first version of the API."),
    NoApi(CONTACT_DISTINCTION, "It is not part of the first version of the API."),
)
