"""Changes to an appointment and their effects on its lead: rescheduling, canceling, and outcomes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.errors import Conflict, DomainError, EventTimeConflict, Forbidden, NotFound, ValidationFailed, VersionConflict
from app.models import Appointment, AppointmentOutcome, ContactCard, Lead, Organization, Role, User
from app.work.appointments import service
from app.work.appointments.context_queries import About
from tests.support.factories import Factories
from tests.support.work import both_at_once
from tests.work.appointments.conftest import Book, Stored, Trail, Working
from tests.work.conftest import ActorOf

AppointmentOf = Callable[[UUID], Appointment]
WON, LOST, OPEN = AppointmentOutcome.CLOSED_WON, AppointmentOutcome.CLOSED_LOST, AppointmentOutcome.OPEN


@pytest.fixture
def lead(make: Factories, organization: Organization, contact: ContactCard) -> Lead:
    """The contact's open lead."""
    return make.lead(organization, contact=contact, stage="qualified", qualification_status="hot")


@pytest.fixture
def booked(book: Book, csr: User, contact: ContactCard, lead: Lead) -> UUID:
    """ID of an appointment tomorrow, which the CSR booked for the lead."""
    return book(csr, about=About(contact_id=contact.id))


@pytest.fixture
def do(working: Working, actor_of: ActorOf, appointment_of: AppointmentOf, booked: UUID) -> Callable[..., Any]:
    """Function that runs a service with the current version: `do(service.cancel, csr, "Sold the house")`."""

    def change(what: Callable[..., Any], who: User, *args: Any, **values: Any) -> Any:
        values.setdefault("version", appointment_of(booked).version)
        with working():
            return what(actor_of(who), booked, *args, **values)

    return change


@pytest.fixture
def past_lead(make: Factories, organization: Organization) -> Lead:
    """The lead of an appointment that has begun."""
    return make.lead(organization, stage="booked")


@pytest.fixture
def past(make: Factories, organization: Organization, csr: User, rep: User, past_lead: Lead) -> Appointment:
    """An appointment that has begun."""
    start = datetime.now(UTC) - timedelta(hours=3)
    whose: dict[str, Any] = {"csr_id": csr.id, "sales_rep_id": rep.id, "lead_id": past_lead.id}
    return make.appointment(organization, scheduled_start_at=start, **whose)


class TestMoving:
    def test_it_stays_as_long_as_it_is(
        self,
        do: Callable[..., Any],
        csr: User,
        rep: User,
        booked: UUID,
        appointment_of: AppointmentOf,
        tomorrow: datetime,
        trail: Trail,
    ) -> None:
        for _ in range(2):
            do(service.reschedule, csr, tomorrow + timedelta(minutes=15), rep.id, version=1)

        now = appointment_of(booked)
        assert now.scheduled_start_at == tomorrow + timedelta(minutes=15), "it may overlap where it was"
        assert now.scheduled_end_at - now.scheduled_start_at == timedelta(minutes=90)
        assert now.version == 2
        assert trail() == ["appointment.booked", "appointment.rescheduled"]

    def test_another_rep_may_go_then(
        self,
        do: Callable[..., Any],
        csr: User,
        other_rep: User,
        booked: UUID,
        appointment_of: AppointmentOf,
        tomorrow: datetime,
    ) -> None:
        do(service.reschedule, csr, tomorrow + timedelta(hours=3), other_rep.id)

        assert appointment_of(booked).sales_rep_id == other_rep.id

    def test_where_something_is_already_it_can_not_go(
        self,
        do: Callable[..., Any],
        book: Book,
        csr: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
        trail: Trail,
    ) -> None:
        book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(hours=4))
        with pytest.raises(EventTimeConflict):
            do(service.reschedule, csr, tomorrow + timedelta(hours=3), rep.id)

        assert trail() == ["appointment.booked", "appointment.booked"]

    def test_giving_it_to_another_rep_is_a_managers(
        self,
        do: Callable[..., Any],
        csr: User,
        manager: User,
        other_rep: User,
        booked: UUID,
        appointment_of: AppointmentOf,
        trail: Trail,
    ) -> None:
        with pytest.raises(Forbidden):
            do(service.assign, csr, other_rep.id)
        for _ in range(2):
            do(service.assign, manager, other_rep.id, version=1)

        assert appointment_of(booked).sales_rep_id == other_rep.id
        assert trail() == ["appointment.booked", "appointment.assigned"]

    def test_rescheduled_to_the_same_time_with_another_rep_it_is_given_away(
        self,
        do: Callable[..., Any],
        csr: User,
        manager: User,
        rep: User,
        other_rep: User,
        booked: UUID,
        appointment_of: AppointmentOf,
        trail: Trail,
    ) -> None:
        start = appointment_of(booked).scheduled_start_at
        with pytest.raises(Forbidden) as refused:
            do(service.reschedule, csr, start, other_rep.id)
        assert refused.value.extra["required_permission"] == "appointments:assign"
        assert appointment_of(booked).sales_rep_id == rep.id
        for _ in range(2):
            do(service.reschedule, manager, start, other_rep.id, version=1)

        assert appointment_of(booked).sales_rep_id == other_rep.id
        assert trail() == ["appointment.booked", "appointment.assigned"]

    def test_two_at_once_into_one_gap(
        self,
        app: Flask,
        book: Book,
        organization: Organization,
        csr: User,
        rep: User,
        other_rep: User,
        contact: ContactCard,
        booked: UUID,
        actor_of: ActorOf,
        tomorrow: datetime,
    ) -> None:
        other = book(csr, about=About(contact_id=contact.id), rep_id=other_rep.id)
        gap = tomorrow + timedelta(days=1)

        def move(id_: UUID) -> Callable[[], object]:
            return lambda: service.reschedule(actor_of(csr), id_, gap, rep.id, version=1)

        refused = both_at_once(app, organization.id, move(booked), move(other))

        assert [type(error) for error in refused] == [EventTimeConflict]


