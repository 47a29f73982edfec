"""What the column of docs/howto/add-a-column.md does once it is there: run in a copy of the project that has it."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.data.exports.conftest import order, take
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_pages import ImportPages
from tests.support.pages import Page, text_of
from tests.work.calls.reading import chips

LABEL = "Mood of the caller"


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.OWNER)


@pytest.fixture
def upset(make: Factories, organization: Organization) -> Call:
    """A call of an upset caller, beside one of a calm caller and one of whom nothing is known."""
    make.call(organization, caller_mood="calm")
    make.call(organization)
    return make.call(organization, caller_mood="upset", topic="Furnace")


@pytest.fixture
def pages(client: Client, owner: User, upset: Call) -> Client:
    return client.sign_in(owner)


def moods(page: Page) -> list[str]:
    """The column's cells on a page of the list."""
    place = [text_of(head) for head in page.all(".//thead//th")].index(LABEL)
    return [text_of(list(row)[place]) for row in page.all(".//tbody/tr")]


def moods_in(page: Page) -> list[str]:
    """The column in a file."""
    return [row[LABEL] for row in csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"), newline=""))]


def test_the_list_shows_it(pages: Client) -> None:
    assert sorted(moods(pages.get("/calls"))) == ["Calm", "Upset", "–"]


def test_the_list_is_narrowed_by_it(pages: Client) -> None:
    page = pages.get("/calls?caller_mood=upset")

    assert moods(page) == ["Upset"]
    assert chips(page) == [f"{LABEL} Upset"]
    options = [text_of(option) for option in page.all(".//select[@name='caller_mood']/option")]
    assert options == ["Any", "Calm", "In a hurry", "Upset"]


def test_the_choice_of_columns_has_it(pages: Client) -> None:
    pages.get("/calls")
    pages.post("/list-columns", {"page": "calls", "column": ["caller_mood"]})

    assert moods(pages.get("/calls?caller_mood=calm")) == ["Calm"]

    pages.post("/list-columns", {"page": "calls", "column": ["topic"]})
    assert LABEL not in [text_of(head) for head in pages.get("/calls").all(".//thead//th")]


def test_the_file_has_it(pages: Client) -> None:
    assert sorted(moods_in(pages.get("/calls.csv"))) == ["", "Calm", "Upset"]
    assert moods_in(pages.get("/calls.csv?caller_mood=calm")) == ["Calm"]


def test_an_export_has_it(app: Flask, pages: Client) -> None:
    order(pages, "caller_mood=upset")
    run_worker(app, until_idle=True)

    assert moods_in(take(pages, pages.get("/exports").links["Download"])) == ["Upset"]


def test_the_page_of_a_call_tells_it(pages: Client, upset: Call) -> None:
    facts = [text_of(term) for term in pages.get(f"/calls/{upset.id}").all(".//dt")]

    assert LABEL in facts


def test_a_file_brings_it_in(app: Flask, pages: Client) -> None:
    ImportPages(pages).run(app, b"Started,Answered,Talk time,Mood\n2026-03-17 09:30,yes,60,Hurried\n")

    assert moods(pages.get("/calls?caller_mood=hurried")) == ["In a hurry"]


def test_the_trail_calls_it_by_its_label(pages: Client, upset: Call, admin_engine: Engine) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE calls SET caller_mood = 'calm' WHERE id = :id"), {"id": upset.id})

    entry = pages.get(f"/audit?resource_id={upset.id}&field=caller_mood")
    timeline = pages.get(f"/calls/{upset.id}")

    assert LABEL in entry.text
    assert LABEL in " ".join(text_of(item) for item in timeline.all(".//li"))
