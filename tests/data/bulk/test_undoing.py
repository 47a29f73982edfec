"""Undo of a bulk change: unchanged calls are reverted, and those that were edited since are counted."""

import pytest

from app.data.bulk import run_service
from app.models import Call, Organization, User
from tests.data.bulk.conftest import Stored, Trail, Work, address, confirm, id_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User) -> list[Call]:
    return [make.call(organization, csr=csr, outcome=outcome) for outcome in (None, "spam", "follow_up")]


def undo(client: Client, started: Page) -> Page:
    """Press Undo on the page of the bulk change."""
    return client.post(f"/bulk/{id_of(started)}/undo")


def test_every_row_is_as_it_was(
    client: Client, manager: User, calls: list[Call], stored: Stored, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_service, "ROWS_A_STEP", 2)
    started = confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="resolved")
    work()
    answer = undo(client, started)
    work()

    assert [stored(call).outcome for call in calls] == [None, "spam", "follow_up"]
    assert [stored(call).version for call in calls] == [3, 3, 3]
    page = client.follow(answer)
    assert (page.metrics["rows_undone"], page.metrics["rows_moved_on"]) == ("3", "0")
    assert "Undo" not in [button.text for button in page.all(".//button")]


def test_what_somebody_has_changed_since_stays_and_is_counted(
    client: Client, manager: User, calls: list[Call], stored: Stored, work: Work
) -> None:
    started = confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="resolved")
    work()
    client.post(f"/calls/{calls[0].id}/outcome", {"outcome": "wrong_number", "version": "2"})
    answer = undo(client, started)
    work()

    assert [stored(call).outcome for call in calls] == ["wrong_number", "spam", "follow_up"]
    page = client.follow(answer)
    assert (page.metrics["rows_undone"], page.metrics["rows_moved_on"]) == ("2", "1")


def test_people_and_booking_statuses_come_back_with_their_reasons(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    colleague: User,
    manager: User,
    stored: Stored,
    trail: Trail,
    work: Work,
) -> None:
    call = make.call(
        organization,
        csr=csr,
        booking_status="not_booked",
        booking_status_reason="Too expensive",
        booking_status_source="analysis",
    )
    client.sign_in(manager)
    assigned = confirm(client, address("assign_csr", call), csr=str(colleague.id))
    work()
    undo(client, assigned)
    work()
    classified = confirm(client, address("set_booking_status", call), booking_status="booked", reason="A mistake")
    work()
    undo(client, classified)
    work()

    now = stored(call)
    assert now.csr_id == csr.id
    assert (now.booking_status, now.booking_status_reason, now.booking_status_source) == (
        "not_booked",
        "Too expensive",
        "analysis",
    )
    assert len(trail("call.reclassified")) == 2, "there and back"


def test_asking_twice_is_asking_once(
    client: Client, manager: User, calls: list[Call], stored: Stored, work: Work, trail: Trail
) -> None:
    started = confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="resolved")
    work()
    undo(client, started)
    undo(client, started)
    work()
    undo(client, started)
    work()

    assert [stored(call).version for call in calls] == [3, 3, 3]
    assert len(trail("bulk_operation.undone")) == 1


@pytest.mark.usefixtures("work")
def test_what_still_runs_cannot_be_undone(client: Client, manager: User, calls: list[Call]) -> None:
    started = confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="resolved")

    page = client.post(f"/bulk/{id_of(started)}/undo", status=409)

    assert "still running" in page.text


def test_a_colleague_cannot_undo_it(client: Client, make: Factories, csr: User, colleague: User) -> None:
    operation = make.bulk_operation(csr)

    client.sign_in(colleague).post(f"/bulk/{operation.id}/undo", status=404)
