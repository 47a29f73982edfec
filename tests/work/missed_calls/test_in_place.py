"""An entry that is open in its place in the list, and how a page that stays open learns what has changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.models import ContactCard, MissedCallEntry, User
from tests.support.client import Client
from tests.support.pages import Page
from tests.work.missed_calls.conftest import Now, Waiting

NewClient = Callable[[], Client]
LIST = "http://localhost/missed-calls?tab=to_do"


def opened(page: Page) -> list[str | None]:
    return [row.get("id") for row in page.all(".//tr") if (row.get("id") or "").startswith("open-")]


def news_of(client: Client) -> str:
    return client.get("/missed-calls").one(".//*[@data-news]").get("data-news") or ""


def row_of(entry: MissedCallEntry) -> str:
    return f".//tbody[@id='entry-{entry.id}']"


class TestOpened:
    def test_it_opens_below_its_row_and_the_address_keeps_it(
        self, client: Client, csr: User, contact: ContactCard, waiting: Waiting
    ) -> None:
        entry, other = waiting(contact), waiting()
        headers = {"HX-Request": "true", "HX-Current-URL": LIST}
        row = client.sign_in(csr).get(f"/missed-calls/{entry.id}?columns=7", headers=headers)
        at = row.headers["HX-Push-Url"]
        page = client.get(at)

        assert at == f"/missed-calls?tab=to_do&open={entry.id}"
        assert opened(row) == opened(page) == [f"open-{entry.id}"]
        assert page.one(row_of(entry) + "//th/a").get("aria-expanded") == "true"
        assert page.one(row_of(other) + "//th/a").get("aria-expanded") == "false"

    def test_without_scripts_its_link_is_its_page(self, client: Client, csr: User, waiting: Waiting) -> None:
        entry = waiting()
        link = client.sign_in(csr).get("/missed-calls").one(row_of(entry) + "//th/a")

        page = client.get(link.get("href") or "")
        assert page.is_whole
        assert page.all(".//h2[@id='why']")

    def test_one_that_the_list_does_not_show_stands_first(self, client: Client, csr: User, waiting: Waiting) -> None:
        waiting()
        done = waiting(status="dismissed", resolved_at=datetime.now(UTC), outcome_note="Has moved")

        page = client.sign_in(csr).get(f"/missed-calls?tab=to_do&open={done.id}")
        assert page.all(".//tbody[@data-entry]")[0].get("id") == f"entry-{done.id}"

    def test_an_address_of_nothing_shows_the_list(self, client: Client, csr: User, waiting: Waiting) -> None:
        waiting()
        client.sign_in(csr)
        for nothing in ("nobody", "01a0d3f2-0000-7000-8000-000000000000"):
            assert opened(client.get(f"/missed-calls?tab=to_do&open={nothing}")) == []

    def test_what_is_done_there_brings_the_row_back(
        self, client: Client, csr: User, waiting: Waiting, now: Now
    ) -> None:
        entry = waiting()
        row = client.sign_in(csr).post(f"/missed-calls/{entry.id}/claim", status=200, headers={"HX-Request": "true"})

        assert now(entry).claimed_by == csr.id
        assert "Yours for 10 min" in row.text
        assert opened(row) == [f"open-{entry.id}"]

    def test_a_lost_race_is_said_inside_of_it(
        self, client: Client, csr: User, colleague: User, waiting: Waiting, now: Now
    ) -> None:
        until = datetime.now(UTC) + timedelta(minutes=5)
        entry = waiting(status="claimed", claimed_by=colleague.id, claim_expires_at=until)
        row = client.sign_in(csr).post(f"/missed-calls/{entry.id}/claim", status=409, headers={"HX-Request": "true"})

        assert "Tom Okafor has this caller now." in row.text
        assert row.one(".//*[@role='alert']") is not None
        assert now(entry).claimed_by == colleague.id

    def test_claiming_the_next_and_reaching_them_open_them(self, client: Client, csr: User, waiting: Waiting) -> None:
        entry = waiting()
        taken = client.sign_in(csr).post("/missed-calls/claim-next", status=303)
        assert opened(client.follow(taken)) == [f"open-{entry.id}"]

        called = client.post(f"/missed-calls/{entry.id}/call", status=303, headers={"Referer": "/missed-calls"})
        page = client.follow(called)
        [result] = [form.get("action") for form in page.all(".//form") if "/result" in (form.get("action") or "")]
        assert opened(client.follow(client.post(result or "", {"result": "reached"}))) == [f"open-{entry.id}"]


class TestNews:
    def test_nothing_new_is_no_answer(self, client: Client, csr: User, waiting: Waiting) -> None:
        waiting()
        at = news_of(client.sign_in(csr))
        tag = client.swap(at).headers["ETag"]

        client.get(at, status=304, headers={"HX-Request": "true", "If-None-Match": tag})

    def test_who_has_claimed_whom_is_told_in_the_row(
        self, client: Client, new_client: NewClient, csr: User, colleague: User, waiting: Waiting
    ) -> None:
        entry, other = waiting(), waiting()
        client.sign_in(csr)
        page, at = client.get("/missed-calls"), news_of(client)
        tag = client.swap(at).headers["ETag"]
        new_client().sign_in(colleague).post(f"/missed-calls/{entry.id}/claim", status=303)
        news = client.get(at, headers={"HX-Request": "true", "If-None-Match": tag})

        def state(shown: Page, one: MissedCallEntry) -> str | None:
            return shown.one(row_of(one)).get("data-state")

        assert state(news, entry) != state(page, entry)
        assert state(news, other) == state(page, other)
        assert "Tom Okafor" in news.text

    def test_who_is_new_waits_and_who_is_gone_is_missing(self, client: Client, csr: User, waiting: Waiting) -> None:
        entry = waiting()
        at = news_of(client.sign_in(csr))
        new = waiting()
        form = client.get(f"/missed-calls/{entry.id}").fields(f"/missed-calls/{entry.id}/dismiss")
        client.post(f"/missed-calls/{entry.id}/dismiss", {**form, "reason": "Has moved away"}, status=303)

        news = client.swap(at)
        assert "1 new caller, show them" in news.text
        assert news.all(row_of(entry)) == []
        assert news.all(row_of(new)) != []

    def test_a_moment_that_is_none_is_refused(self, client: Client, csr: User) -> None:
        client.sign_in(csr).swap("/missed-calls/news?since=yesterday", status=400)
