"""What the resource of docs/howto/add-a-resource.md does once it is there: run in a copy of the project that has it.

Here nothing knows of vehicles, so what makes them and is made is `Any`.
"""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
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
    """The rep's van, beside one that nobody drives and one of another organization."""
    make.vehicle(organization, plate="SPARE 1")
    make.vehicle(make.organization(), plate="STRANGER")
    return make.vehicle(organization, plate="ROSA 1", rep_id=rep.id, notes="Has the long ladder")


@pytest.fixture
def pages(client: Client, make: Any, organization: Organization, van: Any) -> Client:
    """The browser of an owner."""
    return client.sign_in(make.user(organization, role=Role.OWNER))


def plates(page: Page) -> list[str]:
    return [text_of(head) for head in page.all(".//tbody/tr/th")]


def heads(page: Page) -> list[str]:
    return [text_of(head) for head in page.all(".//thead//th")]


def in_file(page: Page) -> list[tuple[str, ...]]:
    """Plate, driver and notes of each line."""
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


def test_filters_narrow_it_with_pickers_and_chips(pages: Client, rep: User) -> None:
    page = pages.get(f"/vehicles?rep={rep.id}&plate=rosa")

    assert plates(page) == ["ROSA 1"]
    assert sorted(chips(page)) == ["Driver Rosa Vega", "Number plate rosa"]
    assert plates(pages.get("/vehicles?rep=none")) == ["SPARE 1"]
    offered = [text_of(option) for option in page.all(".//select[@name='rep']/option")]
    assert offered == ["Anybody", "Rosa Vega", "My team", "Nobody"]


def test_the_page_of_one_tells_what_is_known(pages: Client, van: Any) -> None:
    page = pages.get(f"/vehicles/{van.id}")

    assert page.heading == "ROSA 1"
    assert "Has the long ladder" in page.text
    assert [text_of(term) for term in page.all(".//dl[@class='kv']/dt")] == ["Driver", "Notes", "Added at"]


def test_filters_are_kept_as_a_view(pages: Client) -> None:
    fields = pages.get("/vehicles?plate=ROSA").fields("/saved-views")
    saved = pages.post("/saved-views", {**fields, "name": "Rosa's"})

    assert plates(pages.follow(saved)) == ["ROSA 1"]
    assert pages.get("/vehicles").links["Rosa's"] == "/vehicles?plate=ROSA"


def test_columns_are_chosen(pages: Client) -> None:
    pages.get("/vehicles")
    pages.post("/list-columns", {"page": "vehicles", "column": ["rep"]})

    shown = heads(pages.get("/vehicles"))
    assert "Driver" in shown
    assert "Notes" not in shown


def test_the_file_has_what_the_list_has_and_the_trail_says_who_took_it(pages: Client) -> None:
    assert in_file(pages.get("/vehicles.csv?plate=ROSA")) == [("ROSA 1", "Rosa Vega", "Has the long ladder")]
    assert "Exported a list" in pages.get("/audit?action=list.exported").text


def test_an_export_has_it(app: Flask, pages: Client) -> None:
    order(pages, "rep=none", kind="vehicles")
    run_worker(app, until_idle=True)

    assert in_file(take(pages, pages.get("/exports").links["Download"])) == [("SPARE 1", "", "")]


def test_many_are_given_to_a_rep_and_taken_back(app: Flask, pages: Client, rep: User) -> None:
    page = pages.get("/vehicles?rep=none")
    assert [text_of(option) for option in page.all(".//select[@name='action']/option")] == ["Give to a rep"]
    assert "1 vehicle" in pages.get(address("give_vehicle", rep="none")).text

    done = confirm(pages, address("give_vehicle", rep="none"), rep=str(rep.id)).headers["Location"]
    run_worker(app, until_idle=True)
    assert pages.get(done).metrics["rows_changed"] == "1"
    assert plates(pages.get(f"/vehicles?rep={rep.id}")) == ["ROSA 1", "SPARE 1"]

    pages.post(f"{done}/undo")
    run_worker(app, until_idle=True)
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


def test_a_rep_sees_their_own_only(client: Client, make: Any, organization: Organization, van: Any) -> None:
    other = make.vehicle(organization, plate="OTHER", rep_id=make.user(organization, role=Role.SALES_REP).id)
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
