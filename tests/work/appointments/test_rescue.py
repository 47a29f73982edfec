"""Rescue of missed callers by a booking: the entries that it closes, and who gets the credit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models import Call, ContactCard, MissedCallAttempt, MissedCallEntry, Organization, User
from app.work.appointments.context_queries import About
from tests.support.client import Client
from tests.support.factories import Factories
from tests.work.appointments.conftest import Book, Stored

NOW = datetime.now(UTC)


@pytest.fixture
def missed(make: Factories, organization: Organization, contact: ContactCard) -> MissedCallEntry:
    """An entry of the contact, whose call was missed two hours ago."""
    return entry_of(make, organization, contact, NOW - timedelta(hours=2))


def entry_of(
    make: Factories, organization: Organization, contact: ContactCard | None, at: datetime, **values: Any
) -> MissedCallEntry:
    card = contact.id if contact else None
    call = make.call(organization, status="missed", started_at=at, contact_card_id=card, caller_number=make.phone())
    return make.missed_entry(organization, call=call, **values)


def called(make: Factories, company: Organization, entry: MissedCallEntry, minutes: int, **values: Any) -> Call:
    """Create an outbound call to the contact of an entry, this many minutes after the missed call."""
    at = entry.first_missed_at + timedelta(minutes=minutes)
    return make.call(company, direction="outbound", started_at=at, contact_card_id=entry.contact_card_id, **values)


def texted(make: Factories, entry: MissedCallEntry, minutes: int, **values: Any) -> MissedCallAttempt:
    at = entry.first_missed_at + timedelta(minutes=minutes)
    known = {"organization_id": entry.organization_id, "entry_id": entry.id, "kind": "text", "result": "sent", "at": at}
    return make.add(MissedCallAttempt(**{**known, **values}))


def test_the_entry_is_closed_with_the_appointment_and_what_shows_it(
    client: Client,
    make: Factories,
    book: Book,
    organization: Organization,
    csr: User,
    colleague: User,
    contact: ContactCard,
    missed: MissedCallEntry,
    stored: Stored,
) -> None:
    back = called(make, organization, missed, 10, csr=colleague)
    made = book(csr, about=About(contact_id=contact.id))

    entry = stored(missed)
    assert (entry.status, entry.rescued_by, entry.rescued_by_user_id) == ("rescued", "human", colleague.id)
    assert (entry.rescue_call_id, entry.rescue_appointment_id) == (back.id, made)
    assert entry.evidence["label"] == "Furnace repair"
    theirs = client.sign_in(csr).get(f"/missed-calls/{entry.id}")
    assert f"/appointments/{made}" in theirs.links.values(), "its page leads to what was booked"
    assert entry.resolved_at is not None


@pytest.mark.parametrize(
    ("calls", "texts", "by"),
    [
        ([(10, "human"), (20, "ai")], [], "auto"),
        ([(10, "ai"), (20, "human")], [], "human"),
        ([(10, "human")], [(20, "ai")], "auto"),
        ([(20, "human")], [(10, "ai")], "human"),
        ([(10, "ai")], [(20, "human")], "human"),
        ([], [], "human"),
        ([(10, "none")], [(5, "ai")], "auto"),
    ],
)
def test_whoever_reached_out_last_is_credited(
    make: Factories,
    book: Book,
    organization: Organization,
    csr: User,
    contact: ContactCard,
    missed: MissedCallEntry,
    stored: Stored,
    calls: list[tuple[int, str]],
    texts: list[tuple[int, str]],
    by: str,
) -> None:
    for minutes, handler in calls:
        called(
            make,
            organization,
            missed,
            minutes,
            handled_by=handler,
            handled_by_user_id=csr.id if handler == "human" else None,
        )
    for minutes, sender in texts:
        texted(make, missed, minutes, by=sender, user_id=csr.id if sender == "human" else None)
    book(csr, about=About(contact_id=contact.id))

    assert (stored(missed).rescued_by, stored(missed).rescued_by_user_id) == (by, csr.id if by == "human" else None)


def test_outside_of_the_window_and_of_others_nothing_is_won(
    make: Factories, book: Book, organization: Organization, csr: User, contact: ContactCard, stored: Stored
) -> None:
    old = entry_of(make, organization, contact, NOW - timedelta(days=8))
    others = entry_of(make, organization, make.contact(organization), NOW - timedelta(hours=1))
    dismissed = entry_of(make, organization, contact, NOW - timedelta(hours=1), status="dismissed", resolved_at=NOW)
    book(csr, about=About(contact_id=contact.id))

    assert [stored(one).status for one in (old, others, dismissed)] == ["open", "open", "dismissed"]


def test_a_caller_without_a_card_gets_one_and_is_won_back(
    make: Factories, book: Book, organization: Organization, csr: User, stored: Stored
) -> None:
    unknown = entry_of(make, organization, None, NOW - timedelta(hours=1))
    book(csr, about=About(entry_id=unknown.id), number="+12125550142", name="Ada Byron")

    entry = stored(unknown)
    assert entry.status == "rescued"
    assert entry.contact_card_id is not None


@pytest.mark.parametrize("is_that_call", [True, False])
def test_who_got_through_is_won_back_by_that_call_only(
    make: Factories,
    book: Book,
    organization: Organization,
    csr: User,
    contact: ContactCard,
    stored: Stored,
    *,
    is_that_call: bool,
) -> None:
    answered, later = (
        make.call(organization, csr=csr, contact_card_id=contact.id, started_at=NOW - timedelta(minutes=minutes))
        for minutes in (30, 10)
    )
    entry = entry_of(
        make, organization, contact, NOW - timedelta(hours=2), status="answered_later", resolved_at=answered.started_at
    )
    book(csr, about=About(call_id=(answered if is_that_call else later).id))

    assert stored(entry).status == ("rescued" if is_that_call else "answered_later")
