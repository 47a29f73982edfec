"""Text messages to missed callers, which count as an attempt once they are sent."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError

from app.db.ids import uuid7
from app.models import ContactCard, Message, MissedCallEntry, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.missed_calls.conftest import WAITS, AtOnce, Now, Texts, Trail, Tries, Waiting, actions, address, of_text

NewClient = Callable[[], Client]


def line_of(page: Page, entry: MissedCallEntry) -> str:
    return text_of(page.one(f".//tbody[@id='entry-{entry.id}']"))


def write(client: Client, entry: MissedCallEntry, body: str = "We called you back.", status: int = 303) -> Page:
    return client.post(address(entry, "/text"), {"row_id": str(uuid7()), "body": body}, status=status)


class TestWriting:
    def test_it_waits_in_the_outbox_keeps_the_caller_and_is_no_try(
        self, client: Client, csr: User, contact: ContactCard, entry: MissedCallEntry, now: Now, texts: Texts,
        tries: Tries,
    ) -> None:  # fmt: skip
        form = client.sign_in(csr).get(address(entry)).fields(address(entry, "/text"))
        for _ in range(2):
            client.post(address(entry, "/text"), {**form, "body": "We called you back."}, status=303)

        (message,) = texts()
        assert (message.channel, message.to_address, message.status) == ("sms", contact.primary_phone, "queued")
        assert (message.missed_entry_id, tries()) == (entry.id, [])
        stored = now(entry)
        assert (stored.status, stored.claimed_by, stored.attempts) == ("claimed", csr.id, 0)
        assert (stored.first_attempt_seconds, stored.last_attempt_at, stored.next_attempt_at) == (None, None, None)
        assert "Text saved to the outbox" in client.get(address(entry)).text

    def test_the_row_says_so_and_offers_to_cancel_it(
        self, client: Client, csr: User, entry: MissedCallEntry, text: Message, waiting: Waiting
    ) -> None:
        other = waiting()
        page = client.sign_in(csr).get("/missed-calls")

        assert WAITS in line_of(page, entry)
        assert "Cancel text" in line_of(page, entry)
        assert WAITS not in line_of(page, other)
        assert of_text(text, "cancel") in actions(page)
        assert {of_text(text, "cancel"), of_text(text, "sent")} <= set(actions(client.get(address(entry))))

    def test_a_page_that_stays_open_learns_of_it(
        self, client: Client, csr: User, entry: MissedCallEntry, text: Message, admin_engine: Engine
    ) -> None:
        def state() -> str:
            news = client.get(f"/missed-calls/news?rows={entry.id}")
            return news.one(f".//tbody[@id='entry-{entry.id}']").get("data-state") or ""

        client.sign_in(csr)
        before = state()
        with admin_engine.begin() as connection:
            connection.execute(update(Message).where(Message.id == text.id).values(status="cancelled"))

        assert state() != before

    def test_a_second_one_is_refused_until_the_first_has_gone(
        self, client: Client, csr: User, entry: MissedCallEntry, texts: Texts
    ) -> None:
        client.sign_in(csr)
        write(client, entry, "First")
        refused = write(client, entry, "Second", status=409)

        assert "already waiting to be sent" in refused.text
        assert "Second" not in [one.body for one in texts()]
        assert address(entry, "/text") not in actions(client.get(address(entry)))

        client.post(of_text(texts()[0], "cancel"), status=303)
        write(client, entry, "Third")
        client.post(of_text(texts()[1], "sent"), status=303)
        write(client, entry, "Fourth")
        assert [one.status for one in texts()] == ["cancelled", "sent", "queued"]

    def test_of_two_forms_that_are_sent_at_once_one_is_written(
        self, new_client: NewClient, csr: User, entry: MissedCallEntry, texts: Texts, at_once: AtOnce
    ) -> None:
        answers = at_once(
            partial(
                new_client().sign_in(csr).answer_of, address(entry, "/text"), {"row_id": str(uuid7()), "body": "Hello"}
            )
            for _ in range(2)
        )

        assert sorted(answer.status for answer in answers) == [303, 409]
        assert "already waiting to be sent" in "".join(answer.text for answer in answers)
        assert len(texts()) == 1

    def test_the_database_refuses_a_second_one_after_the_same(
        self, client: Client, make: Factories, organization: Organization, csr: User, entry: MissedCallEntry,
        texts: Texts,
    ) -> None:  # fmt: skip
        write(client.sign_in(csr), entry)
        (first,) = texts()

        with pytest.raises(IntegrityError, match="uq_messages_dedupe_key"):
            make.message(organization, channel="sms", to_address=first.to_address, dedupe_key=first.dedupe_key)

    def test_who_wants_no_texts_gets_none(
        self, client: Client, make: Factories, csr: User, organization: Organization, waiting: Waiting, now: Now
    ) -> None:
        entry = waiting(make.contact(organization, sms_opt_out_at=datetime.now(UTC)))

        page = write(client.sign_in(csr), entry, "Hello", status=409)

        assert "This contact has opted out of texts." in page.text
        assert "Hello" in page.text, "what was typed stays"
        assert now(entry).status == "open"

    def test_nothing_written_is_an_error_beside_the_field(
        self, client: Client, csr: User, entry: MissedCallEntry
    ) -> None:
        page = write(client.sign_in(csr), entry, " ", status=400)

        assert "Enter some text." in page.text


class TestSending:
    def test_it_is_a_try_of_that_moment_by_whoever_sends_it(
        self, client: Client, new_client: NewClient, csr: User, manager: User, entry: MissedCallEntry, now: Now,
        texts: Texts, tries: Tries, trail: Trail,
    ) -> None:  # fmt: skip
        write(new_client().sign_in(csr), entry)
        (message,) = texts()
        begun = datetime.now(UTC)
        client.sign_in(manager)
        for _ in range(2):
            client.post(of_text(message, "sent"), status=303)

        (attempt,) = tries()
        assert (attempt.kind, attempt.result, attempt.by) == ("text", "sent", "human")
        assert (attempt.user_id, attempt.message_id, attempt.entry_id) == (manager.id, message.id, entry.id)
        assert begun <= attempt.at == now(message).sent_at
        stored = now(entry)
        assert (stored.attempts, stored.last_attempt_at, now(message).status) == (1, attempt.at, "sent")
        assert stored.first_attempt_seconds is not None
        assert stored.next_attempt_at > attempt.at
        assert len(trail("missed_call.attempted")) == 1
        assert WAITS not in client.get(address(entry)).text

    def test_two_who_mark_it_at_once_make_one_try(
        self, new_client: NewClient, csr: User, manager: User, entry: MissedCallEntry, text: Message, now: Now,
        tries: Tries, at_once: AtOnce,
    ) -> None:  # fmt: skip
        answers = at_once(partial(new_client().sign_in(who).post, of_text(text, "sent")) for who in (csr, manager))

        assert [answer.status for answer in answers] == [303, 303]
        assert (len(tries()), now(entry).attempts) == (1, 1)

    def test_the_database_knows_one_try_a_message(
        self, make: Factories, csr: User, entry: MissedCallEntry, text: Message
    ) -> None:
        of = {"kind": "text", "result": "sent", "message_id": text.id}
        make.attempt(entry, csr, **of)

        with pytest.raises(IntegrityError, match="uq_missed_attempts_message"):
            make.attempt(entry, csr, **of)

    def test_it_is_marked_in_the_outbox_too(
        self, client: Client, make: Factories, organization: Organization, text: Message, tries: Tries
    ) -> None:
        admin = make.user(organization, Role.ADMIN)
        page = client.sign_in(admin).get(f"/outbox/{text.id}")
        assert of_text(text, "sent") in actions(page)

        client.post(of_text(text, "sent"), status=303)

        assert [attempt.user_id for attempt in tries()] == [admin.id]
        assert of_text(text, "sent") not in actions(client.get(f"/outbox/{text.id}"))

    @pytest.mark.parametrize("status", ["failed", "cancelled"])
    def test_one_that_failed_or_was_cancelled_makes_none(
        self, client: Client, csr: User, text: Message, tries: Tries, admin_engine: Engine, status: str
    ) -> None:
        with admin_engine.begin() as connection:
            connection.execute(update(Message).where(Message.id == text.id).values(status=status))

        client.sign_in(csr).post(of_text(text, "sent"))

        assert "was canceled or failed" in client.get("/missed-calls").text
        assert tries() == []

    def test_of_a_caller_who_waits_no_more_it_still_counts(
        self, client: Client, csr: User, waiting: Waiting, make: Factories, organization: Organization, now: Now
    ) -> None:
        entry = waiting(status="lost", resolved_at=datetime.now(UTC))
        text = make.message(organization, channel="sms", to_address="+12125550142", missed_entry_id=entry.id)

        client.sign_in(csr).post(of_text(text, "sent"), status=303)

        assert (now(entry).status, now(entry).attempts, now(entry).next_attempt_at) == ("lost", 1, None)
