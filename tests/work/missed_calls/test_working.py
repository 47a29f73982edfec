"""Work on missed calls: claiming, calling back, setting the result, dismissing and blocking."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import (
    Call,
    ContactCard,
    MissedCallAttempt,
    MissedCallEntry,
    Organization,
    Role,
    Task,
    User,
)
from app.security.permissions import Permission
from app.work.missed_calls.lapse_service import end_forgotten_calls_back
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import meanwhile
from tests.support.work import at_work
from tests.work.missed_calls.conftest import Now, Waiting

NewClient = Callable[[], Client]
CallsMade = Callable[[], list[Call]]


def address(entry: MissedCallEntry, action: str = "") -> str:
    return f"/missed-calls/{entry.id}{action}"


def say(client: Client, call: Call, result: str) -> Any:
    return client.post(f"/calls/{call.id}/result", {"result": result}, status=303)


class TestClaim:
    def test_it_holds_ten_minutes_and_says_whose_it_is(
        self, client: Client, csr: User, waiting: Waiting, now: Now
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/claim"), status=303)

        stored = now(entry)
        assert (stored.status, stored.claimed_by) == ("claimed", csr.id)
        assert timedelta(minutes=9) < stored.claim_expires_at - datetime.now(UTC) <= timedelta(minutes=10)

    def test_another_is_told_who_has_it(
        self,
        client: Client,
        new_client: NewClient,
        make: Factories,
        organization: Organization,
        csr: User,
        waiting: Waiting,
        now: Now,
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/claim"), status=303)
        tom = make.user(organization, name="Tom Okafor")

        other = new_client().sign_in(tom)
        other.post(address(entry, "/claim"), status=303)

        assert f"{csr.name} has already claimed this caller." in other.get("/missed-calls").text
        assert now(entry).claimed_by == csr.id

    def test_a_lease_that_has_lapsed_is_free(
        self, client: Client, make: Factories, organization: Organization, csr: User, waiting: Waiting, now: Now
    ) -> None:
        tom = make.user(organization)
        entry = waiting(status="claimed", claimed_by=tom.id, claim_expires_at=datetime.now(UTC) - timedelta(seconds=1))

        client.sign_in(csr).post(address(entry, "/claim"), status=303)

        assert now(entry).claimed_by == csr.id

    def test_release_gives_it_back_and_only_ones_own(
        self,
        client: Client,
        new_client: NewClient,
        make: Factories,
        organization: Organization,
        csr: User,
        waiting: Waiting,
        now: Now,
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/claim"), status=303)
        other = new_client().sign_in(make.user(organization))
        other.post(address(entry, "/release"), status=303)
        assert now(entry).claimed_by == csr.id

        client.post(address(entry, "/release"), status=303)
        assert (now(entry).status, now(entry).claimed_by, now(entry).claim_expires_at) == ("open", None, None)

    def test_of_fifty_at_once_one_wins(
        self, app: Flask, make: Factories, organization: Organization, waiting: Waiting, now: Now, trail: Any
    ) -> None:
        entry = waiting()
        clients = [Client(app).sign_in(make.user(organization)) for _ in range(10)]

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda n: clients[n % 10].post(address(entry, "/claim"), status=303), range(50)))

        assert now(entry).status == "claimed"
        assert len({one.user_id for one in trail("missed_call.claimed")}) == 1

    def test_two_who_take_the_next_get_two(
        self, app: Flask, make: Factories, organization: Organization, waiting: Waiting, now: Now
    ) -> None:
        entries = [waiting(), waiting()]
        clients = [Client(app).sign_in(make.user(organization)) for _ in range(2)]

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: one.post("/missed-calls/claim-next", status=303), clients))

        assert len({now(entry).claimed_by for entry in entries} - {None}) == 2

    def test_whoever_waits_for_a_later_try_is_not_next(
        self, client: Client, csr: User, waiting: Waiting, now: Now
    ) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=20)
        tried = {"attempts": 1, "last_attempt_at": datetime.now(UTC)}
        later, due = waiting(**tried, next_attempt_at=soon), waiting(**tried, next_attempt_at=soon - timedelta(hours=1))
        client.sign_in(csr)
        for _twice in range(2):
            client.post("/missed-calls/claim-next", status=303)

        assert (now(due).claimed_by, now(later).claimed_by) == (csr.id, None)

    def test_nobody_left_is_said(self, client: Client, csr: User) -> None:
        client.sign_in(csr).post("/missed-calls/claim-next", status=303)

        assert "No unclaimed callers need a callback right now" in client.get("/missed-calls").text


class TestCallBack:
    def test_one_tap_claims_records_and_shows_the_number(
        self, client: Client, csr: User, contact: ContactCard, waiting: Waiting, now: Now, calls_made: CallsMade
    ) -> None:
        entry = waiting(contact)
        client.sign_in(csr).post(address(entry, "/call"), status=303)

        (call,) = calls_made()
        assert (call.status, call.source, call.called_number) == ("active", "user", contact.primary_phone)
        assert (call.csr_id, call.handled_by_user_id, call.duration_seconds) == (csr.id, csr.id, None)
        assert now(entry).claimed_by == csr.id
        page = client.get("/missed-calls")
        assert page.one(".//a[@data-dial]").get("href") == f"tel:{contact.primary_phone}"
        assert "Ruth Delgado: how did it go?" in page.text
        assert client.get("/missed-calls").all(".//a[@data-dial]") == [], "it is dialled once"

    def test_a_second_tap_is_the_same_call(
        self, client: Client, csr: User, waiting: Waiting, calls_made: CallsMade
    ) -> None:
        entry = waiting()
        client.sign_in(csr)
        for _ in range(2):
            client.post(address(entry, "/call"), status=303)

        assert len(calls_made()) == 1

    def test_two_taps_at_once_are_one_call(
        self, app: Flask, csr: User, waiting: Waiting, calls_made: CallsMade
    ) -> None:
        entry = waiting()
        clients = [Client(app).sign_in(csr) for _ in range(4)]

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: one.post(address(entry, "/call"), status=303), clients))

        assert len(calls_made()) == 1

    def test_on_a_call_one_calls_nobody_else(
        self, client: Client, csr: User, waiting: Waiting, now: Now, calls_made: CallsMade
    ) -> None:
        first, second = waiting(), waiting()
        client.sign_in(csr).post(address(first, "/call"), status=303)
        client.post(address(second, "/call"), status=303)

        assert "You’re on another call." in client.get("/missed-calls").text
        assert len(calls_made()) == 1
        assert now(second).claimed_by is None

    @pytest.mark.parametrize(
        ("result", "status", "outcome", "stays"),
        [
            ("reached", "completed", None, True),
            ("no_answer", "failed", "no_answer", False),
            ("voicemail", "failed", "voicemail", False),
            ("wrong_number", "failed", "wrong_number", True),
        ],
    )
    def test_the_result_ends_the_call_and_counts_as_a_try(
        self,
        client: Client,
        csr: User,
        waiting: Waiting,
        now: Now,
        calls_made: CallsMade,
        result: str,
        status: str,
        outcome: str | None,
        stays: bool,
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/call"), status=303)
        (call,) = calls_made()

        for _ in range(2):
            say(client, call, result)

        ended, stored = now(call), now(entry)
        assert (ended.status, ended.outcome) == (status, outcome)
        assert ended.ended_at is not None
        assert (stored.attempts, stored.last_attempt_at) == (1, call.started_at)
        assert stored.first_attempt_seconds == int((call.started_at - entry.first_missed_at).total_seconds())
        assert (stored.claimed_by == csr.id) is stays
        assert (stored.next_attempt_at is not None) is (result != "wrong_number")

    def test_no_result_at_all_is_refused(
        self, client: Client, csr: User, waiting: Waiting, now: Now, calls_made: CallsMade
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/call"), status=303)
        (call,) = calls_made()

        say(client, call, "won")

        assert now(call).status == "active"

    def test_a_result_is_taken_back(
        self, client: Client, csr: User, waiting: Waiting, now: Now, calls_made: CallsMade
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/call"), status=303)
        (call,) = calls_made()
        say(client, call, "no_answer")

        client.post(f"/calls/{call.id}/take-back", status=303)

        assert now(call).status == "active"
        stored = now(entry)
        assert (stored.attempts, stored.last_attempt_at, stored.next_attempt_at) == (0, None, None)
        assert stored.first_attempt_seconds is None
        assert stored.claimed_by == csr.id
        say(client, call, "reached")
        assert now(entry).attempts == 1

    def test_without_a_result_it_ends_after_an_hour_and_makes_a_task(
        self,
        app: Flask,
        client: Client,
        csr: User,
        waiting: Waiting,
        now: Now,
        calls_made: CallsMade,
        admin_engine: Engine,
    ) -> None:
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/call"), status=303)
        (call,) = calls_made()
        with Session(admin_engine) as session, session.begin():
            session.get_one(Call, (call.organization_id, call.id)).started_at = datetime.now(UTC) - timedelta(hours=2)
        with at_work(app, call.organization_id):
            end_forgotten_calls_back(datetime.now(UTC))

        assert now(call).status == "failed"
        with Session(admin_engine) as session:
            task = session.scalars(select(Task)).one()
            assert (task.assigned_to_user_id, task.call_id) == (csr.id, call.id)
            assert session.scalars(select(MissedCallAttempt.result)).one() == "failed"
        assert now(entry).attempts == 0

    def test_the_task_of_a_reps_forgotten_call_is_for_a_rep(
        self, app: Flask, make: Factories, organization: Organization, admin_engine: Engine
    ) -> None:
        rep, called = make.user(organization, role=Role.SALES_REP), datetime.now(UTC) - timedelta(hours=2)
        on: dict[str, Any] = {"call_type": "sales_call", "direction": "outbound", "status": "active", "source": "user",
              "ended_at": None}  # fmt: skip
        make.call(organization, handled_by="human", handled_by_user_id=rep.id, started_at=called, **on)

        with at_work(app, organization.id):
            end_forgotten_calls_back(datetime.now(UTC))

        with Session(admin_engine) as session:
            task = session.scalars(select(Task)).one()
        assert (task.assigned_to_type, task.assigned_to_user_id) == ("sales_rep", rep.id)

    def test_a_forgotten_call_that_is_taken_back_leaves_the_tries_as_they_were(
        self, app: Flask, client: Client, csr: User, waiting: Waiting, now: Now, calls_made: CallsMade,
        admin_engine: Engine,
    ) -> None:  # fmt: skip
        entry = waiting()
        client.sign_in(csr)
        for result in ("no_answer", None):
            client.post(address(entry, "/call"), status=303)
            call = calls_made()[-1]
            if result:
                say(client, call, result)
        tried = now(entry)
        with Session(admin_engine) as session, session.begin():
            session.get_one(Call, (call.organization_id, call.id)).started_at = datetime.now(UTC) - timedelta(
                minutes=61
            )
        with at_work(app, call.organization_id):
            end_forgotten_calls_back(datetime.now(UTC))
        client.post(f"/calls/{call.id}/take-back", status=303)

        assert now(call).status == "active"
        stored = now(entry)
        assert (stored.attempts, stored.last_attempt_at) == (1, tried.last_attempt_at)
        assert stored.next_attempt_at == tried.next_attempt_at

    def test_a_forgotten_call_is_no_last_try(
        self, client: Client, csr: User, waiting: Waiting, now: Now, calls_made: CallsMade, make: Factories
    ) -> None:
        entry = waiting()
        make.attempt(entry, csr, at=datetime.now(UTC) - timedelta(minutes=1), result="failed")
        client.sign_in(csr).post(address(entry, "/call"), status=303)
        (call,) = calls_made()
        say(client, call, "no_answer")
        client.post(f"/calls/{call.id}/take-back", status=303)

        stored = now(entry)
        assert (stored.attempts, stored.last_attempt_at, stored.next_attempt_at) == (0, None, None)

    @pytest.mark.parametrize("result", ["reached", "no_answer"])
    def test_whoever_may_not_work_the_queue_any_more_ends_their_call(
        self, client: Client, make: Factories, organization: Organization, waiting: Waiting, now: Now,
        calls_made: CallsMade, admin_engine: Engine, result: str,
    ) -> None:  # fmt: skip
        entry = waiting()
        rep = make.user(organization, role=Role.SALES_REP)
        make.grant(rep, Permission.MISSED_CALLS_READ)
        grant = make.grant(rep, Permission.MISSED_CALLS_WORK)
        client.sign_in(rep).post(address(entry, "/call"), status=303)
        (call,) = calls_made()
        with Session(admin_engine) as session, session.begin():
            session.delete(session.merge(grant))
        for _ in range(2):
            say(client, call, result)

        assert now(call).status != "active"
        stored = now(entry)
        assert (stored.attempts, stored.status, stored.claimed_by) == (1, "open", None)
        client.post(address(entry, "/claim"), status=403)

        client.post(f"/calls/{call.id}/take-back", status=303)
        stored = now(entry)
        assert (now(call).status, stored.attempts, stored.last_attempt_at) == ("active", 0, None)
        assert (stored.status, stored.claimed_by) == ("open", None), "they may not work the queue"
        say(client, call, "voicemail")
        assert (now(call).outcome, now(entry).attempts) == ("voicemail", 1)

    def test_nobody_takes_a_result_back_once_a_colleague_goes_on(
        self, client: Client, csr: User, colleague: User, waiting: Waiting, now: Now, calls_made: CallsMade,
        new_client: NewClient, make: Factories, organization: Organization, admin_engine: Engine,
    ) -> None:  # fmt: skip
        entry = waiting()
        rep = make.user(organization, role=Role.SALES_REP)
        grants = [make.grant(rep, one) for one in (Permission.MISSED_CALLS_READ, Permission.MISSED_CALLS_WORK)]
        client.sign_in(rep).post(address(entry, "/call"), status=303)
        (call,) = calls_made()
        say(client, call, "no_answer")
        with Session(admin_engine) as session, session.begin():
            for grant in grants:
                session.delete(session.merge(grant))
        new_client().sign_in(colleague).post(address(entry, "/claim"), status=303)
        client.post(f"/calls/{call.id}/take-back", status=303)

        assert now(call).status == "failed"
        assert (now(entry).attempts, now(entry).claimed_by) == (1, colleague.id)
        assert f"{colleague.name} has already claimed this caller." in client.get("/tasks").text

    @pytest.mark.parametrize("result", ["reached", "no_answer"])
    @pytest.mark.parametrize("is_taken", [False, True], ids=["nobody's", "a colleague's"])
    def test_a_lease_that_lapses_while_the_result_is_saved_costs_nothing(
        self, client: Client, csr: User, colleague: User, waiting: Waiting, now: Now, calls_made: CallsMade,
        admin_engine: Engine, database: WorkerDatabase, result: str, is_taken: bool,
    ) -> None:  # fmt: skip
        entry = waiting()
        client.sign_in(csr).post(address(entry, "/call"), status=303)
        (call,) = calls_made()
        lapsed = {"status": "open", "claimed_by": None, "claim_expires_at": None}
        until = datetime.now(UTC) + timedelta(minutes=10)
        taken = {"status": "claimed", "claimed_by": colleague.id, "claim_expires_at": until}
        with Session(admin_engine) as session:
            changed = update(MissedCallEntry).where(MissedCallEntry.id == entry.id)
            session.execute(changed.values(version=MissedCallEntry.version + 1, **(taken if is_taken else lapsed)))
            with meanwhile(lambda: say(client, call, result), database):
                session.commit()

        stored = now(entry)
        assert (stored.attempts, now(call).status) == (1, "completed" if result == "reached" else "failed")
        whose = colleague.id if is_taken else csr.id if result == "reached" else None
        assert stored.claimed_by == whose

    def test_a_withheld_number_cannot_be_called(
        self, client: Client, make: Factories, csr: User, organization: Organization, calls_made: CallsMade
    ) -> None:
        call = make.call(organization, status="missed", caller_number=None)
        entry = make.missed_entry(organization, call=call)
        client.sign_in(csr).post(address(entry, "/call"), status=303)

        assert "The caller’s number was withheld" in client.get("/missed-calls").text
        assert calls_made() == []


class TestEnds:
    def test_dismissing_needs_a_reason_and_can_be_undone(
        self, client: Client, csr: User, waiting: Waiting, now: Now
    ) -> None:
        entry = waiting()
        form = client.sign_in(csr).get(address(entry)).fields(address(entry, "/dismiss"))
        client.post(address(entry, "/dismiss"), {**form, "reason": ""}, status=400)
        assert now(entry).status == "open"

        client.post(address(entry, "/dismiss"), {**form, "reason": "Asked for a plumber in another town"}, status=303)
        assert (now(entry).status, now(entry).outcome_note) == ("dismissed", "Asked for a plumber in another town")
        assert now(entry).resolved_at is not None

        client.post(address(entry, "/reopen"), status=303)
        assert (now(entry).status, now(entry).resolved_at) == ("open", None)

    def test_a_stale_dismissal_is_told(self, client: Client, csr: User, waiting: Waiting, now: Now) -> None:
        entry = waiting()
        form = client.sign_in(csr).get(address(entry)).fields(address(entry, "/dismiss"))
        client.post(address(entry, "/claim"), status=303)

        client.post(address(entry, "/dismiss"), {**form, "reason": "No longer needed"}, status=409)

        assert now(entry).status == "claimed"

    def test_a_blocked_number_takes_all_its_calls_out_of_the_queue(
        self,
        client: Client,
        make: Factories,
        manager: User,
        organization: Organization,
        contact: ContactCard,
        waiting: Waiting,
        now: Now,
    ) -> None:
        first, second, other = waiting(contact), waiting(contact), waiting()
        form = client.sign_in(manager).get(address(first)).fields(address(first, "/block"))

        client.post(address(first, "/block"), {**form, "reason": "Sells insurance"}, status=303)

        assert [now(entry).status for entry in (first, second, other)] == ["dismissed", "dismissed", "open"]
        page = client.get("/missed-calls/blocked")
        assert "Sells insurance" in page.text
        (action,) = [form.get("action") or "" for form in page.all(".//main//form")]
        client.post(action, status=303)
        assert "No blocked numbers" in client.get("/missed-calls/blocked").text

    def test_two_callers_are_both_blocked_by_the_id_of_one_form(
        self, client: Client, manager: User, waiting: Waiting
    ) -> None:
        entries = waiting(), waiting()
        form = client.sign_in(manager).get(address(entries[0])).fields(address(entries[0], "/block"))

        for entry in entries:
            client.post(address(entry, "/block"), {**form, "reason": "Sells insurance"}, status=303)

        assert len(client.get("/missed-calls/blocked").all(".//main//form")) == 2

    def test_a_csr_blocks_nothing(self, client: Client, csr: User, waiting: Waiting, now: Now) -> None:
        entry = waiting()
        client.sign_in(csr).post(
            address(entry, "/block"), {"row_id": str(uuid7()), "reason": "Sells insurance"}, status=403
        )

        assert now(entry).status == "open"

    def test_a_wrong_credit_is_corrected_with_a_reason(
        self, client: Client, make: Factories, manager: User, csr: User, waiting: Waiting, now: Now, trail: Any
    ) -> None:
        entry = waiting(status="rescued", rescued_by="auto", resolved_at=datetime.now(UTC))
        form = client.sign_in(manager).get(address(entry)).fields(address(entry, "/credit"))

        wrong = {**form, "rescued_by": "human", "user_id": str(csr.id)}
        client.post(address(entry, "/credit"), {**wrong, "reason": ""}, status=400)
        client.post(address(entry, "/credit"), {**wrong, "reason": "Maya talked them round"}, status=303)

        assert (now(entry).rescued_by, now(entry).rescued_by_user_id) == ("human", csr.id)
        (told,) = trail("missed_call.credited")
        assert told.details["reason"] == "Maya talked them round"


@pytest.mark.parametrize("action", ["/claim", "/release", "/call", "/text", "/dismiss", "/reopen", "/block", "/credit"])
class TestWhoMay:
    def test_support_reads_only(
        self, client: Client, make: Factories, organization: Organization, waiting: Waiting, action: str
    ) -> None:
        entry = waiting()
        client.sign_in(make.user(organization, Role.SUPPORT)).post(address(entry, action), status=403)

    def test_another_organization_finds_nothing(
        self, client: Client, make: Factories, waiting: Waiting, now: Now, action: str
    ) -> None:
        entry = waiting()
        values = {"row_id": str(uuid7()), "body": "Hi", "reason": "Because", "version": "1", "rescued_by": "auto"}
        client.sign_in(make.user(make.organization(), Role.MANAGER))

        client.post(address(entry, action), values, status=404)

        assert now(entry).version == 1
