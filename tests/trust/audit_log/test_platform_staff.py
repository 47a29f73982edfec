"""Platform staff in an organization's trail: the picker that names them, and the visit that their entries name."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.audit.actions import Action
from app.audit.record import record_event
from app.db.context import Context, current_context, visit_json
from app.db.ids import uuid7
from app.db.session import organization_scope
from app.extensions import db
from app.models import AuditLog, Organization, Role, StaffRole, User
from app.ops.jobs.queue import context_from_json, context_to_json
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page
from tests.trust.audit_log.entries import entries_on, link_on

WHY = "Ticket 4711"
HOUR = timedelta(hours=1)
PICKED = "Switchboard support: Nora Feld"


@pytest.fixture
def nora(make: Factories) -> User:
    """Nora Feld, an admin of the platform."""
    return make.staff(StaffRole.ADMIN, name="Nora Feld")


@pytest.fixture
def inside(new_client: Callable[[], Client], organization: Organization, nora: User) -> Client:
    """Nora's browser, in the organization."""
    browser = new_client().sign_in(nora)
    browser.post(f"/organizations/{organization.id}/enter", {"reason": WHY})
    return browser


@pytest.fixture
def told(admin_engine: Engine, organization: Organization) -> Callable[[User], list[AuditLog]]:
    """Function that returns a person's entries in the organization, oldest first."""

    def read(user: User) -> list[AuditLog]:
        theirs = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.user_id == user.id)
        with Session(admin_engine) as session:
            return list(session.scalars(theirs.order_by(AuditLog.id)))

    return read


def facts_of(page: Page) -> dict[str, str]:
    """Return the terms and values on the page of an entry."""
    texts = [[" ".join("".join(one.itertext()).split()) for one in page.all(f".//{tag}")] for tag in ("dt", "dd")]
    return dict(zip(*texts, strict=True))


def picked(client: Client) -> dict[str, str]:
    """Return the people offered by the picker, by id."""
    options = client.get("/audit").all(".//select[@name='actor']/option")
    return {option.get("value") or "": " ".join("".join(option.itertext()).split()) for option in options}


def add_note(browser: Client, make: Factories, organization: Organization) -> None:
    """Write a note about a call."""
    call = make.call(organization)
    form = browser.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")
    browser.post(f"/calls/{call.id}/notes", {**form, "body": "Seen together"})


def test_who_lists_staff_after_their_first_entry_here(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    admin: User,
    nora: User,
) -> None:
    make.staff(name="Never Here")
    client.sign_in(admin)
    assert str(nora.id) not in picked(client)

    new_client().sign_in(nora).post(f"/organizations/{organization.id}/enter", {"reason": WHY})

    offered = picked(client)
    assert offered[str(nora.id)] == PICKED
    assert list(offered)[-1] == str(nora.id)
    assert not [name for name in offered.values() if "Never Here" in name]


def test_staff_who_never_entered_but_acted_here_are_listed(
    app: Flask, client: Client, make: Factories, organization: Organization, admin: User, nora: User
) -> None:
    make.entry(organization, nora, actor_role="platform_admin")

    assert picked(client.sign_in(admin))[str(nora.id)] == PICKED


def test_filtering_by_staff_finds_their_entries(
    client: Client, make: Factories, organization: Organization, admin: User, nora: User
) -> None:
    mine = make.entry(organization, nora, actor_role="platform_support")
    make.entry(organization, admin)

    page = client.sign_in(admin).get(f"/audit?actor={nora.id}")

    assert entries_on(page) == [mine.id]
    assert PICKED in page.text


def test_staff_in_another_organization_are_not_listed(
    client: Client, make: Factories, organization: Organization, admin: User, nora: User
) -> None:
    make.entry(make.organization(), nora, actor_role="platform_support")

    assert str(nora.id) not in picked(client.sign_in(admin))


def test_at_home_staff_are_ordinary_people(client: Client, make: Factories) -> None:
    nora = make.staff(name="Nora Feld")
    home = make.user(Organization(id=nora.organization_id, slug="the-platform"), Role.ADMIN)

    assert picked(client.sign_in(home))[str(nora.id)] == "Nora Feld"


def test_every_entry_of_a_visit_names_it(
    make: Factories, organization: Organization, inside: Client, nora: User, told: Callable[[User], list[AuditLog]]
) -> None:
    add_note(inside, make, organization)
    inside.get("/organization/delete", status=403)
    inside.post("/organizations/leave")

    entries = told(nora)
    assert [one.action for one in entries] == [
        "organization.entered",
        "call_note.created",
        "permission.refused",
        "organization.left",
    ]
    visits = [one.details["visit"] for one in entries]
    assert {visit["reason"] for visit in visits} == {WHY}
    assert len({visit["id"] for visit in visits}) == 1


def test_the_next_visit_has_an_id_of_its_own(
    organization: Organization, inside: Client, nora: User, told: Callable[[User], list[AuditLog]]
) -> None:
    inside.post("/organizations/leave")
    inside.post(f"/organizations/{organization.id}/enter", {"reason": "Ticket 4712"})

    visits = [one.details["visit"] for one in told(nora)]
    assert [visit["reason"] for visit in visits] == [WHY, WHY, "Ticket 4712"]
    assert visits[1]["id"] != visits[2]["id"]


