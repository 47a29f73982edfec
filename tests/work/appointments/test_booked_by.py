"""Correcting who booked an appointment: on its page, in bulk and in the API, and what follows from it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.errors import Forbidden, NotFound, ValidationFailed, VersionConflict
from app.insight.metrics.csr_queries import csr_numbers
from app.models import Appointment, AuditLog, ContactCard, Organization, Role, User
from app.periods import resolve_period
from app.work.appointments import service
from app.work.appointments.context_queries import About
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.support.work import both_at_once
from tests.work.appointments.conftest import Book, Trail, Working
from tests.work.conftest import ActorOf

REASON = "Maya agreed the time on the phone."
AppointmentOf = Callable[[UUID], Appointment]


@pytest.fixture
def booked(book: Book, manager: User, contact: ContactCard) -> UUID:
    """ID of an appointment that the manager booked."""
    return book(manager, about=About(contact_id=contact.id))


@pytest.fixture
def credit(working: Working, actor_of: ActorOf, booked: UUID) -> Callable[..., None]:
    """Function that corrects who booked it: `credit(manager, csr.id)`."""

    def change(actor: User, csr_id: UUID | None, version: int = 1) -> None:
        with working():
            service.credit(actor_of(actor), booked, csr_id, REASON, version=version)

    return change


class TestRules:
    def test_it_is_someone_elses_or_no_ones(
        self, credit: Callable[..., None], manager: User, csr: User, booked: UUID, appointment_of: AppointmentOf,
        trail: Trail,
    ) -> None:  # fmt: skip
        for _ in range(2):
            credit(manager, csr.id)
        assert appointment_of(booked).csr_id == csr.id

        credit(manager, None, version=2)
        assert appointment_of(booked).csr_id is None
        assert trail() == ["appointment.booked", "appointment.credited", "appointment.credited"]

    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.EXEC])
    def test_others_are_refused(
        self, credit: Callable[..., None], make: Factories, organization: Organization, csr: User, role: Role
    ) -> None:
        with pytest.raises(Forbidden):
            credit(make.user(organization, role), csr.id)

    def test_another_organizations_is_not_found(
        self, credit: Callable[..., None], make: Factories, actor_of: ActorOf, manager: User, csr: User,
        working: Working,
    ) -> None:  # fmt: skip
        elsewhere = make.organization()
        theirs = make.appointment(elsewhere)
        with pytest.raises(NotFound), working():
            service.credit(actor_of(manager), theirs.id, csr.id, REASON, version=1)
        with pytest.raises(ValidationFailed):
            credit(manager, make.user(elsewhere).id)

    @pytest.mark.parametrize(
        "values", [{"status": "inactive"}, {"role": Role.SALES_REP}, {"role": Role.SUPPORT}, {"role": Role.EXEC}]
    )
    def test_someone_who_does_not_book_cannot_have_booked(
        self, credit: Callable[..., None], make: Factories, organization: Organization, manager: User, booked: UUID,
        appointment_of: AppointmentOf, values: dict[str, Any],
    ) -> None:  # fmt: skip
        for person in (make.user(organization, **values).id, uuid4()):
            with pytest.raises(ValidationFailed) as refusal:
                credit(manager, person)
            assert "Choose an active person who books appointments" in str(refusal.value.fields[0].message)

        assert appointment_of(booked).csr_id == manager.id

    def test_the_sealed_reason_does_not_name_the_contact(
        self, client: Client, working: Working, actor_of: ActorOf, behind: Behind, manager: User, csr: User,
        contact: ContactCard, booked: UUID,
    ) -> None:  # fmt: skip
        behind.change(contact, email="ruth@example.com")
        national = contact.primary_phone.removeprefix("+1") if contact.primary_phone else ""
        reason = f"ruth  delgado asked for Maya, at {national[:3]}-{national[3:]} or Ruth@example.com"
        client.sign_in(manager)
        address = f"/bulk/new?action=credit_appointments&row={booked}"
        with working():
            service.credit(actor_of(manager), booked, csr.id, reason, version=1)
        client.post(address, {**client.get(address).fields(address), "csr": str(manager.id), "reason": reason})

        entries = behind.rows(AuditLog, resource_id=booked, action="appointment.credited")
        assert [entry.details["reason"].replace("•", "") for entry in entries] == [" asked for Maya, at  or "] * 2

    def test_a_stale_form_changes_nothing(self, credit: Callable[..., None], manager: User, csr: User) -> None:
        credit(manager, csr.id)
        with pytest.raises(VersionConflict):
            credit(manager, None)

    def test_of_two_at_once_one_is_saved_and_the_other_hears_of_it(
        self, app: Flask, organization: Organization, actor_of: ActorOf, manager: User, csr: User, colleague: User,
        booked: UUID, trail: Trail,
    ) -> None:  # fmt: skip
        works = [
            lambda who=who: service.credit(actor_of(manager), booked, who.id, REASON, version=1)
            for who in (csr, colleague)
        ]

        [refusal] = both_at_once(app, organization.id, *works)

        assert isinstance(refusal, VersionConflict)
        assert trail() == ["appointment.booked", "appointment.credited"]


class TestEffects:
    def test_the_new_csr_sees_it_and_the_old_one_no_longer(
        self, client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization,
        manager: User, csr: User, colleague: User, working: Working, actor_of: ActorOf,
    ) -> None:  # fmt: skip
        visit = make.appointment(organization, csr_id=colleague.id)
        theirs = new_client().sign_in(colleague)
        theirs.get(f"/appointments/{visit.id}")
        client.sign_in(csr).get(f"/appointments/{visit.id}", status=404)

        with working():
            service.credit(actor_of(manager), visit.id, csr.id, REASON, version=1)

        client.get(f"/appointments/{visit.id}")
        theirs.get(f"/appointments/{visit.id}", status=404)

    def test_numbers_of_its_day_are_the_new_csrs(
        self, make: Factories, organization: Organization, manager: User, csr: User, colleague: User,
        working: Working, actor_of: ActorOf,
    ) -> None:  # fmt: skip
        visit, _decoy = (make.appointment(organization, csr_id=colleague.id, booked_at=DAY) for _ in range(2))
        day = DAY.date()

        def booked_by(person: User) -> Any:
            with working():
                actor = actor_of(manager)
                period = resolve_period("custom", now=DAY, timezone=actor.timezone, first_day=day, last_day=day)
                return csr_numbers(actor, period, csr=person.id, now=DAY)["appointments_booked"].value

        assert (booked_by(csr), booked_by(colleague)) == (0, 2)
        with working():
            service.credit(actor_of(manager), visit.id, csr.id, REASON, version=1)
        assert (booked_by(csr), booked_by(colleague)) == (1, 1)

    def test_it_is_reverted_in_the_audit_trail(
        self, client: Client, make: Factories, organization: Organization, credit: Callable[..., None],
        manager: User, csr: User, booked: UUID, appointment_of: AppointmentOf, behind: Behind,
    ) -> None:  # fmt: skip
        credit(manager, csr.id)
        entry = behind.one(AuditLog, resource_id=booked, action="appointment.credited")
        action = f"/audit/{entry.id}/revert"

        client.sign_in(make.user(organization, Role.ADMIN))
        client.post(action, client.get(action).fields(action))

        assert appointment_of(booked).csr_id == manager.id


class TestPages:
    def test_the_page_changes_it_with_a_reason_and_says_why(
        self, client: Client, manager: User, csr: User, booked: UUID, appointment_of: AppointmentOf
    ) -> None:
        at = f"/appointments/{booked}"
        action = f"{at}/credit"
        form = client.sign_in(manager).get(at).fields(action)

        refused = client.post(action, {**form, "csr": str(csr.id)}, status=400)
        assert "Briefly explain why." in refused.text
        unchosen = client.post(action, {**form, "reason": REASON}, status=400)
        assert "Choose an active person who books appointments" in unchosen.text
        page = client.follow(client.post(action, {**form, "csr": str(csr.id), "reason": REASON}))

        assert appointment_of(booked).csr_id == csr.id
        history = text_of(page.one(".//*[@id='appointment-parts']"))
        assert "“Booked by” changed" in history
        assert REASON in history

        form = page.fields(action)
        client.post(action, {**form, "csr": "none", "reason": REASON})
        assert appointment_of(booked).csr_id is None

    def test_a_csr_has_no_form_and_sends_none(
        self, client: Client, csr: User, colleague: User, book: Book, contact: ContactCard
    ) -> None:
        at = f"/appointments/{book(csr, about=About(contact_id=contact.id))}"
        page = client.sign_in(csr).get(at)

        assert not [form for form in page.all(".//form") if str(form.get("action")).endswith("/credit")]
        sent = {"csr": str(colleague.id), "reason": REASON, "version": "1"}
        client.post(f"{at}/credit", sent, status=403)

    def test_many_are_changed_and_undone(
        self, client: Client, make: Factories, organization: Organization, manager: User, csr: User, colleague: User,
        behind: Behind, trail: Trail,
    ) -> None:  # fmt: skip
        visits = [make.appointment(organization, csr_id=person.id) for person in (colleague, colleague, csr)]
        decoy = make.appointment(organization, csr_id=colleague.id)
        rows = "&".join(f"row={visit.id}" for visit in visits)
        address = f"/bulk/new?action=credit_appointments&{rows}"
        form = client.sign_in(manager).get(address).fields(address)
        client.post(address, {**form, "csr": str(csr.id)}, status=400)

        page = client.follow(client.post(address, {**form, "csr": str(csr.id), "reason": REASON}))

        def bookers() -> list[UUID | None]:
            return [behind.one(Appointment, id=visit.id).csr_id for visit in (*visits, decoy)]

        assert bookers() == [csr.id, csr.id, csr.id, colleague.id]
        entries = behind.rows(AuditLog, organization_id=organization.id, action="appointment.credited")
        assert [entry.details["reason"] for entry in entries] == [REASON, REASON]
        undo = next(form.get("action", "") for form in page.all(".//form") if "/undo" in form.get("action", ""))
        client.post(undo, page.fields(undo))
        assert bookers() == [colleague.id, colleague.id, csr.id, colleague.id]
