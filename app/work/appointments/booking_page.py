"""Content of the booking page: the contact, the source of the booking, and the free times."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from app.errors import DomainError
from app.models import ContactCard
from app.security.actor import Actor
from app.web.redirects import local_path
from app.work.appointments.booking_forms import BookingForm
from app.work.appointments.context_queries import (
    About,
    BookingContext,
    find_known,
    find_people,
    find_summary,
    is_nameless,
    number_of,
)
from app.work.appointments.detail_queries import OfferedService, list_of_contact, list_services
from app.work.appointments.filters import BookingAddress
from app.work.appointments.place_rules import PARTS, in_one_line, parts_of, read_line
from app.work.appointments.times_page import Times, times_for
from app.work.missed_calls.said_queries import SaidDetails, find_said


@dataclass(frozen=True, slots=True)
class BookingPage:
    """Context of the booking templates, in addition to the form."""

    context: BookingContext
    #: Address that the form is submitted to, with the source of the booking.
    action: str
    #: Page that the user returns to without booking.
    back: str
    times: Times
    services: Sequence[OfferedService]
    summary: str | None
    #: The contact's latest appointments within the scope.
    appointments: Sequence[Any]
    typed: str
    #: Contacts that match the typed words, each with the address that books for them.
    people: Sequence[tuple[ContactCard, str]]
    #: Contacts that have the typed number already, to be chosen instead of a new one.
    known: Sequence[ContactCard]
    #: Name and address that a missed caller said, if their name isn't known.
    said: SaidDetails

    @property
    def name(self) -> str | None:
        """Name of the contact, or None for a person who is not a contact."""
        return self.context.card.display_name if self.context.card else None


def booking_page(
    actor: Actor, address: BookingAddress, context: BookingContext, form: BookingForm, error: DomainError | None
) -> BookingPage:
    """Return the content of the page for `actor`, with the form and the error that refused it, if any."""
    card = context.card
    place = read_line(form.place.data or "", known_place(context))
    return BookingPage(
        context=context,
        action=address_of(address),
        back=local_path(address.beside) or url_for("appointments.index"),
        times=times_for(actor, form, place, first=address.day, service=form.typed_service, error=error),
        services=list_services(actor),
        summary=find_summary(actor, context.call) if context.call else None,
        appointments=list_of_contact(actor, card.id) if card else (),
        typed=address.q,
        people=[(one, address_of(address, contact=one.id)) for one in find_people(actor, address.q)],
        known=known_people(actor, context, form),
        said=_said(actor, context),
    )


def known_people(actor: Actor, context: BookingContext, form: BookingForm) -> Sequence[ContactCard]:
    """Return the contacts to offer instead of a new name.

    For a person who is not a contact yet, they are those with the number and a name; for a contact without a name, the
    others with the number and the typed name. There are none once one is chosen.
    """
    number = number_of(actor, context, form.number.data)
    if not form.asks_name or form.person_id is not None or number is None:
        return ()
    if context.card is None:
        return [card for card in find_known(actor, number) if not is_nameless(card)]
    if not form.name.data:
        return ()
    return [card for card in find_known(actor, number, form.name.data) if card.id != context.card.id]


def about_of(address: BookingAddress) -> About:
    """Return the ids of the records that the URL of the booking form refers to."""
    return About(address.contact, address.call, address.entry, address.lead)


def first_form(actor: Actor, address: BookingAddress, context: BookingContext) -> BookingForm:
    """Return the booking form as it is shown first, filled in with what is known, or what the caller said."""
    said = _said(actor, context)
    form = BookingForm.new(
        service=context.topic or "",
        rep=str(address.rep or ""),
        slot=address.slot,
        place=in_one_line(known_place(context)) or (said.address.value if said.address else ""),
        number=context.number or "",
        name=said.name.value if said.name else "",
    )
    form.asks_name = asks_name(context)
    return form


def sent_form(context: BookingContext) -> BookingForm:
    """Return the booking form as it was submitted."""
    form = BookingForm()
    form.asks_name = asks_name(context)
    return form


def _said(actor: Actor, context: BookingContext) -> SaidDetails:
    """Return the name and the address that a missed caller without a name said."""
    if context.entry is None or not asks_name(context):
        return SaidDetails()
    return find_said(actor, context.entry.id)


def asks_name(context: BookingContext) -> bool:
    """Return whether the name of the person who is booked isn't known."""
    return context.card is None or is_nameless(context.card)


def known_place(context: BookingContext) -> dict[str, str | None]:
    """Return the contact's address by part; every part is None if there is no contact."""
    return parts_of(context.card) if context.card else dict.fromkeys(PARTS)


def address_of(address: BookingAddress, **changed: Any) -> str:
    """Return the URL of the booking form for the source in `address`, with the parameters in `changed`."""
    given = {name: getattr(address, name) or None for name in ("contact", "call", "entry", "lead", "beside")} | changed
    query = urlencode({name: str(value) for name, value in given.items() if value is not None})
    return url_for("appointments.create") + (f"?{query}" if query else "")
