"""The choice of a list's columns: saved per person, and applied to the page but not to its file."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Call, ListSettings, Organization, User
from app.work.calls.resource import CALL
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NewClient = Callable[[], Client]
#: The columns for a CSR, all of whose calls are their own, without and with the optional ones.
USUAL = [
    str(field.label) for field in CALL.columns if field.name != "csr" and field.column and not field.column.is_optional
]
ALL = [str(field.label) for field in CALL.columns if field.name != "csr"]


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    return make.call(organization, csr=csr, topic="Furnace", outcome="resolved", call_quality=4)


def heads(page: Page) -> list[str]:
    """Return the headings of the list, except that of the checkboxes."""
    return [text_of(head) for head in page.all(".//thead//th") if text_of(head) != "Select"]


def choose(client: Client, *columns: str, status: int = 303, **values: str) -> Page:
    return client.post("/list-columns", {"page": "calls", "column": list(columns), **values}, status=status)


@pytest.mark.usefixtures("call")
class TestChoice:
    def test_everything_is_shown_until_somebody_chooses_except_what_is_optional(
        self, client: Client, csr: User
    ) -> None:
        page = client.sign_in(csr).get("/calls")

        assert heads(page) == USUAL
        assert USUAL[:4] == ["Started", "Caller", "Topic", "Status"]
        boxes = {box.get("value"): box.get("checked") is not None for box in page.all(".//input[@name='column']")}
        assert {name for name, is_checked in boxes.items() if not is_checked} == {
            "waited", "cost", "marketing_source", "tags", "value",
        }  # fmt: skip

    def test_an_optional_column_is_there_for_who_chooses_it(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        make.call(organization, csr=csr, status="missed", waited_seconds=77, cost="0.0085")
        client.sign_in(csr).get("/calls")
        choose(client, "waited", "cost")

        page = client.get("/calls?status=missed")
        assert heads(page) == ["Caller", "Waited", "Cost"]
        assert [text_of(cell) for cell in page.all(".//tbody/tr/td")][-2:] == ["1:17", "$0.0085"]

    def test_what_is_chosen_is_shown_and_the_caller_always(self, client: Client, csr: User) -> None:
        client.sign_in(csr).get("/calls")
        choose(client, "outcome", "topic")

        page = client.get("/calls")
        assert heads(page) == ["Caller", "Topic", "Outcome"]
        assert "Resolved" in page.text
        assert len(page.all(".//tbody/tr/*")) == 4, "a box, and no more cells than headings"

    def test_it_is_ones_own(self, client: Client, new_client: NewClient, csr: User, manager: User) -> None:
        client.sign_in(csr).get("/calls")
        choose(client, "topic")

        assert set(heads(new_client().sign_in(manager).get("/calls"))) == {*USUAL, "CSR"}

    def test_the_next_choice_replaces_it_and_all_shows_every_one(self, client: Client, csr: User) -> None:
        client.sign_in(csr).get("/calls")
        choose(client, "topic")
        choose(client)
        assert heads(client.get("/calls")) == ["Caller"]

        choose(client, all="1")
        assert heads(client.get("/calls")) == ALL

    def test_the_file_has_all_of_them(self, client: Client, csr: User) -> None:
        client.sign_in(csr).get("/calls")
        choose(client, "topic")

        assert "Rating" in client.get("/calls.csv").html.splitlines()[0]

    def test_columns_that_one_may_not_see_are_not_offered_and_stay_chosen(
        self, client: Client, csr: User, admin_engine: Engine
    ) -> None:
        boxes = client.sign_in(csr).get("/calls").all(".//input[@name='column']")
        assert {"topic", "csr"} & {box.get("value") for box in boxes} == {"topic"}

        choose(client, "topic")

        with Session(admin_engine) as session:
            settings = session.scalars(select(ListSettings).where(ListSettings.user_id == csr.id)).one()
        assert set(settings.columns) == {"caller", "topic", "csr"}

    def test_it_leads_back_to_the_filtered_list(self, client: Client, csr: User) -> None:
        client.sign_in(csr)
        form = client.get("/calls?status=completed").fields("/list-columns")

        assert client.post("/list-columns", form).headers["Location"] == "/calls?status=completed"

    def test_it_leads_nowhere_else(self, client: Client, csr: User) -> None:
        client.sign_in(csr).get("/calls")

        assert choose(client, "topic", back="//elsewhere.example/").headers["Location"] == "/calls"


@pytest.mark.parametrize("values", [{"column": "salary"}, {"page": "secrets"}, {"page": "tasks", "column": "caller"}])
def test_what_is_no_column_is_refused(client: Client, csr: User, values: dict[str, str]) -> None:
    client.sign_in(csr).post("/list-columns", {"page": "calls", **values}, status=400)