class TestCallingOff:
    def test_its_lead_waits_for_another(
        self,
        do: Callable[..., Any],
        csr: User,
        lead: Lead,
        booked: UUID,
        appointment_of: AppointmentOf,
        stored: Stored,
        trail: Trail,
    ) -> None:
        for _ in range(2):
            do(service.cancel, csr, "Sold the house", version=1)

        now = appointment_of(booked)
        assert (now.status, now.cancelled_reason, now.version) == ("cancelled", "Sold the house", 2)
        assert (stored(lead).stage, stored(lead).closed_at) == ("qualified", None)
        assert trail() == ["appointment.booked", "appointment.cancelled"]

    def test_with_another_to_come_the_lead_stays_booked(
        self,
        do: Callable[..., Any],
        book: Book,
        csr: User,
        contact: ContactCard,
        lead: Lead,
        tomorrow: datetime,
        stored: Stored,
    ) -> None:
        book(csr, about=About(contact_id=contact.id), start=tomorrow + timedelta(days=2))
        do(service.cancel, csr, "Too early")

        assert stored(lead).stage == "booked"

    def test_its_time_is_free_again(self, do: Callable[..., Any], book: Book, csr: User, contact: ContactCard) -> None:
        do(service.cancel, csr, "Sold the house")

        book(csr, about=About(contact_id=contact.id))

    def test_nobody_was_there(
        self,
        working: Working,
        actor_of: ActorOf,
        csr: User,
        past: Appointment,
        past_lead: Lead,
        stored: Stored,
        trail: Trail,
    ) -> None:
        for _ in range(2):
            with working():
                service.mark_no_show(actor_of(csr), past.id, version=1)

        assert (stored(past).status, stored(past_lead).stage) == ("no_show", "qualified")
        assert trail()[-1:] == ["appointment.missed"]
        assert trail().count("appointment.missed") == 1

    def test_nobody_can_have_been_there_before_it_begins(self, do: Callable[..., Any], csr: User) -> None:
        with pytest.raises(Conflict):
            do(service.mark_no_show, csr)


