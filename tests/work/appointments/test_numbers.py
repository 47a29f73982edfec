"""Effects of a booking and of a deal on the numbers of their CSR and rep."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.rep_queries import rep_numbers
from app.models import AppointmentOutcome, Call, ContactCard, Organization, User
from app.periods import Period, resolve_period
from app.work.appointments import service
from app.work.appointments.context_queries import About
from tests.support.factories import Factories
from tests.work.appointments.conftest import Book, Working
from tests.work.conftest import ActorOf


@pytest.fixture
def week(organization: Organization) -> Period:
    """The last seven days."""
    return resolve_period("last_7", now=datetime.now(UTC), timezone=organization.timezone)


def test_a_booking_moves_bookings_and_their_rate_by_one(
    make: Factories,
    organization: Organization,
    csr: User,
    colleague: User,
    manager: User,
    contact: ContactCard,
    book: Book,
    working: Working,
    actor_of: ActorOf,
    week: Period,
) -> None:
    now = datetime.now(UTC)
    lead = make.lead(organization, contact=contact, qualification_status="hot", csr_id=csr.id)
    for _ in range(2):
        other = make.lead(organization, qualification_status="warm")
        make.call(organization, csr=csr, started_at=now, lead_id=other.id)
    call: Call = make.call(organization, csr=csr, started_at=now, contact_card_id=contact.id, lead_id=lead.id)

    def numbers() -> dict[str, tuple[int | float | None, ...]]:
        with working():
            actor = actor_of(manager)
            mine, theirs, all_ = (
                csr_numbers(actor, week, csr=whose, now=datetime.now(UTC)) for whose in (csr.id, colleague.id, None)
            )
            return {
                name: tuple(found[name].value for found in (mine, theirs, all_))
                for name in ("appointments_booked", "booking_rate", "qualified_leads")
            }

    before = numbers()
    book(csr, about=About(call_id=call.id))
    after = numbers()

    assert before["appointments_booked"] == (0, 0, 0)
    assert after["appointments_booked"] == (1, 0, 1)
    assert (before["booking_rate"][0], after["booking_rate"][0]) == (0, 0.3333)
    assert before["qualified_leads"] == after["qualified_leads"] == (3, 0, 3)


def test_a_deal_moves_the_win_rate_and_the_revenue_of_who_went(
    csr: User,
    rep: User,
    other_rep: User,
    manager: User,
    contact: ContactCard,
    book: Book,
    working: Working,
    actor_of: ActorOf,
    week: Period,
) -> None:
    def numbers() -> dict[str, list[object]]:
        with working():
            found = [
                rep_numbers(actor_of(manager), week, rep=whose.id, now=datetime.now(UTC)) for whose in (rep, other_rep)
            ]
            names = ("win_rate", "revenue_won", "pending_leads_by_rep")
            return {name: [one[name].value for one in found] for name in names if name in found[0]}

    id_ = book(csr, about=About(contact_id=contact.id))
    assert numbers()["win_rate"] == [None, None]
    with working():
        service.complete(actor_of(rep), id_, version=1)
    completed = numbers()
    assert completed["win_rate"] == [0, None]
    with working():
        service.set_outcome(actor_of(rep), id_, AppointmentOutcome.CLOSED_WON, deal_value=Decimal(4200), version=2)

    assert numbers()["win_rate"] == [1, None]
    assert numbers()["revenue_won"] == [4200, 0]
