"""Entries that open in place in the list, and live updates of the open page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.models import ContactCard, MissedCallEntry, User
from tests.support.client import Client
from tests.support.pages import Page, text_of
from tests.work.missed_calls.conftest import Now, Waiting

NewClient = Callable[[], Client]
LIST = "http://localhost/missed-calls?tab=to_do"


def opened(page: Page) -> list[str | None]:
    return [row.get("id") for row in page.all(".//tr") if (row.get("id") or "").startswith("open-")]


def news_of(page: Page, *more: MissedCallEntry) -> str:
    """Return the URL that a script polls on this page, about its rows and `more`."""
    rows = [row.get("data-entry") or "" for row in page.all(".//tbody[@data-entry]")] + [str(one.id) for one in more]
    return f"{page.one('.//*[@data-news]').get('data-news')}&rows={','.join(rows)}"


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

        assert "Tom Okafor has already claimed this caller." in row.text
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


IN_PLACE = {"HX-Request": "true", "HX-Current-URL": LIST}


def form_of(page: Page, entry: MissedCallEntry, what: str) -> dict[str, str]:
    return page.fields(f"/missed-calls/{entry.id}/{what}")


class TestTextAndDismiss:
    def test_a_text_brings_the_row_back_and_says_what_came_of_it(
        self, client: Client, csr: User, contact: ContactCard, waiting: Waiting, now: Now
    ) -> None:
        entry = waiting(contact)
        page = client.sign_in(csr).get(f"/missed-calls?tab=to_do&open={entry.id}")
        form = {**form_of(page, entry, "text"), "body": "Shall we call you at nine?"}
        row = client.post(f"/missed-calls/{entry.id}/text?columns=7", form, status=200, headers=IN_PLACE)

        assert opened(row) == [f"open-{entry.id}"]
        assert "Text saved to the outbox" in row.text
        assert "Text waiting to be sent" in row.text
        assert now(entry).attempts == 0

    def test_a_dismissal_is_taken_back_where_it_was_made(
        self, client: Client, csr: User, waiting: Waiting, now: Now
    ) -> None:
        entry = waiting()
        page = client.sign_in(csr).get(f"/missed-calls?tab=to_do&open={entry.id}")
        form = {**form_of(page, entry, "dismiss"), "reason": "Has moved away"}
        row = client.post(f"/missed-calls/{entry.id}/dismiss?columns=7", form, status=200, headers=IN_PLACE)

        assert now(entry).status == "dismissed"
        assert opened(row) == [f"open-{entry.id}"]
        [undo] = [one for one in row.all(".//form") if (one.get("action") or "").endswith("/reopen")]
        assert undo.get("hx-target") == f"#open-{entry.id}"
        client.post(undo.get("action") or "", form_of(row, entry, "reopen"), status=200, headers=IN_PLACE)
        assert now(entry).status == "open"

    def test_what_is_wrong_is_said_inside_of_it(self, client: Client, csr: User, waiting: Waiting, now: Now) -> None:
        entry = waiting()
        form = form_of(client.sign_in(csr).get(f"/missed-calls?tab=to_do&open={entry.id}"), entry, "dismiss")
        sent = {**form, "reason": ""}
        row = client.post(f"/missed-calls/{entry.id}/dismiss?columns=7", sent, status=400, headers=IN_PLACE)

        assert opened(row) == [f"open-{entry.id}"]
        assert "Briefly explain why no one needs to call back." in row.text
        [folded] = [one for one in row.all(".//details") if one.get("open") is not None]
        assert text_of(folded).startswith("Dismiss")
        assert now(entry).status == "open"

    def test_without_scripts_the_list_comes_back_with_it(
        self, client: Client, csr: User, waiting: Waiting, now: Now
    ) -> None:
        entry, _other = waiting(), waiting()
        at = f"/missed-calls?tab=to_do&open={entry.id}"
        form = {**form_of(client.sign_in(csr).get(at), entry, "dismiss"), "reason": "Has moved away"}
        sent = client.post(f"/missed-calls/{entry.id}/dismiss", form, status=303, headers={"Referer": at})

        assert sent.headers["Location"] == at
        page = client.follow(sent)
        assert opened(page) == [f"open-{entry.id}"]
        assert "Caller dismissed." in page.text


class TestNews:
    def test_nothing_new_is_no_answer(self, client: Client, csr: User, waiting: Waiting) -> None:
        waiting()
        at = news_of(client.sign_in(csr).get("/missed-calls"))
        tag = client.swap(at).headers["ETag"]

        client.get(at, status=304, headers={"HX-Request": "true", "If-None-Match": tag})

    def test_who_has_claimed_whom_is_told_in_the_row(
        self, client: Client, new_client: NewClient, csr: User, colleague: User, waiting: Waiting
    ) -> None:
        entry, other = waiting(), waiting()
        client.sign_in(csr)
        page = client.get("/missed-calls")
        at = news_of(page)
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
        at = news_of(client.sign_in(csr).get("/missed-calls"))
        new = waiting()
        form = client.get(f"/missed-calls/{entry.id}").fields(f"/missed-calls/{entry.id}/dismiss")
        client.post(f"/missed-calls/{entry.id}/dismiss", {**form, "reason": "Has moved away"}, status=303)

        news = client.swap(at)
        assert "Show 1 new caller" in news.text
        assert news.all(row_of(entry)) == []
        assert news.all(row_of(new)) == []

    def test_whoever_waits_is_there_on_a_later_page_too(
        self, client: Client, csr: User, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entries = [waiting(first_missed_at=datetime.now(UTC) - timedelta(minutes=one)) for one in range(60)]
        first = client.sign_in(csr).get("/missed-calls?sort=-missedAt")
        second = client.get(first.links["Older"])

        for page, shown in ((first, entries[:50]), (second, entries[50:])):
            assert {row.get("data-entry") for row in page.all(".//tbody[@data-entry]")} == {
                str(one.id) for one in shown
            }
            news = client.swap(news_of(page))
            assert [one.id for one in shown if not news.all(row_of(one))] == []

    def test_whoever_is_due_sooner_takes_no_row_of_a_full_page(
        self, client: Client, csr: User, waiting: Waiting
    ) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=30)
        entries = [waiting(sla_due_at=soon + timedelta(minutes=one)) for one in range(50)]
        at = news_of(client.sign_in(csr).get("/missed-calls"))
        waiting(sla_due_at=soon - timedelta(minutes=5))

        news = client.swap(at)
        assert "Show 1 new caller" in news.text
        assert [one.id for one in entries if not news.all(row_of(one))] == []

    def test_an_entry_that_is_open_beside_the_list_stays(
        self, client: Client, csr: User, contact: ContactCard, waiting: Waiting
    ) -> None:
        entry, other = waiting(contact), waiting()
        page = client.sign_in(csr).get(f"/missed-calls?tab=mine&open={entry.id}")

        news = client.swap(news_of(page, other))
        assert opened(page) == [f"open-{entry.id}"]
        assert news.one(row_of(entry)).get("data-state") == page.one(row_of(entry)).get("data-state")
        assert news.all(row_of(other)) == []

    def test_a_claim_that_is_kept_is_told(
        self, client: Client, new_client: NewClient, csr: User, colleague: User, waiting: Waiting
    ) -> None:
        ends = datetime.now(UTC) + timedelta(minutes=4)
        entry = waiting(status="claimed", claimed_by=colleague.id, claim_expires_at=ends)
        page = client.sign_in(csr).get("/missed-calls")
        new_client().sign_in(colleague).post(f"/missed-calls/{entry.id}/claim", status=303)

        told = client.swap(news_of(page)).one(row_of(entry))
        assert told.get("data-state") != page.one(row_of(entry)).get("data-state")

    @pytest.mark.parametrize("asked", ["since=yesterday", "rows=x", "open=x", "rows=" + ",".join([str(uuid4())] * 51)])
    def test_what_no_page_asks_is_refused(self, client: Client, csr: User, asked: str) -> None:
        client.sign_in(csr).swap(f"/missed-calls/news?{asked}", status=400)
