"""Many calls changed at the same time: the right ones, by the rules of a single change, exactly once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.data.bulk import run_service
from app.db.ids import uuid7
from app.models import Call, CallOutcome, Organization, User
from tests.data.bulk.conftest import Operations, Stored, Trail, Work, address, confirm, id_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of


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
        assert "Outcome Resolved" in result.text

    def test_without_a_tick_it_leads_back_to_the_list_and_its_filters(self, client: Client, manager: User) -> None:
        answer = client.sign_in(manager).get("/bulk/new?action=set_outcome&scope=chosen&status=missed", status=303)

        assert answer.headers["Location"] == "/calls?status=missed"
        assert "Select at least one row first." in client.follow(answer).text

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

    @pytest.mark.parametrize("chosen", ["scope=all", "row=01a1f88e-0000-7000-8000-000000000001"])
    def test_somebody_unknown_is_said_to_be_so(self, client: Client, manager: User, chosen: str) -> None:
        page = client.sign_in(manager).get(f"/bulk/new?action=set_outcome&{chosen}&csr={uuid7()}", status=404)

        assert "The person in this URL isn’t in your organization." in page.text


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

        assert "The number of matching rows is now 3." in text_of(page.one(".//*[@data-error-summary]"))
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
        """Late-committed rows stop the change, even if they were created before the count was shown."""
        answer = confirm(client.sign_in(manager), address("set_outcome"), outcome="spam")
        make.call(organization, created_at=datetime.now(UTC) - timedelta(minutes=1))
        work()

        page = client.follow(answer)
        assert "More rows match now than you confirmed, so nothing was changed." in page.text
        assert [stored(call).outcome for call in calls] == [None] * 3

    @pytest.mark.parametrize(
        ("moment", "status"),
        [
            ("0001-01-01T00:00:00+14:00", 400),
            ("0001-01-01T00:00:00+00:00", 400),
            ("9999-12-31T23:59:59-12:00", 400),
            ("2199-12-31T23:59:59-12:00", 303),
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
        monkeypatch.setattr(run_service, "ROWS_A_STEP", 2)
        calls = [make.call(organization, outcome="follow_up") for _ in range(5)]

        answer = confirm(client.sign_in(manager), address("set_outcome", outcome="follow_up"), outcome="resolved")
        work()

        assert [stored(call).outcome for call in calls] == ["resolved"] * 5
        assert client.follow(answer).metrics["rows_changed"] == "5"


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
        assert ("Set outcome" in client.get("/bulk").links) is (status == 200)


def test_every_outcome_can_be_set(client: Client, manager: User, calls: list[Call]) -> None:
    options = client.sign_in(manager).get(address("set_outcome", *calls)).all(".//select[@name='outcome']/option")

    assert [option.get("value") for option in options] == ["", *CallOutcome]
