"""Queries for possible duplicates of a contact, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, and_, column, func, literal, or_, select

from app.db.conditions import is_any_of
from app.extensions import db
from app.models import ContactCard, ContactDistinction
from app.security.actor import Actor
from app.security.scope import restrict, visible

#: Maximum number of suggestions, and of candidates examined per reason.
MAX_SUGGESTED, _MAX_OF_A_REASON = 3, 10


@dataclass(frozen=True, slots=True)
class Alike:
    """A possible duplicate: its ID and display name, and the reasons (`email`, `address`, `zip`)."""

    id: UUID
    name: str | None
    reasons: Sequence[str]


def find_alike(actor: Actor, contact: ContactCard) -> Sequence[Alike]:
    """Return possible duplicates of `contact` that `actor` can see, those with the most reasons first.

    Contacts that were marked as different are left out. At most MAX_SUGGESTED are returned.
    """
    found = func.contacts_alike(literal(contact.id, Uuid()), literal(_MAX_OF_A_REASON, Integer()))
    alike = found.table_valued(column("id", Uuid()), column("reason", Text())).alias("alike")
    reasons: dict[UUID, list[str]] = {}
    for other_id, reason in db.session.execute(select(alike.c.id, alike.c.reason)):
        reasons.setdefault(other_id, []).append(reason)
    if not reasons:
        return []
    apart = _known_apart(actor, contact.id)
    wanted = [other_id for other_id in reasons if other_id not in apart]
    named = restrict(select(ContactCard.id, ContactCard.display_name.label("name")), ContactCard, actor)
    rows = db.session.execute(named.where(is_any_of(ContactCard.id, wanted)))
    seen = [Alike(row.id, row.name, reasons[row.id]) for row in rows]
    return sorted(seen, key=lambda one: (-len(one.reasons), one.id))[:MAX_SUGGESTED]


def find_distinction(actor: Actor, first: UUID, second: UUID) -> ContactDistinction | None:
    """Return the record that marks two contacts as different people, or None.

    `first` must be the lesser of the two IDs.
    """
    return db.session.scalar(
        visible(ContactDistinction, actor).where(
            and_(ContactDistinction.contact_card_id == first, ContactDistinction.other_card_id == second)
        )
    )


def _known_apart(actor: Actor, contact_id: UUID) -> set[UUID]:
    """Return the IDs of the contacts that were marked as different from this one."""
    pairs = visible(ContactDistinction, actor).where(
        or_(ContactDistinction.contact_card_id == contact_id, ContactDistinction.other_card_id == contact_id)
    )
    found = (pair for pair in db.session.scalars(pairs))
    return {one for pair in found for one in (pair.contact_card_id, pair.other_card_id)} - {contact_id}
