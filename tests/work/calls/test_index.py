"""The list of calls as users see it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from app.models import Call, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.work.calls.reading import ids, shown

MAX_QUERIES = 3  # user, page and count; the fourth round trip ends the transaction
PAGE = 50

Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def many(make: Factories, organization: Organization, csr: User) -> list[Call]:
    """More calls than fit on two pages, one per minute, newest first."""
    with make.batch():
        return [make.call(organization, csr=csr, started_at=DAY - timedelta(minutes=minute)) for minute in range(120)]


class TestRows:
    def test_a_row_tells_the_call(self, client: Client, make: Factories, organization: Organization, csr: User) -> None:
        contact = make.contact(organization, first_name="Denise", last_name="Aguilar", primary_phone="+15125550131")
        make.call(
            organization,
            csr=csr,
            contact_card_id=contact.id,
            caller_number="+15125550131",
            topic="Furnace",
            duration_seconds=374,
            outcome="follow_up",
            booking_status="not_booked",
            sentiment="negative",
            call_quality=2,
        )

        row = text_of(client.sign_in(make.user(organization, Role.MANAGER)).get("/calls").one(".//tbody/tr"))

        for part in (
            "Mar 18", "12:00 PM", "Denise Aguilar", "(512) 555-0131", "Furnace", "Maya Torres", "Completed", "6:14",
            "Follow-up needed", "Not booked", "Negative", "2",
        ):  # fmt: skip
            assert part in row

    def test_an_outbound_call_shows_who_was_called(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        make.call(
            organization, csr=csr, direction="outbound", caller_number="+15125550100", called_number="+15125550177"
        )

        row = text_of(client.sign_in(csr).get("/calls").one(".//tbody/tr"))

        assert "(512) 555-0177" in row
        assert "(512) 555-0100" not in row
        assert "Outbound" in row

    def test_a_withheld_number_is_an_unknown_caller(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        make.call(organization, csr=csr, caller_number=None)

        assert "Unknown caller" in client.sign_in(csr).get("/calls").links

    def test_names_are_shown_as_they_are_typed_and_never_run(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        name = "<script>alert(1)</script>"
        contact = make.contact(organization, first_name=name, last_name=None)
        make.call(organization, csr=csr, contact_card_id=contact.id, topic="{{ 7 * 7 }}")

        page = client.sign_in(csr).get("/calls")

        assert name in page.links
        assert "{{ 7 * 7 }}" in page.text

    def test_an_empty_list_says_what_will_be_here(self, client: Client, csr: User, manager: User) -> None:
        assert "You have no calls yet" in client.sign_in(csr).get("/calls").text

    def test_a_list_without_a_match_offers_a_way_out(self, client: Client, csr: User, call: Call) -> None:
        page = client.sign_in(csr).get("/calls?status=failed")

        assert "No calls match" in page.text
        assert page.links["Clear all filters"] == "/calls"


@pytest.mark.usefixtures("call", "strangers_call")
class TestScope:
    @pytest.fixture(autouse=True)
    def _others(self, make: Factories, organization: Organization, colleague: User) -> None:
        make.call(organization, csr=colleague, topic="Colleague’s topic")

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER])
    def test_who_sees_all_sees_the_organizations_calls(
        self, client: Client, make: Factories, organization: Organization, role: Role
    ) -> None:
        page = client.sign_in(make.user(organization, role)).get("/calls")

        assert len(shown(page)) == 2
        assert "Colleague’s topic" in page.text

    def test_a_csr_sees_their_own(self, client: Client, csr: User, call: Call) -> None:
        page = client.sign_in(csr).get("/calls")

        assert shown(page) == ids(call)
        assert page.heading == "My calls"

    def test_nothing_on_a_csrs_page_tells_of_others(self, client: Client, csr: User) -> None:
        page = client.sign_in(csr).get("/calls")

        assert "Tom Okafor" not in page.html
        assert "Colleague’s topic" not in page.html

    def test_a_csr_who_asks_for_a_colleagues_calls_gets_none(self, client: Client, csr: User, colleague: User) -> None:
        page = client.sign_in(csr).get(f"/calls?csr={colleague.id}")

        assert shown(page) == []
        assert "Tom Okafor" not in page.html

    @pytest.mark.parametrize("column", ["csr_id", "handled_by_user_id", "assigned_rep_id"])
    def test_a_sales_rep_sees_calls_that_are_theirs_in_any_way(
        self, client: Client, make: Factories, organization: Organization, column: str
    ) -> None:
        rep = make.user(organization, Role.SALES_REP)
        his: dict[str, Any] = {column: rep.id}
        mine = make.call(organization, **his)

        assert shown(client.sign_in(rep).get("/calls")) == ids(mine)

    def test_the_sentiment_of_a_visit_is_for_those_who_may_hear_it(
        self, client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization
    ) -> None:
        visit = make.call(organization, call_type="visit_call", sentiment="negative")
        make.analysis(visit, objections=[{"category": "too_expensive"}])
        support = client.sign_in(make.user(organization, Role.SUPPORT))
        manager = new_client().sign_in(make.user(organization, Role.MANAGER))

        for query in ("sentiment=negative", "objection=too_expensive", "analysed=yes"):
            assert shown(support.get(f"/calls?{query}")) == []
            assert shown(manager.get(f"/calls?{query}")) == ids(visit)
        assert "Negative" not in text_of(support.get("/calls?call_type=visit_call").one(".//tbody/tr"))


class TestPages:
    def test_a_cursor_of_another_list_is_refused(self, client: Client, manager: User, many: list[Call]) -> None:
        client.sign_in(manager)
        older = client.get("/calls").links["Older"]

        client.get(f"{older}&status=completed", status=400)

    def test_pages_of_fifty_lead_through_the_whole_list_and_back(
        self, client: Client, csr: User, many: list[Call]
    ) -> None:
        client.sign_in(csr)
        first = client.get("/calls")
        second = client.get(first.links["Older"])
        third = client.get(second.links["Older"])

        assert shown(first) + shown(second) + shown(third) == ids(*many)
        assert third.links.get("Older", "") == ""
        assert shown(client.get(third.links["Newer"])) == shown(second)
        assert shown(client.get(client.get(third.links["Newer"]).links["Newer"])) == shown(first)

    def test_new_calls_move_no_page(
        self, client: Client, csr: User, many: list[Call], make: Factories, organization: Organization
    ) -> None:
        client.sign_in(csr)
        first = client.get("/calls")
        second = client.get(first.links["Older"])
        # Later than all others, at the exact time of the first row, and at that of the cursor's row.
        for moment in (DAY + timedelta(minutes=1), DAY, many[PAGE - 1].started_at):
            make.call(organization, csr=csr, started_at=moment)

        assert shown(client.get(first.links["Older"])) == shown(second)

    def test_calls_of_one_moment_are_each_shown_once(
        self, client: Client, csr: User, make: Factories, organization: Organization
    ) -> None:
        with make.batch():
            together = [make.call(organization, csr=csr) for _ in range(PAGE + 5)]
        client.sign_in(csr)
        first = client.get("/calls")

        assert sorted(shown(first) + shown(client.get(first.links["Older"]))) == sorted(ids(*together))

    def test_the_list_is_sorted_by_start_either_way(self, client: Client, csr: User, many: list[Call]) -> None:
        client.sign_in(csr)

        assert client.get("/calls").one(".//th[@aria-sort]").get("aria-sort") == "descending"
        earliest = client.get("/calls?sort=startedAt")

        assert shown(earliest) == ids(*reversed(many))[:PAGE]
        assert earliest.one(".//th[@aria-sort]").get("aria-sort") == "ascending"
        assert shown(client.get(earliest.links["Older"])) == ids(*reversed(many))[PAGE : 2 * PAGE]

    def test_a_count_stops_where_exactness_costs_too_much(
        self, client: Client, csr: User, many: list[Call], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.db.paging.MAX_COUNTED", 100)
        client.sign_in(csr)

        assert "100+ calls" in client.get("/calls").text
        assert "120 calls" in client.get("/calls?count=exact").text

    def test_the_number_of_queries_is_small_and_does_not_grow(
        self, client: Client, manager: User, make: Factories, organization: Organization, queries: Queries
    ) -> None:
        def fill(number: int) -> None:
            for _ in range(number):
                contact = make.contact(organization)
                make.call(organization, csr=make.user(organization), contact_card_id=contact.id, topic=f"T{number}")

        def asked() -> int:
            client.get("/calls")  # caches the options of its filters
            with queries() as sent:
                client.get("/calls")
            return len(sent)

        fill(2)
        client.sign_in(manager)
        few = asked()
        fill(20)

        assert asked() == few <= MAX_QUERIES


class TestSwaps:
    def test_htmx_gets_the_list_alone_and_a_readable_address(self, client: Client, csr: User, call: Call) -> None:
        page = client.sign_in(csr).swap("/calls?q=&status=completed&csr=")

        assert not page.is_whole
        assert shown(page) == ids(call)
        assert page.headers["HX-Push-Url"] == "/calls?status=completed"
        assert page.one("./div[@id='calls']").get("data-announce") == "1 call"

    def test_an_error_inside_a_swap_is_a_fragment(self, client: Client, csr: User) -> None:
        page = client.sign_in(csr).swap("/calls?colour=red", status=400)

        assert not page.is_whole
        assert page.all(".//*[@data-fragment-error]")

    def test_going_back_gets_the_whole_page(self, client: Client, csr: User) -> None:
        page = client.sign_in(csr).get("/calls", headers={**HTMX, "HX-Request-Type": "full"})

        assert page.is_whole


def test_a_number_of_a_dashboard_is_the_count_of_its_list(
    client: Client, manager: User, make: Factories, organization: Organization, csr: User
) -> None:
    for outcome in ("resolved", "resolved", "spam"):
        make.call(organization, csr=csr, outcome=outcome)

    page: Any = client.sign_in(manager).get("/calls?direction=inbound&outcome=resolved&count=exact")

    assert page.one(".//*[@data-count]").get("data-count") == "2"
