"""A manager's decision about a dispute: accepting it changes the call, rejecting it doesn't."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.errors import Conflict
from app.models import BookingDispute, BookingStatus, Call, Organization, Role, User
from app.work.disputes import service
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import at_work
from tests.work.conftest import ActorOf
from tests.work.disputes.conftest import Stored, Told, Trail


@pytest.fixture
def dispute(make: Factories, csr: User, call: Call) -> BookingDispute:
    """A dispute in which the CSR claims that the call was booked."""
    return make.dispute(call, csr)


def decision(dispute: BookingDispute) -> str:
    return f"/disputes/{dispute.id}/decision"


def form_of(page: Page) -> tuple[str, dict[str, Any]]:
    """Return the action and fields of the panel's form."""
    action = page.one(".//*[@id='decision-form']//form").get("action") or ""
    return action, page.fields(action)


def test_accepting_changes_the_call_and_tells_the_csr(
    client: Client,
    csr: User,
    manager: User,
    call: Call,
    dispute: BookingDispute,
    stored: Stored,
    trail: Trail,
    told: Told,
) -> None:
    action, form = form_of(client.sign_in(manager).get(f"/calls/{call.id}?panel=dispute"))

    page = client.follow(client.post(action, {**form, "decision": "accept", "note": "Seen on the website."}))

    assert (stored(dispute).status, stored(dispute).decided_by) == ("accepted", manager.id)
    row = stored(call)
    assert (row.booking_status, row.booking_status_source) == ("booked", "user")
    assert row.booking_status_reason == "They booked by text afterwards"
    timeline = text_of(page.one(".//*[@id='call-timeline']"))
    assert "Dispute accepted by Marcus Bell" in timeline
    assert "Seen on the website." in timeline
    assert [one.user_id for one in trail("booking_dispute.accepted")] == [manager.id]
    assert [one.resource_id for one in trail("call.reclassified")] == [call.id]
    assert (told(csr), told(manager)) == ([f"dispute_decided /calls/{call.id}"], [])


def test_rejecting_leaves_the_call_as_it_is(
    client: Client,
    csr: User,
    manager: User,
    call: Call,
    dispute: BookingDispute,
    stored: Stored,
    trail: Trail,
    told: Told,
) -> None:
    action, form = form_of(client.sign_in(manager).get(f"/calls/{call.id}?panel=dispute"))

    answer = client.post(action, {**form, "decision": "reject"}, status=200, headers=HTMX)

    assert not answer.is_whole
    assert "Rejected" in answer.text
    assert stored(dispute).status == "rejected"
    assert (stored(call).booking_status, stored(call).version) == ("not_booked", 1)
    assert trail("call.reclassified") == []
    assert told(csr) == [f"dispute_decided /calls/{call.id}"]


def test_the_list_has_what_is_open_and_decides_it_in_place(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    manager: User,
    dispute: BookingDispute,
    stored: Stored,
) -> None:
    decided = make.call(organization, csr=csr, booking_status="booked")
    make.dispute(decided, csr, status="rejected", decided_at=decided.started_at, decided_by_label="Marcus Bell")
    stranger = make.organization()
    make.dispute(make.call(stranger, booking_status="not_booked"), make.user(stranger))

    page = client.sign_in(manager).get("/disputes")
    assert len(page.all(".//tbody/tr")) == 1
    assert "They booked by text afterwards" in text_of(page.one(".//tbody/tr"))
    form = page.fields(decision(dispute))

    page = client.follow(client.post(decision(dispute), {**form, "decision": "accept"}))

    assert stored(dispute).status == "accepted"
    assert "No disputes" in page.text or page.all(".//tbody/tr") == []
    assert len(client.get("/disputes?sort=-raisedAt").all(".//tbody/tr")) == 2


@pytest.mark.parametrize("decided", ["accept", "reject"])
def test_deciding_in_the_list_takes_a_note(
    client: Client, manager: User, dispute: BookingDispute, stored: Stored, decided: str
) -> None:
    form = client.sign_in(manager).get("/disputes").fields(decision(dispute))
    assert form["note"] == ""
    sent = client.post(decision(dispute), {**form, "decision": decided, "note": "Seen on the website."}, status=303)

    assert sent.headers["Location"] == "/disputes"
    assert stored(dispute).decision_note == "Seen on the website."