class TestWhatCameOfIt:
    def test_completed_it_waits_for_a_decision(
        self,
        do: Callable[..., Any],
        rep: User,
        lead: Lead,
        booked: UUID,
        appointment_of: AppointmentOf,
        stored: Stored,
        trail: Trail,
    ) -> None:
        for _ in range(2):
            do(service.complete, rep, version=1)

        now = appointment_of(booked)
        assert (now.status, now.outcome, now.completed_at is not None) == ("completed", "open", True)
        assert (stored(lead).stage, stored(lead).closed_at) == ("pending", None)
        assert trail() == ["appointment.booked", "appointment.completed"]

    def test_won_closes_the_lead(
        self,
        do: Callable[..., Any],
        rep: User,
        lead: Lead,
        booked: UUID,
        appointment_of: AppointmentOf,
        stored: Stored,
        trail: Trail,
    ) -> None:
        for _ in range(2):
            do(service.set_outcome, rep, WON, deal_value=Decimal(4200), version=1)

        now, its = appointment_of(booked), stored(lead)
        assert (now.status, now.outcome, now.deal_value) == ("completed", "closed_won", Decimal(4200))
        assert (its.stage, its.won_at, its.closed_at) == ("booked", now.outcome_at, now.outcome_at)
        assert trail() == ["appointment.booked", "appointment.completed", "appointment.outcome.set"]

    def test_lost_closes_it_with_the_reason(
        self, do: Callable[..., Any], rep: User, lead: Lead, booked: UUID, appointment_of: AppointmentOf, stored: Stored
    ) -> None:
        do(service.set_outcome, rep, LOST, lost_reason="Too expensive")

        now, its = appointment_of(booked), stored(lead)
        assert (now.outcome, now.lost_reason, now.deal_value) == ("closed_lost", "Too expensive", None)
        assert (its.stage, its.dead_reason, its.won_at) == ("dead", "Too expensive", None)
        assert its.closed_at is not None

    def test_a_decision_can_be_open_again_and_another_one(
        self, do: Callable[..., Any], rep: User, lead: Lead, booked: UUID, appointment_of: AppointmentOf, stored: Stored
    ) -> None:
        do(service.set_outcome, rep, LOST, lost_reason="Too expensive")
        do(service.set_outcome, rep, OPEN)
        its = stored(lead)
        assert (its.stage, its.closed_at, its.dead_reason) == ("pending", None, None)
        do(service.set_outcome, rep, WON, deal_value=Decimal("99.50"))

        assert (appointment_of(booked).outcome, appointment_of(booked).lost_reason) == ("closed_won", None)
        assert stored(lead).stage == "booked"

    @pytest.mark.parametrize(("outcome", "field"), [(WON, "deal_value"), (LOST, "lost_reason")])
    def test_value_and_reason_are_asked_for(
        self, do: Callable[..., Any], rep: User, outcome: AppointmentOutcome, field: str
    ) -> None:
        with pytest.raises(ValidationFailed) as refused:
            do(service.set_outcome, rep, outcome)
        assert [wrong.field for wrong in refused.value.fields] == [field]

    def test_nothing_came_of_what_was_called_off(self, do: Callable[..., Any], csr: User) -> None:
        do(service.cancel, csr, "Sold the house")
        with pytest.raises(Conflict):
            do(service.set_outcome, csr, WON, deal_value=Decimal(1))

    def test_a_value_beyond_all_bounds_is_refused_by_its_field(self, do: Callable[..., Any], rep: User) -> None:
        with pytest.raises(ValidationFailed) as refused:
            do(service.set_outcome, rep, WON, deal_value=Decimal(10_000_000))
        assert [wrong.field for wrong in refused.value.fields] == ["deal_value"]

    def test_two_completions_at_once_are_one(
        self,
        app: Flask,
        organization: Organization,
        rep: User,
        csr: User,
        booked: UUID,
        actor_of: ActorOf,
        trail: Trail,
    ) -> None:
        refused = both_at_once(
            app,
            organization.id,
            lambda: service.complete(actor_of(rep), booked, version=1),
            lambda: service.complete(actor_of(csr), booked, version=1),
        )

        assert refused == []
        assert trail() == ["appointment.booked", "appointment.completed"]


CHANGES: dict[str, Callable[..., Any]] = {
    "reschedule": lambda actor, id_, rep, at, v: service.reschedule(actor, id_, at, rep, version=v),
    "cancel": lambda actor, id_, _rep, _at, v: service.cancel(actor, id_, "Sold the house", version=v),
    "complete": lambda actor, id_, _rep, _at, v: service.complete(actor, id_, version=v),
    "won": lambda actor, id_, _rep, _at, v: service.set_outcome(actor, id_, WON, deal_value=Decimal(1), version=v),
    "edit": lambda actor, id_, _rep, _at, v: service.edit(
        actor, id_, service_type="Tune-up", place={"city": "Dallas"}, notes=None, version=v
    ),
}


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
class TestWhoMayAndWhen:
    def _try(
        self, change: Callable[..., Any], working: Working, actor: Any, id_: UUID, rep: User, version: int = 1
    ) -> DomainError:
        at = (datetime.now(UTC) + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
        with pytest.raises(DomainError) as refused, working():
            change(actor, id_, rep.id, at, version)
        return refused.value

    def test_a_form_from_before_a_change_is_refused(
        self,
        change: Callable[..., Any],
        working: Working,
        actor_of: ActorOf,
        do: Callable[..., Any],
        csr: User,
        rep: User,
        booked: UUID,
    ) -> None:
        do(service.edit, csr, service_type="Boiler", place={}, notes="Dog")

        refused = self._try(change, working, actor_of(csr), booked, rep)

        assert isinstance(refused, VersionConflict)
        assert refused.extra["current"]["service_type"] == "Boiler"

    def test_a_colleagues_is_not_there(
        self,
        change: Callable[..., Any],
        working: Working,
        actor_of: ActorOf,
        colleague: User,
        other_rep: User,
        rep: User,
        booked: UUID,
    ) -> None:
        for somebody in (colleague, other_rep):
            assert isinstance(self._try(change, working, actor_of(somebody), booked, rep), NotFound)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_is_refused(
        self,
        change: Callable[..., Any],
        working: Working,
        actor_of: ActorOf,
        make: Factories,
        organization: Organization,
        rep: User,
        booked: UUID,
        role: Role,
    ) -> None:
        reader = make.user(organization, role)

        assert isinstance(self._try(change, working, actor_of(reader), booked, rep), Forbidden)

    def test_the_neighbours_is_not_there(
        self, change: Callable[..., Any], working: Working, actor_of: ActorOf, make: Factories, manager: User, rep: User
    ) -> None:
        theirs = make.appointment(make.organization())

        assert isinstance(self._try(change, working, actor_of(manager), theirs.id, rep), NotFound)
