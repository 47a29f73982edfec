"""Bulk changes of leads, which are assigned, distributed or closed, and their undo."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.declarations import bulk
from app.models import Lead, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page
from tests.work.leads.conftest import Stored, Told


@pytest.fixture
def change(client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Page]:
    """Function that confirms and runs a bulk change as a job, and returns the page with its result."""
    monkeypatch.setattr(bulk, "ROWS_AT_ONCE", 0)

    def do(action: str, *leads: Lead, **values: Any) -> Page:
        rows = "&".join([f"row={lead.id}" for lead in leads] or ["scope=all"])
        address = f"/bulk/new?action={action}&{rows}"
        answer = client.post(address, {**client.get(address).fields(address), **values})
        run_worker(app, schedule=(), until_idle=True)
        return client.follow(answer)

    return do


@pytest.fixture
def undone(client: Client, app: Flask) -> Callable[[Page], Page]:
    """Function that presses Undo on the page of a bulk change, and returns the resulting page."""

    def do(page: Page) -> Page:
        action = next(
            form.get("action", "") for form in page.all(".//form") if form.get("action", "").endswith("/undo")
        )
        answer = client.post(action, page.fields(action))
        run_worker(app, schedule=(), until_idle=True)
        return client.follow(answer)

    return do


def counts(page: Page) -> tuple[str, str, str]:
    return page.metrics["rows_changed"], page.metrics["rows_unchanged"], page.metrics["rows_refused"]


def test_the_list_offers_what_one_may_do(client: Client, new_client: Any, manager: User, csr: User, lead: Lead) -> None:
    def offered(page: Page) -> list[str | None]:
        return [button.get("value") for button in page.all(".//form[@action='/bulk']//button[@name='action']")]

    assert offered(client.sign_in(manager).get("/leads")) == [
        "assign_leads",
        "share_out_leads",
        "close_leads",
        "delete_leads",
    ]
    assert offered(new_client().sign_in(csr).get("/leads")) == ["close_leads"]


def test_leads_are_given_to_a_rep_and_back(
    client: Client, make: Factories, organization: Organization, manager: User, rep: User, change: Any, undone: Any,
    stored: Stored, told: Told,
) -> None:  # fmt: skip
    leads = [make.lead(organization) for _ in range(3)]
    leads.append(make.lead(organization, assigned_rep_id=rep.id))
    client.sign_in(manager)

    page = change("assign_leads", *leads, rep=str(rep.id))

    assert counts(page) == ("3", "1", "0")
    assert {stored(lead).assigned_rep_id for lead in leads} == {rep.id}
    assert told(leads[0]) == ["lead.assigned"]
    assert undone(page).metrics["rows_undone"] == "3"
    assert [stored(lead).assigned_rep_id for lead in leads] == [None, None, None, rep.id]


def test_leads_are_shared_out_by_load_and_what_one_has_stays(
    client: Client, make: Factories, organization: Organization, manager: User, change: Any, stored: Stored
) -> None:
    busy, free, other = (make.user(organization, Role.SALES_REP) for _ in range(3))
    kept = [make.lead(organization, assigned_rep_id=busy.id) for _ in range(3)]
    leads = [make.lead(organization) for _ in range(4)]
    taken = make.lead(organization, assigned_rep_id=other.id)
    closed = make.lead(organization, stage="dead", closed_at=DAY, dead_reason="No money")
    client.sign_in(manager)

    page = change("share_out_leads", *kept, *leads, taken, closed, reps=[str(busy.id), str(free.id)])

    assert counts(page) == ("5", "3", "1")
    assert [stored(lead).assigned_rep_id for lead in kept] == [busy.id] * 3
    given = [stored(lead).assigned_rep_id for lead in (*leads, taken)]
    assert (given.count(free.id), given.count(busy.id)) == (4, 1)
    assert stored(closed).assigned_rep_id is None


def test_leads_are_closed_with_a_reason_where_no_appointment_is_scheduled(
    client: Client, make: Factories, organization: Organization, manager: User, change: Any, undone: Any,
    stored: Stored, told: Told,
) -> None:  # fmt: skip
    leads = [make.lead(organization, stage="qualified"), make.lead(organization)]
    booked = make.lead(organization, stage="booked")
    make.appointment(organization, lead_id=booked.id)
    dead = make.lead(organization, stage="dead", closed_at=DAY, dead_reason="No money")
    client.sign_in(manager)

    page = change("close_leads", *leads, booked, dead, reason="Out of our area")

    assert counts(page) == ("2", "1", "1")
    assert [stored(lead).dead_reason for lead in (*leads, booked, dead)] == ["Out of our area"] * 2 + [None, "No money"]
    assert stored(leads[0]).closed_at is not None
    assert told(leads[0]) == ["lead.closed"]
    another = make.lead(organization, contact_card_id=leads[1].contact_card_id)
    page = undone(page)
    assert (page.metrics["rows_undone"], page.metrics["rows_moved_on"]) == ("1", "1")
    assert (stored(leads[0]).stage, stored(leads[0]).closed_at) == ("qualified", None)
    assert (stored(leads[1]).stage, stored(another).closed_at) == ("dead", None)


def test_a_csr_closes_their_own_only(
    client: Client, make: Factories, organization: Organization, csr: User, lead: Lead, change: Any, stored: Stored
) -> None:
    theirs = make.lead(organization)
    client.sign_in(csr)

    change("close_leads", reason="Out of our area")

    assert stored(lead).stage == "dead"
    assert stored(theirs).stage == "new"
    client.get(f"/bulk/new?action=assign_leads&row={lead.id}", status=403)


def test_who_has_left_is_given_nothing(
    client: Client, make: Factories, organization: Organization, manager: User, stored: Stored
) -> None:
    gone = make.user(organization, Role.SALES_REP, status="inactive")
    lead = make.lead(organization)
    address = f"/bulk/new?action=assign_leads&row={lead.id}"
    form = client.sign_in(manager).get(address).fields(address)

    client.post(address, {**form, "rep": str(gone.id)}, status=400)

    assert stored(lead).assigned_rep_id is None
