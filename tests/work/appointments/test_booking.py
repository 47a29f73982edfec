"""Booking of an appointment: the created record, its effects on others, and permissions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.errors import Conflict, EventTimeConflict, Forbidden, NotFound, UserNotAvailable, ValidationFailed
from app.models import Appointment, Call, ContactCard, ContactPhone, Lead, Organization, Role, User
from app.work.appointments import booking_service
from app.work.appointments.booking_service import Wanted
from app.work.appointments.context_queries import About
from tests.support.factories import Factories
from tests.support.work import both_at_once
from tests.work.appointments.conftest import Book, Stored, Trail
from tests.work.conftest import ActorOf

AppointmentOf = Callable[[UUID], Appointment]


@pytest.fixture
def rows_of(admin_engine: Engine, organization: Organization) -> Callable[[Any], list[Any]]:
    """Function that returns all of the organization's rows of a model."""

    def read(model: Any) -> list[Any]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(model).where(model.organization_id == organization.id)))

    return read


class TestWhatIsBooked:
    def test_it_is_credited_to_who_books_and_goes_to_the_address_of_the_card(
        self,
        book: Book,
        csr: User,
        rep: User,
        contact: ContactCard,
        appointment_of: AppointmentOf,
        tomorrow: datetime,
        trail: Trail,
    ) -> None:
        made = appointment_of(book(csr, about=About(contact_id=contact.id)))

        assert (made.csr_id, made.created_by, made.sales_rep_id) == (csr.id, csr.id, rep.id)
        assert (made.contact_card_id, made.status, made.outcome) == (contact.id, "scheduled", "open")
        assert (made.scheduled_start_at, made.timezone) == (tomorrow, "America/New_York")
        assert made.scheduled_end_at - made.scheduled_start_at == timedelta(minutes=90)
        assert [made.address_line_1, made.city, made.state, made.zip] == [
            "1817 Alder Creek Ln",
            "Austin",
            "TX",
            "78745",
        ]
        assert trail() == ["appointment.booked"]

    def test_another_length_and_place_may_be_given(
        self, book: Book, csr: User, contact: ContactCard, appointment_of: AppointmentOf
    ) -> None:
        made = appointment_of(
            book(csr, about=About(contact_id=contact.id), minutes=45, place={"city": "Dallas"}, notes="Gate code 4471")
        )

        assert made.scheduled_end_at - made.scheduled_start_at == timedelta(minutes=45)
        assert (made.address_line_1, made.city, made.notes) == (None, "Dallas", "Gate code 4471")

    def test_what_a_rep_books_is_credited_to_no_csr(
        self, book: Book, make: Factories, rep: User, appointment_of: AppointmentOf, organization: Organization
    ) -> None:
        card = make.contact(organization, created_by=rep.id)
        made = appointment_of(book(rep, about=About(contact_id=card.id)))

        assert (made.csr_id, made.created_by) == (None, rep.id)

    def test_a_rep_books_for_nobody_else(
        self, book: Book, make: Factories, rep: User, other_rep: User, organization: Organization
    ) -> None:
        card = make.contact(organization, created_by=rep.id)
        with pytest.raises(ValidationFailed, match="VALIDATION"):
            book(rep, about=About(contact_id=card.id), rep_id=other_rep.id)

    def test_sent_twice_it_is_booked_once(
        self, book: Book, csr: User, contact: ContactCard, trail: Trail, rows_of: Callable[[Any], list[Any]]
    ) -> None:
        id_ = uuid4()
        for _ in range(2):
            book(csr, id_=id_, about=About(contact_id=contact.id))

        assert [one.id for one in rows_of(Appointment)] == [id_]
        assert trail() == ["appointment.booked"]

    def test_one_form_books_no_second_time(
        self, book: Book, csr: User, contact: ContactCard, tomorrow: datetime
    ) -> None:
        id_ = book(csr, about=About(contact_id=contact.id))
        with pytest.raises(Conflict):
            book(csr, id_=id_, about=About(contact_id=contact.id), start=tomorrow + timedelta(hours=5))

    def test_what_has_passed_is_not_booked(
        self, book: Book, csr: User, contact: ContactCard, tomorrow: datetime
    ) -> None:
        with pytest.raises(ValidationFailed):
            book(csr, about=About(contact_id=contact.id), start=tomorrow - timedelta(days=3))

    @pytest.mark.parametrize("values", [{"role": Role.CSR}, {"status": "inactive"}], ids=["no rep", "inactive"])
    def test_only_active_reps_go(
        self, book: Book, make: Factories, organization: Organization, csr: User, contact: ContactCard, values: Any
    ) -> None:
        somebody = make.user(organization, **{"role": Role.SALES_REP, **values})
        with pytest.raises(ValidationFailed):
            book(csr, about=About(contact_id=contact.id), rep_id=somebody.id)


