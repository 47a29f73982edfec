"""The JSON API of contacts, whose numbers are inside them."""

from app.declarations.api import Api, InsideApi, NoApi, Write
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

CONTACTS = Api(
    CONTACT_CARD,
    path="contacts",
    key="contact",
    records=contact_records,
    record=ContactRecord,
    read=Permission.CONTACTS_READ,
    create=Write(
        Permission.CONTACTS_WRITE,
        create_contact,
        ContactBody,
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
        ContactBody,
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
    NoApi(CONTACT_NOTE, "later: part 2"),
    NoApi(CONTACT_DISTINCTION, "later: part 2"),
)