def test_entries_at_home_and_of_the_organizations_people_name_no_visit(
    make: Factories,
    organization: Organization,
    inside: Client,
    nora: User,
    admin: User,
    admin_engine: Engine,
    new_client: Callable[[], Client],
) -> None:
    inside.post("/organizations/leave")
    add_note(new_client().sign_in(admin), make, organization)

    with Session(admin_engine) as session:
        others = session.scalars(
            select(AuditLog).where((AuditLog.organization_id == nora.organization_id) | (AuditLog.user_id == admin.id))
        ).all()
    assert {"session.entered", "session.left", "call_note.created"} <= {one.action for one in others}
    assert not [one for one in others if "visit" in one.details]


def test_a_job_asked_for_during_a_visit_names_it(
    app: Flask, organization: Organization, nora: User, told: Callable[[User], list[AuditLog]]
) -> None:
    visit = visit_json(uuid7(), WHY)
    there = Context(
        organization_id=organization.id,
        actor_id=nora.id,
        actor_label="Nora Feld",
        actor_role="platform_admin",
        actor_home_id=nora.organization_id,
        visit=visit,
    )
    with app.app_context(), organization_scope(there, db.session):
        stored = context_to_json(current_context())
    with app.app_context(), organization_scope(context_from_json(stored), db.session):
        record_event(Action.JOB_REQUESTED, "job")
        db.session.commit()

    assert [one.details["visit"] for one in told(nora)] == [json.loads(visit)]


def test_a_smuggled_statement_claims_no_visit(app: Flask, organization: Organization, admin: User) -> None:
    here = Context(organization_id=organization.id, actor_id=admin.id, actor_label="Ada Admin", source="user")
    with app.app_context(), organization_scope(here, db.session):
        db.session.execute(select(func.set_config("app.visit", visit_json(uuid7(), WHY), True)))
        with pytest.raises(ProgrammingError, match="does not act in that name"):
            record_event(Action.JOB_REQUESTED, "job")


def test_the_page_of_an_entry_tells_the_visit_and_leads_to_all_of_it(
    client: Client,
    make: Factories,
    organization: Organization,
    inside: Client,
    admin: User,
    nora: User,
    told: Callable[[User], list[AuditLog]],
) -> None:
    add_note(inside, make, organization)
    entered, noted = told(nora)

    page = client.sign_in(admin).get(f"/audit/{noted.id}")

    assert facts_of(page)["Support visit"] == WHY
    assert set(entries_on(client.get(link_on(page, "All entries from this support visit")))) == {entered.id, noted.id}


@pytest.fixture
def visited(make: Factories, organization: Organization, nora: User) -> Callable[..., AuditLog]:
    """Function that adds an entry of Nora's from before visits had ids: `visited("organization.left", 2, WHY)`."""

    def add(action: str, hours: float, reason: str | None = None) -> AuditLog:
        return make.entry(
            organization,
            nora,
            actor_role="platform_support",
            action=action,
            resource_type=action.partition(".")[0],
            created_at=DAY + hours * HOUR,
            details={"reason": reason} if reason else {},
            before=None,
            after=None,
        )

    return add


def test_older_entries_show_the_visit_that_was_open_then_as_derived(
    client: Client, admin: User, visited: Callable[..., AuditLog]
) -> None:
    began = visited("organization.entered", 0, WHY)
    during = visited("call.updated", 1)
    visited("organization.left", 2, WHY)
    visited("organization.entered", 3, "Ticket 4712")
    later = visited("call.updated", 4)
    client.sign_in(admin)

    page = client.get(f"/audit/{during.id}")

    assert facts_of(page)["Support visit"] == f"{WHY} (matched by person and time)"
    assert link_on(page, "Start of this support visit") == f"/audit/{began.id}"
    assert facts_of(client.get(f"/audit/{later.id}"))["Support visit"].startswith("Ticket 4712")


def test_of_two_visits_at_a_time_the_one_that_was_left_is_not_derived(
    client: Client, admin: User, visited: Callable[..., AuditLog]
) -> None:
    visited("organization.entered", 0, WHY)
    visited("organization.entered", 1, "Ticket 4712")
    visited("organization.left", 2, "Ticket 4712")
    during = visited("call.updated", 3)

    assert facts_of(client.sign_in(admin).get(f"/audit/{during.id}"))["Support visit"].startswith(WHY)


@pytest.mark.parametrize("days", [0, 31])
def test_no_visit_is_derived_without_an_open_one(
    client: Client, admin: User, visited: Callable[..., AuditLog], days: int
) -> None:
    visited("organization.entered", -1 - days * 24, WHY)
    if not days:
        visited("organization.left", -0.5, WHY)
    alone = visited("organization.updated", 0)

    assert "Support visit" not in facts_of(client.sign_in(admin).get(f"/audit/{alone.id}"))


def test_an_entry_of_the_organizations_own_people_derives_no_visit(
    client: Client, make: Factories, organization: Organization, admin: User, visited: Callable[..., AuditLog]
) -> None:
    visited("organization.entered", -1, WHY)
    entry = make.entry(organization, admin)

    assert "Support visit" not in facts_of(client.sign_in(admin).get(f"/audit/{entry.id}"))


@pytest.mark.parametrize(
    ("language", "label"),
    [("ru", "Поддержка Switchboard: Nora Feld"), ("uz", "Switchboard yordam xizmati: Nora Feld")],
)
@pytest.mark.usefixtures("inside")
def test_staff_are_named_in_the_readers_language(
    client: Client, make: Factories, organization: Organization, nora: User, language: str, label: str
) -> None:
    client.sign_in(make.user(organization, Role.ADMIN, language=language))

    assert picked(client)[str(nora.id)] == label
