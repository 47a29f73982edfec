"""Bulk changes of contacts: the selection of the contacts, and their deletion."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select

from app.declarations.bulk import BulkTarget
from app.lists.filter_page import words_of_filters
from app.models import ContactCard
from app.periods import span_of
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.trust.trash.bulk import deletion_of_many
from app.work.contacts.filters import ContactFilters
from app.work.contacts.list_queries import contact_conditions
from app.work.contacts.resource import CONTACT_CARD, CONTACT_LIST


def contacts_to_change(
    actor: Actor, filters: ContactFilters, ids: Sequence[UUID] | None, until: datetime
) -> Select[ContactCard]:
    """Select the contacts of a bulk change by `ids`, or else by `filters`, if they already existed at `until`."""
    contacts = visible(ContactCard, actor).where(ContactCard.created_at <= until, ContactCard.deleted_at.is_(None))
    if ids is not None:
        return contacts.where(ContactCard.id.in_(ids))
    return contacts.where(*contact_conditions(filters, span_of(filters, actor, until)))


DELETE_CONTACTS = deletion_of_many(
    "delete_contacts",
    BulkTarget(
        resource="contact_card",
        model=ContactCard,
        listed=CONTACT_LIST,
        rows=contacts_to_change,
        chips=lambda actor, _filters: words_of_filters(CONTACT_CARD, actor),
    ),
    Permission.CONTACTS_DELETE,
)
