"""The list of recordings: visibility and filters."""

from datetime import timedelta

import pytest
from flask import Flask

from app.models import Organization, RecordingSession, Role, User
from app.work.recordings.filters import RecordingFilters
from app.work.recordings.queries import recording_list
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.pages import Page, text_of
from tests.support.work import at_work


def recorded(make: Factories, organization: Organization, rep: User, customer: str, **values: object) -> None:
    """Create a recording of an appointment with a contact of this first name."""
    contact = make.contact(organization, first_name=customer, last_name=None)
    visit = make.appointment(organization, contact=contact)
    make.recording(visit, rep, **values)


def customers(page: Page) -> list[str]:
    """Return the contact's first name in each row, in order."""
    return [text_of(cell).split(" ")[0] for cell in page.all(".//tbody/tr/th")]


def test_a_rep_sees_their_own_recordings_and_a_manager_all(client: Client, make: Factories) -> None:
    company = make.organization()
    ann, bob = make.user(company, Role.SALES_REP), make.user(company, Role.SALES_REP)
    recorded(make, company, ann, "Anns")
    recorded(make, company, bob, "Bobs", started_at=DAY - timedelta(days=1))
    stranger = make.organization()
    recorded(make, stranger, make.user(stranger, Role.SALES_REP), "Strange")

    assert customers(client.sign_in(ann).get("/recordings")) == ["Anns"]
    assert customers(client.sign_in_by_form(make.user(company, Role.MANAGER)).get("/recordings")) == ["Anns", "Bobs"]


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT])
def test_who_may_not_hear_recordings_has_no_list_of_them(client: Client, make: Factories, role: Role) -> None:
    client.sign_in(make.user(make.organization(), role)).get("/recordings", status=403)


def test_filters_keep_a_rep_a_team_a_status_and_days(client: Client, make: Factories) -> None:
    company = make.organization()
    manager = make.user(company, Role.MANAGER)
    ann = make.user(company, Role.SALES_REP, name="Ann", manager_id=manager.id)
    bob = make.user(company, Role.SALES_REP, name="Bob")
    recorded(make, company, ann, "Ready")
    recorded(make, company, ann, "Failed", status="failed")
    recorded(make, company, bob, "Early", started_at=DAY - timedelta(days=10))
    client.sign_in(manager)

    assert customers(client.get(f"/recordings?rep={bob.id}")) == ["Early"]
    assert sorted(customers(client.get("/recordings?rep=team"))) == ["Failed", "Ready"]
    assert customers(client.get("/recordings?status=failed")) == ["Failed"]
    assert customers(client.get("/recordings?period=custom&from=2026-03-01&to=2026-03-10")) == ["Early"]
    assert "Bob" in client.get(f"/recordings?rep={bob.id}").text


def test_a_deleted_recording_is_not_listed(client: Client, make: Factories) -> None:
    company = make.organization()
    rep = make.user(company, Role.SALES_REP)
    visit = make.appointment(company, sales_rep_id=rep.id)
    recording: RecordingSession = make.recording(visit, rep)
    make.deletion(recording, root_type="recording")

    page = client.sign_in(rep).get("/recordings")

    assert "No recordings" in page.text


def test_a_recording_leads_to_its_page_and_from_there_to_the_call_it_became(client: Client, make: Factories) -> None:
    company = make.organization()
    rep = make.user(company, Role.SALES_REP)
    call = make.call(company, call_type="visit_call", assigned_rep_id=rep.id)
    make.analysis(call)
    recorded(make, company, rep, "Heard", call_id=call.id)

    page = client.sign_in(rep).get("/recordings")

    assert "analyzed" in page.text
    assert client.get(page.links["Heard"]).links["Transcript and analysis"] == f"/calls/{call.id}"


def test_a_recording_whose_visit_is_in_the_trash_is_listed_found_and_says_so(
    app: Flask, client: Client, make: Factories
) -> None:
    company = make.organization()
    rep = make.user(company, Role.SALES_REP)
    visit = make.appointment(company, contact=make.contact(company, first_name="Hollis"), sales_rep_id=rep.id)
    recording = make.recording(visit, rep)
    assert f"/appointments/{visit.id}" in client.sign_in(rep).get(f"/recordings/{recording.id}").links.values()
    make.deletion(visit, root_type="appointment", counts={"appointment": 1})

    page = client.get(f"/recordings/{recording.id}")

    assert "Appointment (in the trash)" in page.text
    assert str(visit.id) not in page.html
    assert customers(client.get("/recordings?q=Hollis")) == ["Hollis"]
    with at_work(app, company.id):
        assert recording_list(acting(rep), RecordingFilters(q="Hollis")).count().number == 1
