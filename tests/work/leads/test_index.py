"""The list of leads: visibility and filters."""

from datetime import timedelta
from typing import Any

from app.models import Lead, Organization, Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


def names(page: Page) -> list[str]:
    """Return the contact's name in each row."""
    return [text_of(cell).split(" (")[0] for cell in page.all(".//tbody/tr/th")]


def named(make: Factories, organization: Organization, first_name: str, **values: Any) -> Lead:
    """Create an open lead of a contact who has only a first name and no number."""
    contact = make.contact(organization, first_name=first_name, last_name=None, primary_phone=None)
    return make.lead(organization, contact=contact, **values)


def test_a_csr_sees_the_leads_of_their_calls_and_claims_and_no_others(client: Client, make: Factories) -> None:
    company = make.organization()
    me, colleague = make.user(company), make.user(company)
    named(make, company, "Mine", csr_id=me.id)
    called = named(make, company, "Called")
    make.call(company, csr=me, lead_id=called.id)
    claimed = named(make, company, "Claimed")
    make.missed_entry(company, lead_id=claimed.id, status="claimed", claimed_by=me.id, claim_expires_at=DAY)
    named(make, company, "Theirs", csr_id=colleague.id)
    named(make, make.organization(), "Stranger")

    page = client.sign_in(me).get("/leads")

    assert {name.split(" ")[0] for name in names(page)} == {"Mine", "Called", "Claimed"}


def test_a_period_means_spoken_to_and_not_created(client: Client, make: Factories) -> None:
    company = make.organization()
    for name, status, days in (("Spoken", "completed", 0), ("Missed", "missed", 0), ("Before", "completed", -40)):
        lead = named(make, company, name)
        make.call(company, status=status, lead_id=lead.id, started_at=DAY + timedelta(days=days))
    client.sign_in(make.user(company, role=Role.MANAGER))

    page = client.get("/leads?period=custom&from=2026-03-01&to=2026-03-31")

    assert [name.split(" ")[0] for name in names(page)] == ["Spoken"]


def test_filters_narrow_together_and_show_as_chips_that_can_be_taken_away(client: Client, make: Factories) -> None:
    company = make.organization()
    named(make, company, "Hot", qualification_status="hot", stage="qualified")
    named(make, company, "Warm", qualification_status="warm", stage="new")
    named(make, company, "Cold", qualification_status="cold", stage="qualified")
    client.sign_in(make.user(company, role=Role.MANAGER))

    page = client.get("/leads?qualification=hot,warm&stage=qualified")

    assert [name.split(" ")[0] for name in names(page)] == ["Hot"]
    assert page.links["Clear all"] == "/leads"
    assert "/leads?qualification=hot,warm" in {link.get("href", "").replace("%2C", ",") for link in page.all(".//a")}


def test_pages_show_every_lead_once_also_where_many_moved_at_the_same_moment(client: Client, make: Factories) -> None:
    company = make.organization()
    with make.batch():
        for number in range(120):
            named(make, company, f"Lead{number:03}", last_activity_at=DAY + timedelta(days=number // 60))
    client.sign_in(make.user(company, role=Role.MANAGER))

    page = client.get("/leads")
    seen = names(page)
    while "Older" in page.links:
        page = client.get(page.links["Older"])
        seen += names(page)

    assert len(seen) == len(set(seen)) == 120
    back = client.get(page.links["Newer"])
    assert names(back) == seen[50:100]


def test_what_is_no_filter_is_refused_by_name(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.MANAGER))

    assert "colour" in client.get("/leads?colour=red", status=400).text
    assert "qualification" in client.get("/leads?qualification=lukewarm", status=400).text


def test_a_cursor_of_another_list_is_refused(client: Client, make: Factories) -> None:
    company = make.organization()
    with make.batch():
        for number in range(60):
            named(make, company, f"Lead{number}", qualification_status="hot")
    client.sign_in(make.user(company, role=Role.MANAGER))
    cursor = client.get("/leads").links["Older"].split("cursor=")[1]

    client.get(f"/leads?qualification=hot&cursor={cursor}", status=400)
    client.get("/leads?cursor=bm9uc2Vuc2U", status=400)


def test_a_lead_of_nobodys_card_is_called_by_the_number_of_its_latest_call(client: Client, make: Factories) -> None:
    company = make.organization()
    lead = make.lead(company, contact_card_id=None, external_id="CRM-7", external_source="crm")
    for day, number in enumerate(("+12125550107", "+12125550108", None)):
        make.call(company, lead_id=lead.id, caller_number=number, started_at=DAY + timedelta(days=day))
    make.call(company, caller_number="+12125550109", started_at=DAY + timedelta(days=9))
    make.entry(company, resource_type="lead", action="lead.updated", resource_id=lead.id)
    client.sign_in(make.user(company, role=Role.ADMIN))

    [head] = client.get("/leads").all(".//tbody/tr/th")
    assert text_of(head).startswith("(212) 555-0108")
    assert "(212) 555-0108" in client.get("/audit?resource_type=lead").text
    client.post(f"/leads/{lead.id}/delete", {"version": lead.version})
    assert "(212) 555-0108" in client.get("/trash").links


def test_the_heading_says_how_the_leads_are_sorted(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.MANAGER))

    assert "Leads, last activity first" in client.get("/leads").text
    assert "Leads, oldest activity first" in client.get("/leads?sort=lastActivityAt").text
