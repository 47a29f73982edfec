"""Deletion and restoring of contacts, their numbers and notes."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from app.declarations.deletable import Alternative, Cascade, Deletable, Rename
from app.extensions import db
from app.models import ContactCard, ContactPhone, Lead
from app.phones import to_e164
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.trash.kinds import find_even_deleted
from app.trust.trash.refusal_queries import still_in_use
from app.work.contacts.holding_queries import list_holding
from app.work.contacts.number_queries import find_holders
from app.work.contacts.resource import CONTACT_CARD, CONTACT_NOTE, CONTACT_PHONE

#: Records of a contact can only be restored if the contact exists.
OF_A_CONTACT = {"contact_card_id": CONTACT_CARD.name}


def label_of_contact(row: Any) -> str:
    """Return the name of the contact that a row is about."""
    found = find_even_deleted(ContactCard, row.organization_id, row.contact_card_id)
    return _label(found) if found else _("Unknown")


def read_number(typed: str, actor: Actor) -> str:
    """Convert a number to E.164 as the user would dial it, or return `typed` itself if it isn't valid."""
    return to_e164(typed, actor.country) or typed


def _label(card: ContactCard) -> str:
    return card.display_name or _("Unknown")


def _state_what_uses_them(cards: Sequence[ContactCard]) -> None:
    holding = list_holding(cards)
    uses = {held.name: held.number for held in holding}
    advice = _l("Merge this contact into another, or erase it instead.")
    raise still_in_use(uses, {held.name: held.words for held in holding}, advice)


def _follow_number(phone: ContactPhone, before: str) -> None:
    """Replace the contact's primary number if it is `before`, the number that `phone` had."""
    db.session.execute(
        update(ContactCard)
        .where(
            ContactCard.organization_id == phone.organization_id,
            ContactCard.id == phone.contact_card_id,
            ContactCard.primary_phone == before,
        )
        .values(primary_phone=phone.phone, version=ContactCard.version + 1),
        execution_options={"synchronize_session": False},
    )


def _merge_instead(actor: Actor, phone: ContactPhone) -> Alternative | None:
    """Offer a merge with the contact that has the number now, as it could be the same person.

    Returns None unless the number was deleted along with its contact, and `actor` can merge contacts and see the other
    one.
    """
    card = find_even_deleted(ContactCard, phone.organization_id, phone.contact_card_id)
    went_together = card is not None and card.deletion_batch_id == phone.deletion_batch_id
    if not went_together or not actor.may(Permission.CONTACTS_MERGE):
        return None
    holder = next((one for one in find_holders(actor, [phone.phone]) if one.id is not None), None)
    if holder is None:
        return None
    label = _l("Restore without the number and merge with %(name)s…", name=holder.name or holder.number)
    values = {"other_contact_id": holder.id, "batch_id": phone.deletion_batch_id}
    return Alternative(label, "merging.restore_to_merge", values)


CONTACT_DELETION = Deletable(
    resource=CONTACT_CARD,
    label=_label,
    permission=Permission.CONTACTS_DELETE,
    cascades=(
        # Deleted immediately, because a call from a number that still belongs to a deleted contact would be rejected.
        Cascade("contact_phone", "contact_card_id", at_once=True),
        Cascade("contact_note", "contact_card_id"),
        Cascade("lead", "contact_card_id", lambda: Lead.closed_at.is_not(None)),
        Cascade("pending_action", "contact_card_id"),
        Cascade("task", "contact_card_id"),
    ),
    explain=_state_what_uses_them,
)

CONTACT_NUMBER_DELETION = Deletable(
    resource=CONTACT_PHONE,
    parents=OF_A_CONTACT,
    renames={
        "uq_contact_phones_phone": Rename(
            column="phone", label=_l("New number"), read=read_number, renamed=_follow_number, instead=_merge_instead
        )
    },
)

CONTACT_NOTE_DELETION = Deletable(
    resource=CONTACT_NOTE,
    label=lambda note: note.body,
    permission=Permission.CONTACTS_WRITE,
    is_own=lambda note, actor: note.user_id == actor.user_id,
    parents=OF_A_CONTACT,
)
