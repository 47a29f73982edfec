"""Texts for the sealed part of the audit trail, which no erasure reaches."""

from uuid import UUID

from sqlalchemy import ARRAY, Text, func, select

from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import ContactCard, ContactPhone
from app.security.scope import unscoped
from app.trust.privacy.address_queries import own_addresses
from app.trust.privacy.mention_queries import Mentions


def without_mentions(organization_id: UUID, card_id: UUID | None, text: str) -> str:
    """Return the text with what identifies the contact masked, as an erasure would mask it.

    That is the name, the numbers, the email address and the street addresses.
    """
    if card_id is None:
        return text
    phones = select(ContactPhone.phone).where(
        ContactPhone.organization_id == organization_id, ContactPhone.contact_card_id == card_id
    )
    card = unscoped(
        select(
            ContactCard.first_name,
            ContactCard.last_name,
            ContactCard.full_name,
            ContactCard.email,
            ContactCard.primary_phone,
            func.array(phones.scalar_subquery(), type_=ARRAY(Text())).label("phones"),
        ),
        why="only masks what the text says of the contact; no data is returned",
    )
    with db.session.no_autoflush:  # the change that the text belongs to is named when it is flushed
        row = db.session.execute(
            card.where(ContactCard.organization_id == organization_id, ContactCard.id == card_id),
            execution_options={INCLUDE_DELETED: True},
        ).one()
        addresses = own_addresses(db.session, organization_id, card_id)
    mentions = Mentions(
        numbers=tuple({*row.phones, *filter(None, [row.primary_phone])}),
        emails=(row.email.lower(),) if row.email else (),
        names=(row.full_name,) if row.first_name and row.last_name else (),
        addresses=tuple(addresses),
    )
    return str(mentions.take_out(text))
