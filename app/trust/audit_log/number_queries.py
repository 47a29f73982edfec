"""The phone numbers that a search text can stand for.

They are searched for beside the words as typed, since most entries contain numbers in E.164.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, Text, bindparam, func, or_, select

from app.db.joins import refers_to
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.models import Call, ContactCard, ContactPhone, PhoneNumber
from app.phones import to_e164
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.scope import restrict, sees_all_rows
from app.trust.audit_log.number_rules import TypedNumber, number_in

#: Of the numbers with an ending, this many are searched for.
MAX_NUMBERS = 50
#: Limit for the numbers with an ending, of which a reader may see only some.
_MAX_ENDING = 1_000


@dataclass(frozen=True, slots=True)
class SearchedNumber:
    """A typed number and the numbers in E.164 that are searched for; `has_more` if there are further ones."""

    typed: TypedNumber
    numbers: tuple[str, ...]
    has_more: bool = False


def number_searched(actor: Actor, text: str) -> SearchedNumber | None:
    """Return the phone number in a search text, with the numbers it can stand for; None if there are none.

    A whole number is read as dialed in the country of `actor`'s organization. Four digits stand for the numbers of
    contacts, callers and phone lines that end in them, as far as `actor` can see them.
    """
    typed = number_in(text)
    if typed is None:
        return None
    if not typed.is_ending:
        number = to_e164(typed.text, actor.country)
        return SearchedNumber(typed, (number,)) if number else None
    found = [row.number for row in _ending.rows(actor, digits=typed.text, most=_MAX_ENDING, shown=MAX_NUMBERS + 1)]
    return SearchedNumber(typed, tuple(found[:MAX_NUMBERS]), has_more=len(found) > MAX_NUMBERS) if found else None


@compiled_query
def _ending(actor: Actor) -> Selection:
    ending = func.numbers_ending(bindparam("digits", type_=Text()), bindparam("most", type_=Integer()))
    number = ending.column_valued("number")
    found: Selection = select(number)
    if not all(sees_all_rows(model, actor) for model in (ContactCard, Call, PhoneNumber)):
        found = found.where(or_(*_are_visible(actor, number)))
    shown = found.order_by(number).limit(bindparam("shown", type_=Integer()))
    return shown.execution_options(**{INCLUDE_DELETED: True})


def _are_visible(actor: Actor, number: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for a number of a contact, a caller or a phone line that `actor` can see."""
    of_contact = select(ContactPhone.id).join(
        ContactCard, refers_to(ContactCard, ContactPhone, ContactPhone.contact_card_id)
    )
    return (
        restrict(of_contact.where(ContactPhone.phone == number), ContactCard, actor).exists(),
        restrict(select(Call.id).where(Call.caller_number == number), Call, actor).exists(),
        restrict(select(PhoneNumber.id).where(PhoneNumber.number == number), PhoneNumber, actor).exists(),
    )