def test_any_status_and_clear_all_list_those_that_are_decided_too(
    client: Client, make: Factories, organization: Organization, csr: User, manager: User, dispute: BookingDispute
) -> None:
    other = make.dispute(make.call(organization, csr=csr, booking_status="not_booked"), csr, reason="Booked by mail")
    page = client.sign_in(manager).get("/disputes")
    client.post(decision(other), {**page.fields(decision(other)), "decision": "reject"})
    page = client.get("/disputes")
    assert dispute.reason in page.text
    assert "Booked by mail" not in page.text

    chosen = client.follow(client.look_at(f"/disputes?{urlencode({**page.fields('/disputes'), 'status': ''})}"))
    for whole in (chosen, client.get(page.links["Clear all"])):
        assert dispute.reason in whole.text
        assert "Booked by mail" in whole.text


def test_a_note_that_is_too_short_comes_back_with_its_form(
    client: Client, manager: User, dispute: BookingDispute, stored: Stored
) -> None:
    page = client.sign_in(manager).get("/disputes")
    [form] = [one for one in page.all(".//form") if one.get("action") == decision(dispute)]
    assert form.get("hx-boost") == "false", "a form that comes back is a page of its own, and no list"
    sent = {**page.fields(decision(dispute)), "decision": "accept", "note": "x"}

    assert "Use 3 to" in client.post(decision(dispute), sent, status=400).text
    assert stored(dispute).status == "open"


def test_a_day_ends_before_the_midnight_that_follows_it(
    client: Client, make: Factories, organization: Organization, csr: User, manager: User
) -> None:
    midnight = datetime(2026, 3, 19, 4, tzinfo=UTC)
    days = {"The last second": midnight - timedelta(seconds=1), "The next day": midnight}
    for reason, at in days.items():
        call = make.call(organization, csr=csr, booking_status="not_booked")
        make.dispute(call, csr, reason=reason, created_at=at)
    client.sign_in(manager)

    shown = client.get("/disputes?period=custom&from=2026-03-18&to=2026-03-18").text

    assert [reason for reason in days if reason in shown] == ["The last second"]


