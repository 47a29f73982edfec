"""Cancellation of text messages to missed callers, and the permission for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, update

from app.models import Message, MissedCallEntry, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.work.missed_calls.conftest import WAITS, AtOnce, Now, Trail, Tries, Waiting, actions, address, of_text

NewClient = Callable[[], Client]


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

        assert "This text can’t be canceled" in client.get("/missed-calls").text
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

        assert "has already claimed this caller" in client.get("/missed-calls").text
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
        page = client.sign_in(make.user(organization, Role.SUPPORT)).get(address(entry))

        assert WAITS in page.text
        assert text.body not in page.text
        assert of_text(text, action) not in actions(page)
