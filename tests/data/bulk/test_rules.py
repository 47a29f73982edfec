"""A bulk change of calls follows the rules of a single change, and the permissions of the user who requests it."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Call, Organization, Role, User
from tests.data.bulk.conftest import Operations, Stored, Trail, Work, address, confirm
from tests.support.client import Client
from tests.support.factories import Factories


def test_calls_are_credited_to_a_csr_but_visits_are_nobodys(
    client: Client,
    make: Factories,
    organization: Organization,
    manager: User,
    colleague: User,
    calls: list[Call],
    stored: Stored,
    work: Work,
) -> None:
    visit = make.call(organization, call_type="visit_call")

    answer = confirm(client.sign_in(manager), address("assign_csr", visit, *calls), csr=str(colleague.id))
    work()

    assert [stored(call).csr_id for call in calls] == [colleague.id] * 3
    assert stored(visit).csr_id is None
    assert client.follow(answer).metrics["rows_refused"] == "1"


def test_a_csr_sets_a_booking_status_only_where_there_is_none(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    colleague: User,
    stored: Stored,
    trail: Trail,
    work: Work,
) -> None:
    free, taken, same = (
        make.call(organization, csr=csr, booking_status=status) for status in (None, "not_booked", "booked")
    )
    theirs = make.call(organization, csr=colleague)

    url = address("set_booking_status", free, taken, same, theirs)
    answer = confirm(client.sign_in(csr), url, booking_status="booked", reason="Said so at the desk")
    work()

    assert [stored(call).booking_status for call in (free, taken, same, theirs)] == [
        "booked",
        "not_booked",
        "booked",
        None,
    ]
    assert stored(free).booking_status_source == "user"
    counted = client.follow(answer).metrics
    assert counted == {"rows_total": "3", "rows_changed": "1", "rows_unchanged": "1", "rows_refused": "1"}
    assert [entry.resource_id for entry in trail("call.reclassified")] == [free.id]


@pytest.mark.parametrize("role", [Role.CSR, Role.EXEC, Role.SUPPORT])
def test_who_assigns_no_calls_is_refused(
    client: Client, make: Factories, organization: Organization, calls: list[Call], role: Role
) -> None:
    client.sign_in(make.user(organization, role)).get(address("assign_csr", *calls), status=403)


def test_the_list_offers_only_what_one_may_do(
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    csr: User,
    manager: User,
    calls: list[Call],
) -> None:
    def offered(user: User) -> list[str]:
        page = new_client().sign_in(user).get("/calls")
        return [button.get("value") or "" for button in page.all(".//form[@action='/bulk']//button[@name='action']")]

    assert offered(csr) == ["set_outcome", "set_booking_status"]
    assert offered(manager) == ["assign_csr", "set_outcome", "set_booking_status"]
    assert offered(make.user(organization, Role.EXEC)) == []


def test_a_stranger_is_no_csr_here(
    client: Client, make: Factories, manager: User, calls: list[Call], operations: Operations
) -> None:
    stranger = make.user(make.organization())
    page = confirm(client.sign_in(manager), address("assign_csr", *calls), csr=str(stranger.id), status=400)

    assert page.all(".//*[@data-error-summary]")
    assert operations() == []


def test_somebody_who_may_not_any_more_when_the_worker_comes_changes_nothing(
    client: Client,
    manager: User,
    calls: list[Call],
    stored: Stored,
    work: Work,
    operations: Operations,
    admin_engine: Any,
) -> None:
    confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="spam")
    with admin_engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE users SET role = 'exec' WHERE id = '{manager.id}'")
    work()

    assert [stored(call).outcome for call in calls] == [None] * 3
    (operation,) = operations()
    assert operation.status == "failed"
    assert "calls:update" in (operation.failure or "")
