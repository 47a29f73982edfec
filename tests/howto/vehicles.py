"""The resource of docs/howto/add-a-resource.md, tested in a copy of the project that has it.

The project itself doesn't know vehicles, so their factory and rows are typed `Any`.
"""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Base, Organization, Role, User
from app.models.holds import MENTIONS, columns_with
from app.ops.jobs.worker import run_worker
from tests.data.bulk.conftest import address, confirm
from tests.data.exports.conftest import order, take
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.calls.reading import chips


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Rosa Vega")


@pytest.fixture
def van(make: Any, organization: Organization, rep: User) -> Any:
    """The rep's van, next to one without a driver and one of another organization."""
    make.vehicle(organization, name="SPARE 1")
    make.vehicle(make.organization(), name="STRANGER")
    return make.vehicle(organization, name="ROSA 1", rep_id=rep.id, notes="Has the long ladder")


@pytest.fixture
def pages(client: Client, make: Any, organization: Organization, van: Any) -> Client:
    """The signed-in browser of an owner."""
    return client.sign_in(make.user(organization, role=Role.OWNER))


def plates(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//tbody/tr/th/a")]


def heads(page: Page) -> list[str]:
    return [text_of(head) for head in page.all(".//thead//th")]


def in_file(page: Page) -> list[tuple[str, ...]]:
    """Return plate, driver and notes of each line."""
    lines = csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"), newline=""))
    return [(line["Number plate"], line["Driver"], line["Notes"]) for line in lines]


def test_the_list_shows_those_that_are_here(pages: Client) -> None:
    page = pages.get("/vehicles")

    assert plates(page) == ["ROSA 1", "SPARE 1"]
    assert [one for one in heads(page) if one in ("Number plate", "Driver", "Notes")] == [
        "Number plate",
        "Driver",
        "Notes",
    ]
    assert page.links["Vehicles"] == "/vehicles"
    assert plates(pages.get("/vehicles?sort=createdAt")) == ["SPARE 1", "ROSA 1"]


def test_filters_narrow_it_with_pickers_and_chips(pages: Client, rep: User) -> None:
    page = pages.get(f"/vehicles?rep={rep.id}&q=rosa")

    assert plates(page) == ["ROSA 1"]
    assert sorted(chips(page)) == ["Driver Rosa Vega", "Number plate rosa"]
    assert plates(pages.get("/vehicles?rep=none")) == ["SPARE 1"]
    offered = [text_of(option) for option in page.all(".//select[@name='rep']/option")]
    assert offered == ["Anyone", "Rosa Vega", "My team", "Unassigned"]


def test_the_page_of_one_tells_what_is_known(pages: Client, van: Any) -> None:
    page = pages.get(f"/vehicles/{van.id}")

    assert page.heading == "ROSA 1"
    assert "Has the long ladder" in page.text
    assert [text_of(term) for term in page.all(".//dl[@class='kv']/dt")] == ["Driver", "Notes", "Added at"]


def test_one_is_added_by_a_form_with_the_same_words(pages: Client, rep: User) -> None:
    opened = pages.get("/vehicles/new")
    form = {**opened.fields("/vehicles/new"), "name": "KTX 4821", "rep_id": str(rep.id), "notes": ""}
    assert [text_of(label) for label in opened.all(".//main//label")][-3:] == ["Number plate", "Driver", "Notes"]

    added = pages.follow(pages.post("/vehicles/new", form))
    pages.post("/vehicles/new", form)

    assert added.heading == "KTX 4821"
    assert plates(pages.get("/vehicles")) == ["KTX 4821", "ROSA 1", "SPARE 1"]


def test_whoever_saves_late_overwrites_nothing(pages: Client, van: Any) -> None:
    edit = f"/vehicles/{van.id}/edit"
    form = pages.get(edit).fields(edit)
    pages.post(edit, {**form, "name": "ROSA 2"})

    late = pages.post(edit, {**form, "name": "ROSA 3"}, status=409)

    told = text_of(late.one(".//*[@id='vehicle-conflict']"))
    assert "Number plate" in told
    assert "ROSA 2" in told
    assert "Driver" not in told
    assert plates(pages.get("/vehicles")) == ["ROSA 2", "SPARE 1"]


def test_filters_are_kept_as_a_view(pages: Client) -> None:
    fields = pages.get("/vehicles?q=ROSA").fields("/saved-views")
    saved = pages.post("/saved-views", {**fields, "name": "Rosa's"})

    assert plates(pages.follow(saved)) == ["ROSA 1"]
    assert pages.get("/vehicles").links["Rosa's"] == "/vehicles?q=ROSA"


def test_columns_are_chosen(pages: Client) -> None:
    pages.get("/vehicles")
    pages.post("/list-columns", {"page": "vehicles", "column": ["rep"]})

    shown = heads(pages.get("/vehicles"))
    assert "Driver" in shown
    assert "Notes" not in shown


def test_the_file_has_what_the_list_has_and_the_trail_says_who_took_it(pages: Client) -> None:
    assert in_file(pages.get("/vehicles.csv?q=ROSA")) == [("ROSA 1", "Rosa Vega", "Has the long ladder")]
    assert "Exported a list" in pages.get("/audit?action=list.exported").text


def test_an_export_has_it(app: Flask, pages: Client) -> None:
    order(pages, "rep=none", kind="vehicles")
    run_worker(app, schedule=(), until_idle=True)

    assert in_file(take(pages, pages.get("/exports").links["Download"])) == [("SPARE 1", "", "")]


def test_many_are_assigned_to_a_rep_and_that_is_undone(pages: Client, rep: User) -> None:
    page = pages.get("/vehicles?rep=none")
    buttons = page.all(".//form[@action='/bulk']//button[@name='action']")
    assert [text_of(button) for button in buttons] == ["Assign to a sales rep…"]
    assert "1 vehicle" in pages.get(address("assign_vehicles", rep="none")).text

    page = pages.follow(confirm(pages, address("assign_vehicles", rep="none"), rep=str(rep.id)))
    assert "Sales rep changed for 1 vehicle." in page.text
    assert plates(pages.get(f"/vehicles?rep={rep.id}")) == ["ROSA 1", "SPARE 1"]

    pages.post(str(page.one(".//*[@id='toasts']//form").get("action")))
    assert plates(pages.get(f"/vehicles?rep={rep.id}")) == ["ROSA 1"]


def test_it_goes_to_the_trash_and_comes_back(pages: Client, van: Any) -> None:
    pages.post(f"/vehicles/{van.id}/delete", {"version": van.version})
    assert plates(pages.get("/vehicles")) == ["SPARE 1"]
    pages.get(f"/vehicles/{van.id}", status=404)

    listed = pages.get("/trash")
    assert "ROSA 1" in listed.text
    assert "Vehicle" in listed.text
    form = f"{listed.links['ROSA 1']}/restore"
    pages.post(form, {**pages.get(form).fields(form, "post"), "step": "restore"})
    assert plates(pages.get("/vehicles")) == ["ROSA 1", "SPARE 1"]


def test_the_trail_calls_it_and_its_columns_by_their_words(pages: Client, van: Any, admin_engine: Engine) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE vehicles SET rep_id = NULL WHERE id = :id"), {"id": van.id})

    page = pages.get(f"/audit?resource_id={van.id}&field=rep_id")

    assert "Changed: vehicle" in page.text
    assert "Driver" in page.text


def test_its_notes_may_mention_people() -> None:
    assert columns_with(Base.metadata.tables["vehicles"], MENTIONS) == ("notes",)


def test_a_rep_sees_their_own_only(client: Client, make: Any, organization: Organization, van: Any) -> None:
    other = make.vehicle(organization, name="OTHER", rep_id=make.user(organization, role=Role.SALES_REP).id)
    client.sign_in(make.user(organization, role=Role.SALES_REP))

    assert plates(client.get("/vehicles")) == []
    client.get(f"/vehicles/{other.id}", status=404)


def test_the_driver_sees_it_and_may_not_delete_it(client: Client, rep: User, van: Any) -> None:
    client.sign_in(rep)

    assert plates(client.get("/vehicles")) == ["ROSA 1"]
    assert in_file(client.get("/vehicles.csv")) == [("ROSA 1", "Rosa Vega", "Has the long ladder")]
    client.post(f"/vehicles/{van.id}/delete", {"version": van.version}, status=403)


def test_another_organization_finds_none(client: Client, make: Any, van: Any) -> None:
    client.sign_in(make.user(make.organization(), role=Role.OWNER))

    assert plates(client.get("/vehicles")) == []
    client.get(f"/vehicles/{van.id}", status=404)
    client.post(f"/vehicles/{van.id}/delete", {"version": van.version}, status=404)


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT])
def test_who_has_no_vehicles_gets_none(
    client: Client, make: Any, organization: Organization, van: Any, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role))

    client.get("/vehicles", status=403)
    client.get(f"/vehicles/{van.id}", status=403)
