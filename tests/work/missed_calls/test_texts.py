"""Texts to callers of the queue: they wait in the outbox, are cancelled, or become a try once they are sent."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import AuditLog, ContactCard, Message, MissedCallAttempt, MissedCallEntry, Organization, Role, User
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import wait_for_a_lock
from tests.support.pages import Page, text_of
from tests.work.missed_calls.conftest import Now, Waiting

NewClient = Callable[[], Client]
Trail = Callable[[str], list[AuditLog]]
Texts = Callable[[], list[Message]]
Tries = Callable[[], list[MissedCallAttempt]]
AtOnce = Callable[[Iterable[Callable[[], Page]]], list[Page]]
WAITS = "Text waiting to be sent"


def address(entry: MissedCallEntry, action: str = "") -> str:
    return f"/missed-calls/{entry.id}{action}"


def of_text(message: Message, action: str) -> str:
    return f"/missed-calls/{message.missed_entry_id}/texts/{message.id}/{action}"


def actions(page: Page) -> list[str]:
    return [form.get("action") or "" for form in page.all(".//main//form")]


def line_of(page: Page, entry: MissedCallEntry) -> str:
    return text_of(page.one(f".//tbody[@id='entry-{entry.id}']"))


def write(client: Client, entry: MissedCallEntry, body: str = "We called you back.", status: int = 303) -> Page:
    return client.post(address(entry, "/text"), {"row_id": str(uuid7()), "body": body}, status=status)


@pytest.fixture
def entry(contact: ContactCard, waiting: Waiting) -> MissedCallEntry:
    return waiting(contact)


@pytest.fixture
def texts(admin_engine: Engine) -> Texts:
    """All texts, the first first."""

    def read() -> list[Message]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Message).where(Message.channel == "sms").order_by(Message.created_at)))

    return read


@pytest.fixture
def tries(admin_engine: Engine) -> Tries:
    """All tries, the first first."""

    def read() -> list[MissedCallAttempt]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(MissedCallAttempt).order_by(MissedCallAttempt.at)))

    return read


@pytest.fixture
def text(make: Factories, organization: Organization, contact: ContactCard, entry: MissedCallEntry) -> Message:
    """A text that waits to be sent to the caller of `entry`."""
    of = {"contact_card_id": contact.id, "missed_entry_id": entry.id}
    number = contact.primary_phone
    return make.message(organization, channel="sms", to_address=number, subject=None, body="Call you at nine?", **of)


@pytest.fixture
def at_once(database: WorkerDatabase, admin_engine: Engine, entry: MissedCallEntry) -> AtOnce:
    """Let several work on `entry` at once: each has begun and waits for it before the first goes on."""

    def run(works: Iterable[Callable[[], Page]]) -> list[Page]:
        works = list(works)
        with ThreadPoolExecutor(len(works)) as pool, Session(admin_engine) as session:
            session.execute(select(MissedCallEntry.id).where(MissedCallEntry.id == entry.id).with_for_update())
            begun = [pool.submit(work) for work in works]
            wait_for_a_lock(database, len(works))
            session.commit()
            return [work.result() for work in begun]

    return run


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
        assert "Text written" in client.get(address(entry)).text

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

        assert "waits to be sent already" in refused.text
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
        assert "waits to be sent already" in "".join(answer.text for answer in answers)
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

        assert "This person wants no texts." in page.text
        assert "Hello" in page.text, "what was typed stays"
        assert now(entry).status == "open"

    def test_nothing_written_is_an_error_beside_the_field(
        self, client: Client, csr: User, entry: MissedCallEntry
    ) -> None:
        page = write(client.sign_in(csr), entry, " ", status=400)

        assert "Write something first." in page.text


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

        assert "was cancelled or has failed" in client.get("/missed-calls").text
        assert tries() == []

    def test_of_a_caller_who_waits_no_more_it_still_counts(
        self, client: Client, csr: User, waiting: Waiting, make: Factories, organization: Organization, now: Now
    ) -> None:
        entry = waiting(status="lost", resolved_at=datetime.now(UTC))
        text = make.message(organization, channel="sms", to_address="+12125550142", missed_entry_id=entry.id)

        client.sign_in(csr).post(of_text(text, "sent"), status=303)

        assert (now(entry).status, now(entry).attempts, now(entry).next_attempt_at) == ("lost", 1, None)


class TestCancelling:
    def test_it_is_taken_back_once_and_the_trail_says_so(
        self, client: Client, csr: User, entry: MissedCallEntry, text: Message, now: Now, tries: Tries, trail: Trail
    ) -> None:
        client.sign_in(csr)
        for _ in range(2):
            client.post(of_text(text, "cancel"), status=303)

        assert (now(text).status, now(entry).attempts, tries()) == ("cancelled", 0, [])
        (told,) = trail("missed_call.text_cancelled")
        assert (told.resource_id, told.details) == (entry.id, {"message_id": str(text.id)})
        page = client.get(address(entry))
        assert WAITS not in page.text
        assert address(entry, "/text") in actions(page)

    def test_in_the_list_the_row_comes_back_without_it(
        self, client: Client, csr: User, entry: MissedCallEntry, text: Message
    ) -> None:
        in_place = {"HX-Request": "true", "HX-Current-URL": f"/missed-calls?tab=to_do&open={entry.id}"}
        row = client.sign_in(csr).post(f"{of_text(text, 'cancel')}?columns=7", status=200, headers=in_place)

        assert WAITS not in row.text
        assert address(entry, "/text") in [form.get("action") for form in row.all(".//form")]

    def test_one_that_was_sent_meanwhile_stays_sent(
        self, client: Client, csr: User, entry: MissedCallEntry, text: Message, now: Now, tries: Tries
    ) -> None:
        client.sign_in(csr).post(of_text(text, "sent"), status=303)
        client.post(of_text(text, "cancel"))

        assert "This text waits no more" in client.get("/missed-calls").text
        assert (now(text).status, len(tries())) == ("sent", 1)

    def test_of_sending_and_cancelling_at_once_one_is_done(
        self, new_client: NewClient, csr: User, manager: User, text: Message, now: Now, tries: Tries, at_once: AtOnce
    ) -> None:
        asked = ((csr, "sent"), (manager, "cancel"))
        at_once(partial(new_client().sign_in(who).post, of_text(text, action)) for who, action in asked)

        assert (now(text).status, len(tries())) in {("sent", 1), ("cancelled", 0)}

    def test_a_caller_whom_a_colleague_has_is_theirs(
        self, client: Client, make: Factories, organization: Organization, csr: User, entry: MissedCallEntry,
        text: Message, now: Now, admin_engine: Engine,
    ) -> None:  # fmt: skip
        colleague = make.user(organization)
        taken = {"claimed_by": colleague.id, "claim_expires_at": datetime.now(UTC) + timedelta(minutes=9)}
        with admin_engine.begin() as connection:
            mine = update(MissedCallEntry).where(MissedCallEntry.id == entry.id)
            connection.execute(mine.values(status="claimed", **taken))
        client.sign_in(csr)

        assert of_text(text, "cancel") not in actions(client.get("/missed-calls?tab=to_do"))
        client.post(of_text(text, "cancel"))

        assert "has this caller now" in client.get("/missed-calls").text
        assert now(text).status == "queued"

    def test_of_a_caller_who_waits_no_more_it_can_be_cancelled(
        self, client: Client, csr: User, waiting: Waiting, make: Factories, organization: Organization, now: Now
    ) -> None:
        entry = waiting(status="lost", resolved_at=datetime.now(UTC))
        text = make.message(organization, channel="sms", to_address="+12125550142", missed_entry_id=entry.id)
        assert of_text(text, "cancel") in actions(client.sign_in(csr).get(address(entry)))

        client.post(of_text(text, "cancel"), status=303)

        assert now(text).status == "cancelled"


@pytest.mark.parametrize("action", ["sent", "cancel"])
class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.SALES_REP, Role.EXEC])
    def test_who_does_not_work_the_queue_changes_nothing(
        self, client: Client, make: Factories, organization: Organization, text: Message, now: Now, action: str,
        role: Role,
    ) -> None:  # fmt: skip
        client.sign_in(make.user(organization, role)).post(of_text(text, action), status=403)

        assert now(text).status == "queued"

    def test_another_organization_finds_nothing(
        self, client: Client, make: Factories, text: Message, now: Now, action: str
    ) -> None:
        client.sign_in(make.user(make.organization(), Role.MANAGER)).post(of_text(text, action), status=404)

        assert now(text).status == "queued"

    def test_a_text_to_somebody_else_is_not_there(
        self, client: Client, csr: User, waiting: Waiting, text: Message, now: Now, action: str
    ) -> None:
        other = waiting()

        client.sign_in(csr).post(address(other, f"/texts/{text.id}/{action}"), status=404)

        assert now(text).status == "queued"

    def test_who_only_reads_is_offered_neither(
        self, client: Client, make: Factories, organization: Organization, entry: MissedCallEntry, text: Message,
        action: str,
    ) -> None:  # fmt: skip
        page: Any = client.sign_in(make.user(organization, Role.SUPPORT)).get(address(entry))

        assert WAITS in page.text
        assert text.body not in page.text
        assert of_text(text, action) not in actions(page)
