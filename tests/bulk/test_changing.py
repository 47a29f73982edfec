"""Many calls changed at once: the right ones, by the rules of a single change, once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.bulk import run
from app.models import BulkOperation, Call, CallOutcome, Organization, Role, User
from tests.bulk.conftest import Stored, Trail, Work, address, confirm, id_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of

Operations = Callable[[], list[BulkOperation]]


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User) -> list[Call]:
    return [make.call(organization, csr=csr) for _ in range(3)]


class TestTickedRows:
    def test_the_ticked_calls_are_changed_and_no_other(
        self, client: Client, manager: User, calls: list[Call], stored: Stored, work: Work
    ) -> None:
        page = client.sign_in(manager).get("/calls")
        boxes = {box.get("value") for box in page.all(".//input[@name='row']")}
        assert boxes == {str(call.id) for call in calls}

        answer = confirm(client, address("set_outcome", *calls[:2]), outcome="resolved")
        work()

        assert [stored(call).outcome for call in calls] == ["resolved", "resolved", None]
        assert [stored(call).version for call in calls] == [2, 2, 1]
        result = client.follow(answer)
        assert result.metrics == {"rows_total": "2", "rows_changed": "2", "rows_unchanged": "0", "rows_refused": "0"}
        assert "Result Resolved" in result.text

    def test_without_a_tick_it_leads_back_to_the_list_and_its_filters(self, client: Client, manager: User) -> None:
        answer = client.sign_in(manager).get("/bulk/new?action=set_outcome&scope=chosen&status=missed", status=303)

        assert answer.headers["Location"] == "/calls?status=missed"
        assert "Choose at least one row first." in client.follow(answer).text

    @pytest.mark.parametrize(
        "query",
        [
            "action=explode&scope=all",
            "scope=all",
            "action=set_outcome&row=7",
            "action=set_outcome&scope=all&colour=red",
        ],
    )
    def test_an_address_that_means_nothing_is_refused(self, client: Client, manager: User, query: str) -> None:
        client.sign_in(manager).get(f"/bulk/new?{query}", status=400)


class TestAllThatMatch:
    def test_filters_are_carried_and_not_ids(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        manager: User,
        calls: list[Call],
        stored: Stored,
        work: Work,
    ) -> None:
        missed = [make.call(organization, status="missed") for _ in range(2)]
        url = address("set_outcome", status="missed")

        page = client.sign_in(manager).get(url)
        assert "Status Missed" in page.text
        confirm(client, url, outcome="no_answer")
        work()

        assert [stored(call).outcome for call in missed] == ["no_answer"] * 2
        assert [stored(call).outcome for call in calls] == [None] * 3

    def test_a_call_that_comes_after_the_page_was_opened_is_left_alone(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        manager: User,
        calls: list[Call],
        stored: Stored,
        work: Work,
    ) -> None:
        url = address("set_outcome")
        form = client.sign_in(manager).get(url).fields(url)
        late = make.call(organization)
        client.post(url, {**form, "outcome": "spam"})
        later = make.call(organization)
        work()

        assert [stored(call).outcome for call in calls] == ["spam"] * 3
        assert [stored(call).outcome for call in (late, later)] == [None, None]

    def test_another_number_than_was_shown_has_to_be_confirmed(
        self, client: Client, manager: User, calls: list[Call], operations: Operations
    ) -> None:
        url = address("set_outcome")
        form = client.sign_in(manager).get(url).fields(url)

        page = client.post(url, {**form, "count": "2", "outcome": "spam"}, status=409)

        assert "there are 3 now" in text_of(page.one(".//*[@data-error-summary]"))
        assert operations() == []
        assert page.fields(url)["outcome"] == "spam", "what was chosen stays"
        client.post(url, page.fields(url))
        assert len(operations()) == 1

    def test_rows_that_slip_in_before_the_worker_comes_stop_it(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        manager: User,
        calls: list[Call],
        stored: Stored,
        work: Work,
    ) -> None:
        """Of a transaction that was open when the number was shown: its rows have an earlier time."""
        answer = confirm(client.sign_in(manager), address("set_outcome"), outcome="spam")
        make.call(organization, created_at=datetime.now(UTC) - timedelta(minutes=1))
        work()

        page = client.follow(answer)
        assert "More rows match now than you have confirmed." in page.text
        assert [stored(call).outcome for call in calls] == [None] * 3

    @pytest.mark.parametrize(
        ("moment", "status"),
        [
            ("0001-01-01T00:00:00+14:00", 400),
            ("0001-01-01T00:00:00+00:00", 400),
            ("9999-12-31T23:59:59-12:00", 303),
            ("2026-03-18T12:00:00", 400),
            ("now", 400),
        ],
    )
    @pytest.mark.parametrize("period", ["today", "last_90"])
    def test_a_moment_that_no_page_has_shown_changes_nothing_else(
        self,
        client: Client,
        manager: User,
        make: Factories,
        organization: Organization,
        operations: Operations,
        moment: str,
        status: int,
        period: str,
    ) -> None:
        make.call(organization, started_at=datetime.now(UTC))

        confirm(client.sign_in(manager), address("set_outcome", period=period), until=moment, status=status)

        assert len(operations()) == (status == 303)

    def test_changes_that_take_rows_out_of_the_filter_miss_none(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        manager: User,
        stored: Stored,
        work: Work,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(run, "ROWS_A_STEP", 2)
        calls = [make.call(organization, outcome="follow_up") for _ in range(5)]

        answer = confirm(client.sign_in(manager), address("set_outcome", outcome="follow_up"), outcome="resolved")
        work()

        assert [stored(call).outcome for call in calls] == ["resolved"] * 5
        assert client.follow(answer).metrics["rows_changed"] == "5"


class TestRules:
    def test_calls_are_credited_to_a_csr_but_visits_are_nobodys(
        self,
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
        self,
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
        self, client: Client, make: Factories, organization: Organization, calls: list[Call], role: Role
    ) -> None:
        client.sign_in(make.user(organization, role)).get(address("assign_csr", *calls), status=403)

    def test_the_list_offers_only_what_one_may_do(
        self,
        new_client: Callable[[], Client],
        make: Factories,
        organization: Organization,
        csr: User,
        manager: User,
        calls: list[Call],
    ) -> None:
        def offered(user: User) -> list[str]:
            page = new_client().sign_in(user).get("/calls")
            return [option.get("value") or "" for option in page.all(".//select[@name='action']/option")]

        assert offered(csr) == ["set_outcome", "set_booking_status"]
        assert offered(manager) == ["assign_csr", "set_outcome", "set_booking_status"]
        assert offered(make.user(organization, Role.EXEC)) == []

    def test_a_stranger_is_no_csr_here(
        self, client: Client, make: Factories, manager: User, calls: list[Call], operations: Operations
    ) -> None:
        stranger = make.user(make.organization())
        page = confirm(client.sign_in(manager), address("assign_csr", *calls), csr=str(stranger.id), status=400)

        assert page.all(".//*[@data-error-summary]")
        assert operations() == []

    def test_somebody_who_may_not_any_more_when_the_worker_comes_changes_nothing(
        self,
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


class TestOnce:
    def test_the_same_form_sent_twice_is_one_change(
        self, client: Client, manager: User, calls: list[Call], stored: Stored, operations: Operations, work: Work
    ) -> None:
        url = address("set_outcome", *calls)
        form = {**client.sign_in(manager).get(url).fields(url), "outcome": "resolved"}

        first, second = client.post(url, form), client.post(url, form)
        work()

        assert first.headers["Location"] == second.headers["Location"]
        assert len(operations()) == 1
        assert [stored(call).version for call in calls] == [2, 2, 2]

    def test_its_changes_are_one_operation_in_the_trail(
        self, client: Client, manager: User, calls: list[Call], trail: Trail, operations: Operations, work: Work
    ) -> None:
        confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="resolved")
        work()

        changes = trail("call.updated")
        assert {change.resource_id for change in changes} == {call.id for call in calls}
        assert {change.operation_id for change in changes} == {operations()[0].operation_id}
        assert {(change.user_id, change.actor_label) for change in changes} == {(manager.id, "Marcus Bell")}


def test_its_page_asks_for_itself_while_it_runs(client: Client, manager: User, calls: list[Call], work: Work) -> None:
    answer = confirm(client.sign_in(manager), address("set_outcome", *calls), outcome="resolved")
    assert client.follow(answer).one(".//*[@id='bulk-operation']").get("hx-trigger") == "every 1s"
    work()

    fragment = client.swap(f"/bulk/{id_of(answer)}")
    assert fragment.one(".//*[@id='bulk-operation']").get("hx-trigger") is None
    assert not fragment.is_whole


def test_a_colleague_does_not_find_it_but_a_manager_does(
    new_client: Callable[[], Client], make: Factories, csr: User, colleague: User, manager: User
) -> None:
    operation = make.bulk_operation(csr)

    for person, status in ((csr, 200), (colleague, 404), (manager, 200)):
        client = new_client().sign_in(person)
        client.get(f"/bulk/{operation.id}", status=status)
        assert ("Set the outcome" in client.get("/bulk").links) is (status == 200)


def test_every_outcome_can_be_set(client: Client, manager: User, calls: list[Call]) -> None:
    options = client.sign_in(manager).get(address("set_outcome", *calls)).all(".//select[@name='outcome']/option")

    assert [option.get("value") for option in options] == ["", *CallOutcome]