class TestItsLead:
    def test_an_open_lead_is_booked_and_becomes_the_reps(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        rep: User,
        contact: ContactCard,
        appointment_of: AppointmentOf,
        stored: Stored,
        rows_of: Callable[[Any], list[Any]],
    ) -> None:
        lead = make.lead(organization, contact=contact, stage="new")
        made = appointment_of(book(csr, about=About(contact_id=contact.id)))

        assert made.lead_id == lead.id
        now = stored(lead)
        assert (now.stage, now.assigned_rep_id) == ("booked", rep.id)
        assert now.last_activity_at > lead.last_activity_at
        assert len(rows_of(Lead)) == 1

    def test_whose_lead_it_is_it_stays(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        other_rep: User,
        contact: ContactCard,
        stored: Stored,
    ) -> None:
        lead = make.lead(organization, contact=contact, assigned_rep_id=other_rep.id)
        book(csr, about=About(contact_id=contact.id))

        assert stored(lead).assigned_rep_id == other_rep.id

    def test_without_an_open_one_another_is_opened(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        contact: ContactCard,
        tomorrow: datetime,
        rows_of: Callable[[Any], list[Any]],
    ) -> None:
        make.lead(organization, contact=contact, stage="dead", closed_at=tomorrow, dead_reason="Moved away")
        make.lead(organization)
        book(csr, about=About(contact_id=contact.id))

        new = [one for one in rows_of(Lead) if one.contact_card_id == contact.id and one.closed_at is None]
        assert [(one.stage, one.csr_id, one.source) for one in new] == [("booked", csr.id, "manual")]

    def test_the_named_one_is_taken(
        self, book: Book, make: Factories, organization: Organization, csr: User, contact: ContactCard, stored: Stored
    ) -> None:
        make.lead(organization, contact=contact, source="otto")
        named = make.lead(organization, contact=contact, csr_id=csr.id)
        other = make.lead(organization, contact=contact, source="callrail")
        book(csr, about=About(lead_id=named.id))

        assert (stored(named).stage, stored(other).stage) == ("booked", "new")

    def test_a_closed_one_is_not(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        closed = make.lead(organization, contact=contact, csr_id=csr.id, stage="dead", closed_at=tomorrow)
        with pytest.raises(ValidationFailed):
            book(csr, about=About(lead_id=closed.id))


class TestItsCall:
    def test_the_call_counts_as_booked_and_leads_to_contact_and_lead(
        self, book: Book, csr: User, call: Call, appointment_of: AppointmentOf, stored: Stored
    ) -> None:
        made = appointment_of(book(csr, about=About(call_id=call.id)))

        now = stored(call)
        assert made.source_call_id == call.id
        assert (now.booking_status, now.booking_status_source) == ("booked", "user")
        assert (now.contact_card_id, now.lead_id) == (made.contact_card_id, made.lead_id)

    def test_what_is_set_otherwise_stays(
        self, book: Book, make: Factories, organization: Organization, csr: User, contact: ContactCard, stored: Stored
    ) -> None:
        call = make.call(organization, csr=csr, contact_card_id=contact.id, booking_status="not_booked")
        book(csr, about=About(call_id=call.id))

        assert stored(call).booking_status == "not_booked"

    @pytest.mark.parametrize("booker", ["csr", "manager"])
    @pytest.mark.parametrize(
        ("status", "source", "expected"),
        [
            ("not_booked", "analysis", ("booked", "user")),
            ("service_not_offered", "analysis", ("booked", "user")),
            ("booked", "analysis", ("booked", "user")),
            ("not_booked", "import", ("booked", "user")),
            ("not_booked", "user", ("not_booked", "user")),
        ],
    )
    def test_a_booking_decides_unless_a_person_has(
        self, request: pytest.FixtureRequest, book: Book, make: Factories, organization: Organization, csr: User,
        contact: ContactCard, stored: Stored, booker: str, status: str, source: str, expected: tuple[str, str],
    ) -> None:  # fmt: skip
        call = make.call(
            organization,
            csr=csr,
            contact_card_id=contact.id,
            booking_status=status,
            booking_status_reason="Said so",
            booking_status_source=source,
        )
        book(request.getfixturevalue(booker), about=About(call_id=call.id))

        now = stored(call)
        assert (now.booking_status, now.booking_status_source) == expected
        assert now.booking_status_reason == ("Said so" if source == "user" else None)

    def test_a_missed_call_is_not_said_to_be_booked(
        self, book: Book, make: Factories, organization: Organization, csr: User, contact: ContactCard, stored: Stored
    ) -> None:
        call = make.call(organization, csr=csr, contact_card_id=contact.id, status="missed")
        book(csr, about=About(call_id=call.id))

        assert stored(call).booking_status is None

    def test_an_unknown_caller_gets_a_card(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        appointment_of: AppointmentOf,
        stored: Stored,
        rows_of: Callable[[Any], list[Any]],
    ) -> None:
        call = make.call(organization, csr=csr, caller_number="+12125550188")
        made = appointment_of(
            book(csr, about=About(call_id=call.id), number="(212) 555-0188", name="Ada Lovelace King")
        )

        (card,) = rows_of(ContactCard)
        assert (card.first_name, card.last_name, card.primary_phone) == ("Ada", "Lovelace King", "+12125550188")
        assert [(one.phone, one.contact_card_id) for one in rows_of(ContactPhone)] == [(card.primary_phone, card.id)]
        assert stored(call).contact_card_id == made.contact_card_id == card.id

    def test_a_number_that_somebody_has_finds_them(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        appointment_of: AppointmentOf,
        stored: Stored,
    ) -> None:
        theirs = make.contact(organization, primary_phone="+12125550177", first_name=None, last_name=None)
        made = appointment_of(book(csr, number="212-555-0177", name="Ada"))

        assert made.contact_card_id == theirs.id
        assert stored(theirs).first_name == "Ada"

    def test_no_number_is_asked_for(self, book: Book, csr: User) -> None:
        with pytest.raises(ValidationFailed) as refused:
            book(csr, number="blue")
        assert [wrong.field for wrong in refused.value.fields] == ["number"]


class TestAnEntryOfTheQueue:
    def test_it_is_booked_for_whoever_called(
        self, book: Book, make: Factories, organization: Organization, csr: User, appointment_of: AppointmentOf
    ) -> None:
        card = make.contact(organization)
        missed = make.call(organization, status="missed", contact_card_id=card.id)
        entry = make.missed_entry(organization, call=missed)
        made = appointment_of(book(csr, about=About(entry_id=entry.id)))

        assert (made.contact_card_id, made.source_call_id) == (card.id, missed.id)

    def test_with_the_call_back_that_is_the_source(
        self, book: Book, make: Factories, organization: Organization, csr: User, appointment_of: AppointmentOf
    ) -> None:
        card = make.contact(organization)
        missed = make.call(organization, status="missed", contact_card_id=card.id)
        entry = make.missed_entry(organization, call=missed)
        back = make.call(organization, csr=csr, direction="outbound", contact_card_id=card.id)
        made = appointment_of(book(csr, about=About(entry_id=entry.id, call_id=back.id)))

        assert made.source_call_id == back.id


class TestScope:
    def test_what_is_a_colleagues_is_not_there(
        self, book: Book, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        theirs = make.contact(organization, created_by=colleague.id)
        call = make.call(organization, csr=colleague)
        lead = make.lead(organization, csr_id=colleague.id)
        for about in (About(contact_id=theirs.id), About(call_id=call.id), About(lead_id=lead.id)):
            with pytest.raises(NotFound):
                book(csr, about=about)

    def test_what_is_the_neighbours_is_not_there_for_a_manager(
        self, book: Book, make: Factories, manager: User, contact: ContactCard
    ) -> None:
        next_door = make.organization()
        call = make.call(next_door)
        entry = make.missed_entry(next_door, call=make.call(next_door, status="missed"))
        for about in (About(contact_id=make.contact(next_door).id), About(call_id=call.id), About(entry_id=entry.id)):
            with pytest.raises(NotFound):
                book(manager, about=about)
        with pytest.raises(ValidationFailed):
            book(manager, about=About(contact_id=contact.id), rep_id=make.user(next_door, Role.SALES_REP).id)

    def test_two_people_are_not_booked_at_once(
        self, book: Book, make: Factories, organization: Organization, manager: User, contact: ContactCard
    ) -> None:
        other = make.call(organization, contact_card_id=make.contact(organization).id)
        with pytest.raises(NotFound):
            book(manager, about=About(contact_id=contact.id, call_id=other.id))

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_does_not_book(
        self, book: Book, make: Factories, organization: Organization, contact: ContactCard, role: Role
    ) -> None:
        with pytest.raises(Forbidden):
            book(make.user(organization, role), about=About(contact_id=contact.id))


class TestTimeThatIsTaken:
    def test_what_may_be_seen_is_told_and_what_may_not_is_not(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        colleague: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        book(csr, about=About(contact_id=contact.id))
        theirs = make.contact(organization, created_by=colleague.id)

        with pytest.raises(EventTimeConflict) as seen:
            book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(minutes=30))
        with pytest.raises(EventTimeConflict) as unseen:
            book(colleague, about=About(contact_id=theirs.id), start=tomorrow + timedelta(minutes=30))

        told, hidden = (refused.value.extra["other_party"] for refused in (seen, unseen))
        assert (told["name"], told["booked_by"]) == ("Ruth Delgado", "Maya Torres")
        assert (hidden["name"], hidden["booked_by"], hidden["booked_at"]) == (None, None, None)
        assert hidden["person"]["name"] == "Carl Jensen"
        assert datetime.fromisoformat(hidden["start"]) == tomorrow
        assert "Delgado" not in unseen.value.sentence

    def test_the_way_between_two_is_kept(self, book: Book, csr: User, contact: ContactCard, tomorrow: datetime) -> None:
        book(csr, about=About(contact_id=contact.id))
        for minutes in (90, 119):
            with pytest.raises(EventTimeConflict):
                book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(minutes=minutes))

        book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(minutes=120))

    def test_an_imported_one_takes_time_too(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        make.appointment(
            organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow, external_source="crm", external_id="1"
        )
        with pytest.raises(EventTimeConflict):
            book(csr, about=About(contact_id=contact.id))

    @pytest.mark.parametrize("status", ["cancelled", "no_show"])
    def test_what_did_not_take_place_takes_none(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
        status: str,
    ) -> None:
        make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow, status=status)

        book(csr, about=About(contact_id=contact.id))

    def test_an_event_is_in_the_way_by_its_kind_alone(
        self,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        make.event(organization, rep, title="Divorce lawyer", start_at=tomorrow)
        with pytest.raises(EventTimeConflict) as busy:
            book(csr, about=About(contact_id=contact.id))
        make.event(
            organization,
            rep,
            type="time_off",
            start_at=tomorrow + timedelta(days=1),
            end_at=tomorrow + timedelta(days=3),
        )
        with pytest.raises(UserNotAvailable):
            book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(days=2))

        assert (busy.value.extra["other_party"]["type"], busy.value.extra["other_party"]["name"]) == ("event", None)
        book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(hours=1))


