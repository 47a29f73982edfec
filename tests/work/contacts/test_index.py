"""The list of contacts: visibility, filters and order."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest

from app.models import Organization, Role
from app.web import render_context
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


def names(page: Page) -> list[str]:
    """Return the first word of each row's name."""
    return [text_of(cell).split(" ")[0] for cell in page.all(".//tbody/tr/th")]


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER))


def test_a_csr_sees_the_contacts_of_their_work_and_those_they_added(
    client: Client, make: Factories, organization: Organization
) -> None:
    me, colleague = make.user(organization), make.user(organization)
    made = {
        name: make.contact(organization, first_name=name)
        for name in ("Called", "Led", "Booked", "Claimed", "Theirs", "Nobodys")
    }
    make.contact(organization, first_name="Typed", created_by=me.id)
    make.call(organization, csr=me, contact_card_id=made["Called"].id)
    make.lead(organization, contact=made["Led"], csr_id=me.id)
    make.appointment(organization, contact=made["Booked"], csr_id=me.id)
    missed = make.call(organization, contact_card_id=made["Claimed"].id, status="missed")
    make.missed_entry(organization, call=missed, status="claimed", claimed_by=me.id, claim_expires_at=DAY)
    make.call(organization, csr=colleague, contact_card_id=made["Theirs"].id)
    make.contact(make.organization(), first_name="Stranger")

    page = client.sign_in(me).get("/contacts")

    assert set(names(page)) == {"Typed", "Called", "Led", "Booked", "Claimed"}
    assert page.heading == "My contacts"


def test_filters_narrow_together_and_show_as_chips(
    manager: Client, make: Factories, organization: Organization
) -> None:
    make.contact(organization, first_name="Wanted", source="callrail", tags=["VIP"], created_at=DAY)
    make.contact(
        organization, first_name="Refuses", source="callrail", tags=["VIP"], created_at=DAY, sms_opt_out_at=DAY
    )
    make.contact(organization, first_name="Untagged", source="callrail", created_at=DAY)
    make.contact(organization, first_name="Typed", source="manual", tags=["VIP"], created_at=DAY)
    make.contact(
        organization, first_name="Before", source="callrail", tags=["VIP"], created_at=DAY - timedelta(days=30)
    )
    address = "/contacts?source=callrail,import&tag=VIP&texts=yes&from=2026-03-18&to=2026-03-18"

    page = manager.get(address)

    assert names(page) == ["Wanted"]
    assert [text_of(chip) for chip in page.all(".//span[@class='chip']/b")] == [
        "Mar 18, 2026", "CallRail, Import", "VIP", "Yes",
    ]  # fmt: skip
    assert names(manager.get("/contacts?texts=no")) == ["Refuses"]


def test_a_tag_of_a_row_leads_to_all_who_have_it(manager: Client, make: Factories, organization: Organization) -> None:
    make.contact(organization, first_name="Ada", tags=["VIP", "gate code 4471"])
    make.contact(organization, first_name="Bert", tags=["VIP"])

    page = manager.get("/contacts")

    assert names(manager.get(page.links["gate code 4471"])) == ["Ada"]


def test_it_is_sorted_by_what_contacts_are_called_and_each_stands_there_once(
    manager: Client, make: Factories, organization: Organization
) -> None:
    nobody = {"first_name": None, "last_name": None}
    with make.batch():
        for number in range(120):
            make.contact(organization, first_name=("ada", "Bert")[number % 2], last_name=f"{number // 2 // 10}")
        make.contact(organization, company_name="Aardvark Pumps", **nobody)
        make.contact(organization, primary_phone="+12125550999", **nobody)

    page = manager.get("/contacts?sort=name")
    seen = names(page)
    while "Next" in page.links:
        page = manager.get(page.links["Next"])
        seen += names(page)

    assert seen == ["(212)", "Aardvark", *["ada"] * 60, *["Bert"] * 60]
    assert names(manager.get("/contacts?sort=-name"))[0] == "Bert"


def test_the_last_call_is_shown_and_an_empty_list_says_what_comes(
    manager: Client, make: Factories, organization: Organization
) -> None:
    empty = manager.get("/contacts")
    contact = make.contact(organization, first_name="Ada")
    for days in (3, 1, 2):
        make.call(organization, contact_card_id=contact.id, started_at=DAY + timedelta(days=days))

    page = manager.get("/contacts")

    assert "No contacts yet" in empty.text
    assert [one.get("datetime", "")[:10] for one in page.all(".//tbody/tr/td[@class='p1 nowrap']/time")] == [
        "2026-03-21"
    ]


def test_the_file_has_what_is_filtered_with_address_and_tags(
    manager: Client, make: Factories, organization: Organization
) -> None:
    make.contact(
        organization, first_name="Ada", last_name="Byron", primary_phone="+12125550142", email="ada@example.com",
        city="Austin", zip="78745", address_line_1="1817 Alder Creek Ln", tags=["VIP", "gate 4471"], source="callrail",
    )  # fmt: skip
    make.contact(organization, first_name="Bert")

    [row] = csv.DictReader(io.StringIO(manager.get("/contacts.csv?q=byron").html.removeprefix("\ufeff")))

    assert (row["Name"], row["Number"], row["Tags"], row["Source"]) == (
        "Ada Byron", "+12125550142", "VIP, gate 4471", "CallRail",
    )  # fmt: skip
    assert (row["Address"], row["City"], row["ZIP or postal code"]) == ("1817 Alder Creek Ln", "Austin", "78745")


def test_a_contact_is_deleted_from_the_list_and_comes_back(
    manager: Client, make: Factories, organization: Organization
) -> None:
    contact = make.contact(organization, first_name="Ada")
    page = manager.get("/contacts")
    form = page.fields(f"/contacts/{contact.id}/delete")

    deleted = manager.follow(manager.post(f"/contacts/{contact.id}/delete", form))

    assert "Contact deleted." in deleted.text
    assert names(deleted) == []
    undo = next(one.get("action", "") for one in deleted.all(".//form") if "undo" in one.get("action", ""))
    manager.post(undo)
    assert names(manager.get("/contacts")) == ["Ada"]


def test_how_long_ago_somebody_called_goes_on_with_the_clock(
    manager: Client, make: Factories, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = datetime.now(UTC) - timedelta(minutes=5, seconds=10)
    make.call(organization, contact_card_id=make.contact(organization).id, started_at=called)
    assert "5 min. ago" in manager.get("/contacts").text

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Self:
            return super().now(tz) + timedelta(minutes=10)  # type: ignore[arg-type]

    monkeypatch.setattr(render_context, "datetime", Later)

    assert "15 min. ago" in manager.get("/contacts").text
