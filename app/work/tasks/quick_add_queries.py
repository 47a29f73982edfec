"""Context for parsing a line: the actor's language and time zone, the people to assign tasks to, and contacts."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_

from app.db.conditions import is_any_of
from app.extensions import db
from app.lists.choices import Choice
from app.models import ContactCard
from app.people.users.queries import list_colleagues
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.work.tasks.quick_add_contact_rules import NamedContact, longest_named
from app.work.tasks.quick_add_rules import Line, read_line
from app.work.tasks.quick_add_time_rules import Reader
from app.work.tasks.rules import DOERS

#: Most contacts of one name that are offered.
MAX_NAMED = 8


def assignable(actor: Actor) -> Sequence[Choice]:
    """Return the people to whom `actor` can assign a task, by name.

    An actor with the permission to assign tasks can choose anyone who can complete tasks, others only themselves.
    """
    if actor.may(Permission.TASKS_ASSIGN):
        return [Choice(one.id, one.name) for one in list_colleagues(actor, (), DOERS)]
    return [me] if (me := own_choice(actor)) else []


def own_choice(actor: Actor) -> Choice | None:
    """Return the actor as an assignee, or None for a guest, whom rows can't refer to."""
    return Choice(actor.user_id, actor.name) if actor.reference_id else None


def read_as(actor: Actor, text: str, now: datetime) -> Line:
    """Parse `text` as a task at `now`, for the language, the time zone and the colleagues of `actor`."""
    people = assignable(actor) if "@" in text else ()
    return read_line(text, Reader(actor.language, now, ZoneInfo(actor.timezone), own_choice(actor), people))


def find_named(actor: Actor, line: Line) -> list[NamedContact]:
    """Return the contacts in the scope of `actor` whose full name or company is in the title, up to MAX_NAMED.

    Takes one statement, and none for a title that contains no name.
    """
    if not line.names or not actor.may(Permission.CONTACTS_READ):
        return []
    is_named = or_(
        is_any_of(ContactCard.name_key, line.names),
        and_(ContactCard.name_key.is_(None), is_any_of(ContactCard.company_key, line.names)),
    )
    cards = visible(ContactCard, actor).where(ContactCard.deleted_at.is_(None), is_named)
    found = db.session.scalars(cards.order_by(ContactCard.name_key, ContactCard.id).limit(MAX_NAMED))
    return longest_named([_named(card) for card in found])


def _named(card: ContactCard) -> NamedContact:
    place = ", ".join(filter(None, (card.address_line_1, card.city)))
    return NamedContact(card.id, card.full_name or card.company_name or "", card.primary_phone, place)