def test_its_filters_are_kept_under_a_name_and_its_rows_exported(
    client: Client, manager: User, dispute: BookingDispute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.paging.MAX_COUNTED", 0)  # longer lists are exported in the background
    form = client.sign_in(manager).get("/disputes?status=rejected").fields("/saved-views")
    client.post("/saved-views", {**form, "name": "Turned down"}, status=303)
    page = client.get("/disputes")
    export = client.get("/disputes?status=open").fields("/exports")

    assert page.links["Turned down"] == "/disputes?status=rejected"
    assert (export["kind"], export["query"]) == ("disputes", "status=open")


def test_it_is_taken_as_a_file(client: Client, manager: User, dispute: BookingDispute) -> None:
    page = client.sign_in(manager).get("/disputes.csv?status=open")

    assert "They booked by text afterwards" in page.response.get_data(as_text=True)


def test_a_decision_sent_twice_is_one(
    client: Client, csr: User, manager: User, dispute: BookingDispute, told: Told, trail: Trail
) -> None:
    client.sign_in(manager)
    for _ in range(2):
        client.post(decision(dispute), {"decision": "accept", "version": "1", "seen_status": "not_booked"})

    assert len(told(csr)) == 1
    assert len(trail("booking_dispute.accepted")) == 1


@pytest.mark.parametrize("with_script", [True, False])
def test_what_somebody_else_has_decided_stays(
    client: Client,
    make: Factories,
    organization: Organization,
    new_client: Callable[[], Client],
    manager: User,
    dispute: BookingDispute,
    stored: Stored,
    with_script: bool,
) -> None:
    client.sign_in(make.user(organization, Role.ADMIN, name="Ada Admin"))
    new_client().sign_in(manager).post(decision(dispute), {"decision": "reject", "version": "1"})

    sent = {"decision": "accept", "version": "1", "seen_status": "not_booked"}
    page = client.post(decision(dispute), sent, status=409, headers=HTMX if with_script else {})

    assert "Marcus Bell already rejected this dispute, so your decision wasn’t saved." in page.text
    assert stored(dispute).status == "rejected"


@pytest.mark.parametrize("with_script", [True, False])
@pytest.mark.parametrize("page", ["/disputes", "/calls/{}?panel=dispute"])
def test_what_the_call_says_since_is_not_overwritten_unseen(
    client: Client, manager: User, behind: Behind, call: Call, dispute: BookingDispute, stored: Stored, page: str,
    with_script: bool,
) -> None:  # fmt: skip
    opened = client.sign_in(manager).get(page.format(call.id))
    action = next(one.get("action", "") for one in opened.all(".//form") if decision(dispute) in one.get("action", ""))
    behind.change(call, booking_status="service_not_offered", version=2)

    sent = {**opened.fields(action), "decision": "accept"}
    again = client.post(action, sent, status=409, headers=HTMX if with_script else {})

    assert "someone changed the call’s booking status" in again.text
    assert "The call’s booking status is now “Service not offered”." in again.text
    assert (stored(dispute).status, stored(call).booking_status) == ("open", "service_not_offered")
    action, form = form_of(again)
    client.post(action, {**form, "decision": "accept"})
    assert (stored(dispute).status, stored(call).booking_status) == ("accepted", "booked")


def test_what_the_call_says_since_is_told_in_the_list_and_can_be_left(
    client: Client, manager: User, behind: Behind, call: Call, dispute: BookingDispute, stored: Stored
) -> None:
    page = client.sign_in(manager).get("/disputes")
    assert "The call’s booking status is now" not in page.text
    behind.change(call, booking_status="service_not_offered", version=2)
    again = client.get("/disputes")
    assert "The call’s booking status is now “Service not offered”." in again.text
    assert again.fields(decision(dispute))["seen_status"] == "service_not_offered"

    client.post(decision(dispute), {**page.fields(decision(dispute)), "decision": "reject"})

    assert (stored(dispute).status, stored(call).booking_status) == ("rejected", "service_not_offered")
    decided = client.get("/disputes?status=rejected").text
    assert dispute.reason in decided
    assert "The call’s booking status is now" not in decided


def test_without_a_decision_nothing_is_decided(
    client: Client, manager: User, dispute: BookingDispute, stored: Stored
) -> None:
    page = client.sign_in(manager).post(decision(dispute), {"version": "1", "note": "Well"}, status=400)

    assert "Choose Accept or Reject." in page.text
    assert stored(dispute).status == "open"


def test_of_two_who_decide_at_once_one_does(
    app: Flask,
    make: Factories,
    organization: Organization,
    manager: User,
    call: Call,
    dispute: BookingDispute,
    actor_of: ActorOf,
    stored: Stored,
    trail: Trail,
) -> None:
    admin = make.user(organization, Role.ADMIN)

    def decide(who: User, is_accepted: bool) -> str:
        try:
            with at_work(app, organization.id):
                service.decide(
                    actor_of(who),
                    dispute.id,
                    is_accepted=is_accepted,
                    note=None,
                    version=1,
                    seen=BookingStatus.NOT_BOOKED,
                )
        except Conflict:
            return "too late"
        return "decided"

    with ThreadPoolExecutor(2) as pool:
        came = [pool.submit(decide, manager, True), pool.submit(decide, admin, False)]
        outcomes = sorted(one.result() for one in came)

    assert outcomes == ["decided", "too late"]
    accepted = stored(dispute).status == "accepted"
    assert stored(call).booking_status == ("booked" if accepted else "not_booked")
    assert len(trail("booking_dispute.accepted")) + len(trail("booking_dispute.rejected")) == 1


class TestOthers:
    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.EXEC])
    def test_who_decides_nothing_is_refused_and_sees_no_form(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        call: Call,
        dispute: BookingDispute,
        role: Role,
        stored: Stored,
    ) -> None:
        person = csr if role is Role.CSR else make.user(organization, role)
        client.sign_in(person)
        if role is not Role.SALES_REP:
            page = client.get(f"/calls/{call.id}?panel=dispute")
            assert page.all(".//*[@id='decision-form']//form") == []
            assert "Disputes" in page.links
        client.post(decision(dispute), {"decision": "accept", "version": "1", "seen_status": "not_booked"}, status=403)

        assert stored(dispute).status == "open"

    def test_a_csr_lists_those_of_their_own_calls(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, call: Call
    ) -> None:
        make.dispute(call, csr)
        theirs = make.call(organization, csr=colleague, booking_status="not_booked")
        make.dispute(theirs, colleague, reason="A colleague says so")

        client.sign_in(csr)
        for address in ("/disputes", "/disputes.csv"):
            text = client.get(address).response.get_data(as_text=True)
            assert "They booked by text afterwards" in text
            assert "A colleague says so" not in text

    def test_another_organizations_is_not_there(
        self, client: Client, make: Factories, manager: User, stored: Stored
    ) -> None:
        elsewhere = make.organization()
        theirs = make.dispute(make.call(elsewhere, booking_status="not_booked"), make.user(elsewhere))
        client.sign_in(manager).post(
            decision(theirs), {"decision": "accept", "version": "1", "seen_status": "not_booked"}, status=404
        )

        assert stored(theirs).status == "open"