class TestTwoAtOnce:
    """Two concurrent bookings on separate connections."""

    def test_one_rep_is_booked_once_and_the_other_booker_is_told(
        self,
        app: Flask,
        make: Factories,
        organization: Organization,
        csr: User,
        colleague: User,
        rep: User,
        actor_of: ActorOf,
        tomorrow: datetime,
        rows_of: Callable[[Any], list[Any]],
    ) -> None:
        cards = {who.id: make.contact(organization, created_by=who.id).id for who in (csr, colleague)}

        def booking(who: User, start: datetime) -> Callable[[], object]:
            wanted = Wanted(service_type="Furnace repair", rep_id=rep.id, start=start)
            about = About(contact_id=cards[who.id])
            return lambda: booking_service.book(actor_of(who), uuid4(), about, wanted)

        (refused,) = both_at_once(
            app, organization.id, booking(csr, tomorrow), booking(colleague, tomorrow + timedelta(minutes=100))
        )

        assert isinstance(refused, EventTimeConflict), "100 minutes later there is no time for the way"
        assert refused.extra["other_party"]["person"]["name"] == "Carl Jensen"
        assert len(rows_of(Appointment)) == 1
        assert [lead.stage for lead in rows_of(Lead)] == ["booked"], "whoever was refused has left nothing"

    def test_one_form_sent_twice_at_once_books_once(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        rep: User,
        actor_of: ActorOf,
        tomorrow: datetime,
        rows_of: Callable[[Any], list[Any]],
    ) -> None:
        id_, wanted = uuid4(), Wanted(service_type="Repair", rep_id=rep.id, start=tomorrow, number="+12125550188")

        def send() -> object:
            return booking_service.book(actor_of(csr), id_, About(), wanted)

        assert both_at_once(app, organization.id, send, send) == []
        assert [len(rows_of(model)) for model in (Appointment, Lead, ContactCard)] == [1, 1, 1]

    def test_two_for_one_contact_open_one_lead(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        rep: User,
        other_rep: User,
        contact: ContactCard,
        actor_of: ActorOf,
        tomorrow: datetime,
        rows_of: Callable[[Any], list[Any]],
    ) -> None:
        def booking(whom: User) -> Callable[[], object]:
            wanted = Wanted(service_type="Repair", rep_id=whom.id, start=tomorrow)
            return lambda: booking_service.book(actor_of(csr), uuid4(), About(contact_id=contact.id), wanted)

        assert both_at_once(app, organization.id, booking(rep), booking(other_rep)) == []
        assert (len(rows_of(Appointment)), len(rows_of(Lead))) == (2, 1)
