"""Contacts, with their numbers and notes."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.contacts import (
    api,
    bulk,
    edit_views,
    integrity,
    note_views,
    privacy,
    resource,
    trash,
    views,
)
from app.work.contacts.importing import CONTACTS_IMPORT
from app.work.contacts.panel import CONTACT_NOTE_PANEL, CONTACT_PANEL

FEATURE = Feature(
    blueprint=views.contacts,
    pages=(
        views,
        edit_views,
        note_views,
    ),
    bulk=(bulk.DELETE_CONTACTS,),
    exports=(list_export(resource.CONTACT_CARD, resource.CONTACT_LIST),),
    navigation=(
        Place(
            Group.CUSTOMERS,
            "contacts.index",
            _l("Contacts"),
            "contact-round",
            Permission.CONTACTS_READ,
            "k",
            own_label=_l("My contacts"),
        ),
    ),
    commands=(
        Command(
            label=_l("New contact"),
            endpoint="contacts.new",
            icon="user-plus",
            permission=Permission.CONTACTS_WRITE,
            words=_l("add person customer caller"),
        ),
    ),
    api=api.API,
    resources=(
        resource.CONTACT_CARD,
        resource.CONTACT_PHONE,
        resource.CONTACT_DISTINCTION,
        resource.CONTACT_NOTE,
    ),
    panels=(CONTACT_PANEL, CONTACT_NOTE_PANEL),
    imports=(CONTACTS_IMPORT,),
    deletes=(
        trash.CONTACT_DELETION,
        trash.CONTACT_NUMBER_DELETION,
        trash.CONTACT_NOTE_DELETION,
    ),
    checks=(
        integrity.ADDRESS,
        integrity.NUMBER,
    ),
    personal=privacy.PERSONAL,
)
