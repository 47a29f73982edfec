"""The column of docs/howto/add-a-column.md, tested in a copy of the project that has it."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import ContactCard, ImportKind, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.data.exports.conftest import order, take
from tests.support.api_client import ApiClient, data_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_pages import ImportPages
from tests.support.pages import Page, text_of
from tests.trust.audit_log.reverting import Story

LABEL = "Urgency"
Make = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    """A resource that has the column: its list, its table, a factory, its form, and an import file of a row.

    The file has the urgency of its row in place of `%s`.
    """

    name: str
    table: str
    make: Make
    imported: bytes
    #: The page with the form of a record, and the address that the form is sent to.
    page: str
    form: str
    #: The query string that opens the whole list, if the plain URL opens a part of it.
    whole: str = ""


CALLS = Kind(
    "calls",
    "calls",
    lambda make, organization, **values: make.call(organization, **values),
    b"Call ID,Start time,Status,Caller,Urgency\nC1,2026-03-02 09:30,completed,+12125550142,%s\n",
    "/calls/{id}",
    "/calls/{id}/outcome",
)
LEADS = Kind(
    "leads",
    "leads",
    lambda make, organization, **values: make.lead(organization, **values),
    b"Lead id,Last name,Created date,Urgency\nL1,Delgado,2026-03-02 09:30,%s\n",
    "/leads/{id}/edit",
    "/leads/{id}/edit",
)
APPOINTMENTS = Kind(
    "appointments",
    "appointments",
    lambda make, organization, **values: make.appointment(organization, **values),
    b"Appointment id,Start,Service,Status,Last name,Urgency\nA1,2026-03-02 09:30,Drain,completed,Ray,%s\n",
    "/appointments/{id}/edit",
    "/appointments/{id}/edit",
    whole="?sort=startTime",
)
CONTACTS = Kind(
    "contacts",
    "contact_cards",
    lambda make, organization, **values: make.contact(organization, **values),
    b"Customer id,First name,Last name,Phone,Urgency\nK1,Ruth,Delgado,+1 212 555 0142,%s\n",
    "/contacts/{id}/edit",
    "/contacts/{id}/edit",
)
KINDS = (CALLS, LEADS, APPOINTMENTS, CONTACTS)
#: An import file of deals, which creates leads.
DEALS = b"Opportunity ID,Deal stage,Close date,Account,Product,Urgency\nD1,Won,2026-03-02,Acme,Drain,%s\n"


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.OWNER)


@pytest.fixture
def pages(client: Client, owner: User) -> Client:
    return client.sign_in(owner)


@pytest.fixture
def api(app: Flask, owner: User) -> ApiClient:
    return ApiClient(app, owner)


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
    kind.make(make, organization, urgency="flexible")
    kind.make(make, organization)
    return kind.make(make, organization, urgency="emergency")


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


def test_a_form_asks_for_it_and_saves_it(pages: Client, kind: Kind, row: Any, story: Story) -> None:
    action = kind.form.format(id=row.id)
    form = pages.get(kind.page.format(id=row.id)).fields(action, "post")
    assert form["urgency"] == "emergency"

    refused = pages.post(action, {**form, "urgency": "someday"}, status=400)
    assert "Choose one of the options." in refused.text
    pages.post(action, {**form, "urgency": "soon"})

    assert story.stored(row).urgency == "soon"


def test_new_records_are_entered_with_it(
    pages: Client, make: Factories, organization: Organization, story: Story
) -> None:
    contact = make.contact(organization)
    new_contact = {**pages.get("/contacts/new").fields("/contacts", "post"), "first_name": "Ruth", "urgency": "soon"}
    pages.post("/contacts", new_contact)
    new_lead = pages.get(f"/leads/new?contact={contact.id}").fields("/leads/new", "post")
    pages.post("/leads/new", {**new_lead, "urgency": "flexible"})
    booking = pages.get(f"/appointments/new?contact={contact.id}")

    assert shown(pages.get(list_of(CONTACTS, "soon"))) == ["Soon"]
    assert shown(pages.get(list_of(LEADS, "flexible"))) == ["Flexible"]
    assert "urgency" in booking.fields(f"/appointments/new?contact={contact.id}", "post")


def test_programs_read_and_write_it(api: ApiClient, kind: Kind, row: Any, story: Story) -> None:
    path, key = f"/{kind.name}/{row.id}", kind.name.removesuffix("s")
    [listed] = data_of(api.get(f"/{kind.name}?urgency=emergency"))
    assert listed["urgency"] == data_of(api.get(path), key)["urgency"] == "emergency"

    write, body = (api.post, {"outcome": "resolved"}) if kind is CALLS else (api.patch, {})
    address = f"{path}/outcome" if kind is CALLS else path
    changed = data_of(write(address, {**body, "urgency": "soon", "version": listed["version"]}), key)
    assert changed["urgency"] == story.stored(row).urgency == "soon"
    kept = data_of(write(address, {**body, "version": changed["version"]}), key)
    assert kept["urgency"] == "soon"


def test_programs_create_records_with_it(api: ApiClient, make: Factories, organization: Organization) -> None:
    contact, rep = make.contact(organization), make.user(organization, role=Role.SALES_REP)
    at = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=2)
    visit = {"serviceType": "Drain", "salesRepId": str(rep.id), "scheduledStartAt": at.isoformat()}
    bodies = {
        "contact": {"firstName": "Ruth"},
        "lead": {"contactId": str(contact.id), "source": "manual"},
        "appointment": {"contactId": str(contact.id), **visit},
    }
    made = [data_of(api.post(f"/{key}s", {**body, "urgency": "soon"}), key, status=201) for key, body in bodies.items()]

    assert [record["urgency"] for record in made] == ["soon", "soon", "soon"]


def test_a_file_brings_it_as_the_preview_shows_and_undo_takes_it_back(app: Flask, pages: Client, kind: Kind) -> None:
    imports = ImportPages(pages)
    preview = previewed(imports, kind.imported % b"Soon", kind.name)
    heads = [text_of(head) for head in preview.all(".//*[@id='rows-table']//thead//th")]
    cells = [text_of(cell) for cell in list(preview.all(".//*[@id='rows-table']//tbody/tr")[0])]
    assert cells[heads.index(LABEL)] == "Soon"
    finish(app, imports, preview)
    assert shown(pages.get(list_of(kind, "soon"))) == ["Soon"]

    imports.take_back(app, f"{kind.name}.csv")
    assert pages.get(list_of(kind, "soon")).all(".//tbody/tr") == []


def test_the_preview_shows_how_it_will_change(app: Flask, pages: Client) -> None:
    imports = ImportPages(pages)
    finish(app, imports, previewed(imports, LEADS.imported % b"Soon", LEADS.name))

    change = previewed(imports, LEADS.imported % b"Flexible", LEADS.name)

    assert f"{LABEL}: Soon → Flexible, 1 record" in " ".join(change.text.split())


def previewed(imports: ImportPages, content: bytes, name: str) -> Page:
    """Upload a file with the suggested mapping, and return its preview."""
    mapping = imports.upload(content, f"{name}.csv", ImportKind(name))
    return imports.client.follow(imports.map(mapping))


def finish(app: Flask, imports: ImportPages, preview: Page) -> None:
    """Run an import to its end."""
    imports.start(preview)
    run_worker(app, schedule=(), until_idle=True)


def test_deals_bring_it_to_their_leads(app: Flask, pages: Client) -> None:
    ImportPages(pages).run(app, DEALS % b"Soon", "deals.csv", ImportKind.DEALS)

    assert shown(pages.get(list_of(LEADS, "soon"))) == ["Soon"]


@pytest.fixture
def twins(make: Factories, organization: Organization) -> tuple[ContactCard, ContactCard]:
    """Two contacts of one person; the second is more urgent and has a row of each kind, the first an open lead too."""
    first = make.contact(organization, last_name="Ray", urgency="flexible")
    second = make.contact(organization, last_name="Ray", urgency="emergency")
    make.lead(organization, contact=first)
    make.lead(organization, contact=second, urgency="soon")
    make.call(organization, contact_card_id=second.id, urgency="soon")
    make.appointment(organization, contact=second, urgency="soon")
    return first, second


def test_it_survives_a_merge_and_its_undo(pages: Client, twins: tuple[ContactCard, ContactCard], story: Story) -> None:
    first, second = twins
    action = f"/contacts/{first.id}/merge/{second.id}"
    page = pages.get(action)
    offered = page.all(".//input[@name='urgency']/../span")
    assert [text_of(choice).split()[0] for choice in offered] == ["Flexible", "Emergency"]

    after = pages.follow(pages.post(action, {**page.fields(action), "urgency": "merged"}))
    assert story.stored(first).urgency == "emergency"
    assert {kind.name: shown(pages.get(list_of(kind, "soon"))) for kind in (CALLS, LEADS, APPOINTMENTS)} == {
        "calls": ["Soon"], "leads": ["Soon"], "appointments": ["Soon"],
    }  # fmt: skip

    pages.post(next(form.get("action", "") for form in after.all(".//form") if "undo" in form.get("action", "")))
    assert (story.stored(first).urgency, story.stored(second).urgency) == ("flexible", "emergency")
    assert shown(pages.get(list_of(LEADS, "soon"))) == ["Soon"]


@pytest.mark.parametrize("kind", [LEADS, APPOINTMENTS, CONTACTS], ids=lambda kind: str(kind.name))
def test_it_comes_back_from_the_trash(api: ApiClient, kind: Kind, make: Factories, organization: Organization) -> None:
    row = kind.make(make, organization, urgency="emergency")
    deletion = data_of(api.delete(f"/{kind.name}/{row.id}"), "deletion")
    assert data_of(api.get(f"/{kind.name}?urgency=emergency")) == []

    data_of(api.post(f"/trash/{deletion['id']}/restore"), "deletion")

    assert [record["id"] for record in data_of(api.get(f"/{kind.name}?urgency=emergency"))] == [str(row.id)]


def test_a_person_undoes_their_own_change_of_a_lead(pages: Client, make: Factories, organization: Organization) -> None:
    lead = make.lead(organization, urgency="flexible")
    action = f"/leads/{lead.id}/edit"
    pages.post(action, {**pages.get(action).fields(action, "post"), "urgency": "soon"})

    pages.post(f"/leads/{lead.id}/undo?version=2")

    assert shown(pages.get(list_of(LEADS, "flexible"))) == ["Flexible"]


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
