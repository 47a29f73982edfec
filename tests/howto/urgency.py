"""The column of docs/howto/add-a-column.md, tested in a copy of the project that has it."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import Organization, Role
from app.ops.jobs.worker import run_worker
from tests.data.exports.conftest import order, take
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_pages import ImportPages
from tests.support.pages import Page, text_of
from tests.trust.audit_log.reverting import Story

LABEL = "Urgency"
Make = Callable[[Factories, Organization, str | None], Any]


@dataclass(frozen=True)
class Kind:
    """A resource that has the column: its list, its table, a factory, and an import file whose row is due soon."""

    name: str
    table: str
    make: Make
    imported: tuple[str, bytes]
    #: The query string that opens the whole list, if the plain URL opens a part of it.
    whole: str = ""


LEADS = Kind(
    "leads",
    "leads",
    lambda make, organization, urgency: make.lead(organization, urgency=urgency),
    ("leads", b"Lead id,Last name,Created date,Urgency\nL1,Delgado,2026-03-02 09:30,Soon\n"),
)
KINDS = (
    LEADS,
    Kind(
        "appointments",
        "appointments",
        lambda make, organization, urgency: make.appointment(organization, urgency=urgency),
        (
            "appointments",
            b"Appointment id,Start,Service,Status,Last name,Urgency\nA1,2026-03-02 09:30,Drain,completed,Ray,Soon\n",
        ),
        whole="?sort=startTime",
    ),
    Kind(
        "contacts",
        "contact_cards",
        lambda make, organization, urgency: make.contact(organization, urgency=urgency),
        ("contacts", b"First name,Last name,Phone,Urgency\nRuth,Delgado,+1 212 555 0142,Soon\n"),
    ),
)
#: An import file of deals, which creates leads.
DEALS = ("deals", b"Opportunity ID,Deal stage,Close date,Account,Product,Urgency\nD1,Won,2026-03-02,Acme,Drain,Soon\n")


@pytest.fixture
def pages(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, role=Role.OWNER))


@pytest.fixture
def story(app: Flask, admin_engine: Engine, organization: Organization) -> Story:
    return Story(app, admin_engine, organization)


@pytest.fixture(params=KINDS, ids=lambda kind: str(kind.name))
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def row(kind: Kind, make: Factories, organization: Organization) -> Any:
    """An urgent row, next to one that can wait and one without an urgency."""
    kind.make(make, organization, "flexible")
    kind.make(make, organization, None)
    return kind.make(make, organization, "emergency")


def list_of(kind: Kind, urgency: str = "") -> str:
    return f"/{kind.name}?urgency={urgency}" if urgency else f"/{kind.name}{kind.whole}"


def shown(page: Page) -> list[str]:
    """Return the column's cells on a page of the list."""
    place = [text_of(head) for head in page.all(".//thead//th")].index(LABEL)
    return [text_of(list(line)[place]) for line in page.all(".//tbody/tr")]


def filed(page: Page) -> list[str]:
    """Return the column's values in a file."""
    return [line[LABEL] for line in csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"), newline=""))]


def chips(page: Page) -> list[str]:
    return [text_of(chip) for chip in page.all(".//*[@class='chip']")]


@pytest.mark.usefixtures("row")
def test_the_list_shows_it_and_is_narrowed_by_it(pages: Client, kind: Kind) -> None:
    assert sorted(shown(pages.get(list_of(kind)))) == ["Emergency", "Flexible", "–"]

    page = pages.get(list_of(kind, "emergency"))
    assert shown(page) == ["Emergency"]
    assert any(LABEL in chip and "Emergency" in chip for chip in chips(page))
    options = [text_of(option) for option in page.all(".//select[@name='urgency']/option")]
    assert options == ["Any", "Emergency", "Soon", "Flexible"]
    assert sorted(shown(pages.get(list_of(kind, "emergency,flexible")))) == ["Emergency", "Flexible"]


@pytest.mark.usefixtures("row")
def test_the_choice_of_columns_has_it(pages: Client, kind: Kind) -> None:
    pages.get(list_of(kind))
    pages.post("/list-columns", {"page": kind.name, "column": ["urgency"]})

    assert shown(pages.get(list_of(kind, "flexible"))) == ["Flexible"]


@pytest.mark.usefixtures("row")
def test_files_have_it(app: Flask, pages: Client, kind: Kind) -> None:
    assert filed(pages.get(list_of(kind, "emergency").replace("?", ".csv?"))) == ["Emergency"]

    order(pages, "urgency=emergency", kind=kind.name)
    run_worker(app, schedule=(), until_idle=True)
    assert filed(take(pages, pages.get("/exports").links["Download"])) == ["Emergency"]


def test_the_page_of_a_record_has_it_among_its_facts(pages: Client, kind: Kind, row: Any) -> None:
    page = pages.get(f"/{kind.name}/{row.id}")

    facts = dict(zip(map(text_of, page.all(".//dt")), map(text_of, page.all(".//dd")), strict=True))
    assert facts[LABEL] == "Emergency"


@pytest.mark.parametrize(
    ("kind", "imported"),
    [(one, one.imported) for one in KINDS] + [(LEADS, DEALS)],
    ids=[*(k.name for k in KINDS), "deals"],
)
def test_a_file_brings_it_in(app: Flask, pages: Client, kind: Kind, imported: tuple[str, bytes]) -> None:
    name, content = imported
    ImportPages(pages).run(app, content, f"{name}.csv", name)  # type: ignore[arg-type] # the kind of the same name

    assert shown(pages.get(list_of(kind, "soon"))) == ["Soon"]


def test_the_trail_calls_it_by_its_label_and_sets_it_back(pages: Client, kind: Kind, row: Any, story: Story) -> None:
    entry = story.change(row, urgency="soon")

    page = pages.get(f"/audit/{entry}")
    assert all(word in page.text for word in (LABEL, "Emergency", "Soon"))
    pages.follow(pages.post(f"/audit/{entry}/revert"))

    assert story.stored(row).urgency == "emergency"


def test_a_lead_tells_the_change_in_words(
    pages: Client, make: Factories, organization: Organization, story: Story
) -> None:
    lead = make.lead(organization, urgency="flexible")
    story.change(lead, urgency="soon")

    timeline = " ".join(text_of(item) for item in pages.get(f"/leads/{lead.id}").all(".//li"))
    assert all(word in timeline for word in (LABEL, "Flexible", "Soon"))
