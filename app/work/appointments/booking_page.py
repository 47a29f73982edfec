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
from app.work.appointments.context_queries import About, BookingContext, find_people, find_summary
from app.work.appointments.detail_queries import OfferedService, list_of_contact, list_services
from app.work.appointments.filters import BookingAddress
from app.work.appointments.place_rules import PARTS, in_one_line, parts_of, read_line
from app.work.appointments.times_page import Times, times_for


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
    )


def about_of(address: BookingAddress) -> About:
    """Return the ids of the records that the URL of the booking form refers to."""
    return About(address.contact, address.call, address.entry, address.lead)


def first_form(address: BookingAddress, context: BookingContext) -> BookingForm:
    """Return the booking form as it is shown first, filled in with what is known."""
    return BookingForm.new(
        service=context.topic or "",
        rep=str(address.rep or ""),
        slot=address.slot,
        place=in_one_line(known_place(context)),
        number=context.number or "",
    )


def known_place(context: BookingContext) -> dict[str, str | None]:
    """Return the contact's address by part; every part is None if there is no contact."""
    return parts_of(context.card) if context.card else dict.fromkeys(PARTS)


def address_of(address: BookingAddress, **changed: Any) -> str:
    """Return the URL of the booking form for the source in `address`, with the parameters in `changed`."""
    given = {name: getattr(address, name) or None for name in ("contact", "call", "entry", "lead", "beside")} | changed
    query = urlencode({name: str(value) for name, value in given.items() if value is not None})
    return url_for("appointments.create") + (f"?{query}" if query else "")
