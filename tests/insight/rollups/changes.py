"""Random changes of the rows that ledgers count, each in a transaction, some of which are rolled back."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from app.db.ids import uuid7
from tests.insight.metrics.company import RandomCompany
from tests.insight.rollups.follow_up_changes import FOLLOW_UP_CHANGES

_EARLIEST, _LATEST = datetime(2025, 12, 20, tzinfo=UTC), datetime(2026, 4, 25, tzinfo=UTC)
_LEAD = "(SELECT id FROM leads WHERE organization_id = :organization ORDER BY md5(id::text || :salt) LIMIT 1)"
#: One of this many transactions is rolled back.
_ROLLED_BACK = 5


class Changes:
    """Random transactions on the rows of a company."""

    def __init__(self, company: RandomCompany, seed: int) -> None:
        self._company = company
        self._random = Random(seed)  # noqa: S311 - reproducible, not secret
        self._kinds: tuple[Callable[[Connection], None], ...] = (
            self._new_call,
            self._many_calls,
            self._move_call,
            self._change_call,
            self._change_many_calls,
            self._delete_call,
            self._new_analysis,
            self._change_analysis,
            self._delete_analysis,
            self._change_appointment,
            self._new_appointment,
            self._delete_appointment,
            self._change_recording,
            self._change_entry,
            self._change_attempt,
            self._new_attempt,
            self._delete_attempt,
            self._change_lead,
            self._change_follow_ups,
            self._change_follow_ups,
            self._change_follow_ups,
            self._nothing,
        )

    def make(self, engine: Engine, number: int, most: int = 3) -> None:
        """Run this many transactions, with up to `most` changes each."""
        for _ in range(number):
            with engine.connect() as connection:
                for _change in range(self._random.randrange(most) + 1):
                    self.one(connection)
                if self._random.randrange(_ROLLED_BACK):
                    connection.commit()

    def one(self, connection: Connection) -> None:
        """Make one change, unless the rules of the database refuse it."""
        with suppress(IntegrityError), connection.begin_nested():
            self._random.choice(self._kinds)(connection)

    def _new_call(self, connection: Connection) -> None:
        self._insert_calls(connection, 1)

    def _many_calls(self, connection: Connection) -> None:
        self._insert_calls(connection, self._random.choice([3, 130]))

    def _insert_calls(self, connection: Connection, number: int) -> None:
        connection.execute(
            text("""
                INSERT INTO calls (organization_id, id, contact_card_id, lead_id, direction, call_type, status, csr_id,
                                   assigned_rep_id, started_at, answered_at, duration_seconds, outcome,
                                   booking_status, call_quality, topic)
                SELECT organization_id, gen_random_uuid(), contact_card_id, lead_id, direction, call_type, status,
                       csr_id, assigned_rep_id, :earliest + random() * (:latest - :earliest), NULL, duration_seconds,
                       outcome, booking_status, call_quality, topic
                FROM calls WHERE organization_id = :organization ORDER BY id LIMIT :number OFFSET :offset
            """),
            {
                **self._of(),
                "earliest": _EARLIEST,
                "latest": _LATEST,
                "number": number,
                "offset": self._random.randrange(200),
            },
        )

    def _move_call(self, connection: Connection) -> None:
        self._update(connection, "calls", "started_at = :moment", moment=self._moment())

    def _change_call(self, connection: Connection) -> None:
        change = self._random.choice(
            [
                "csr_id = :csr",
                "status = 'completed'",
                "status = 'missed', answered_at = NULL",
                "answered_at = started_at + interval '7.25 seconds'",
                "call_quality = 2",
                "duration_seconds = 77",
                "outcome = 'resolved'",
                "booking_status = 'not_booked'",
                "direction = 'inbound'",
                "call_type = 'csr_call'",
                "is_wait_unknown = NOT is_wait_unknown",
                "status = 'missed', waited_seconds = 12, answered_at = NULL",
                "lead_id = NULL",
                f"lead_id = {_LEAD}, status = 'completed', call_type = 'csr_call'",
                f"lead_id = {_LEAD}",
            ]
        )
        self._update(connection, "calls", change, csr=self._person(), salt=str(self._random.random()))

    def _change_many_calls(self, connection: Connection) -> None:
        connection.execute(
            text("""
                UPDATE calls SET csr_id = :csr WHERE id IN (
                  SELECT id FROM calls WHERE organization_id = :organization AND call_quality = 3
                  ORDER BY id FOR UPDATE)
            """),
            {**self._of(), "csr": self._person()},
        )

    def _delete_call(self, connection: Connection) -> None:
        connection.execute(
            text("""
                DELETE FROM calls WHERE organization_id = :organization AND id = (
                  SELECT c.id FROM calls c WHERE c.organization_id = :organization
                    AND NOT EXISTS (SELECT FROM missed_call_entries e WHERE e.call_id = c.id)
                    AND NOT EXISTS (SELECT FROM recording_sessions r WHERE r.call_id = c.id)
                  ORDER BY md5(c.id::text || :salt) LIMIT 1)
            """),
            {**self._of(), "salt": str(self._random.random())},
        )

    def _new_analysis(self, connection: Connection) -> None:
        connection.execute(
            text("""
                INSERT INTO call_analyses (organization_id, id, call_id, sop_compliance_score, objections)
                SELECT organization_id, :id, id, :score, :objections
                FROM calls c WHERE organization_id = :organization
                  AND NOT EXISTS (SELECT FROM call_analyses a WHERE a.call_id = c.id)
                ORDER BY md5(id::text || :salt) LIMIT 1
            """),
            {
                **self._of(),
                "id": uuid7(),
                "score": self._score(),
                "objections": '[{"category": "price", "severity": "high"}]',
                "salt": str(self._random.random()),
            },
        )

    def _change_analysis(self, connection: Connection) -> None:
        self._update(connection, "call_analyses", "sop_compliance_score = :score", score=self._score())

    def _delete_analysis(self, connection: Connection) -> None:
        connection.execute(
            text("DELETE FROM call_analyses WHERE organization_id = :organization AND id = :id"),
            {**self._of(), "id": self._id(connection, "call_analyses")},
        )

    def _change_appointment(self, connection: Connection) -> None:
        change = self._random.choice(
            [
                "booked_at = :moment",
                "scheduled_start_at = :moment, scheduled_end_at = CAST(:moment AS timestamptz) + interval '90 minutes'",
                "completed_at = :moment, status = 'completed'",
                "outcome = 'closed_won', outcome_at = :moment, status = 'completed', completed_at = :moment",
                "outcome = 'closed_lost', outcome_at = :moment, status = 'completed', completed_at = :moment",
                "status = 'cancelled', completed_at = NULL, outcome = 'open', outcome_at = NULL",
                "deal_value = 1234.56",
                "deal_value = NULL",
                "csr_id = :csr",
                f"lead_id = {_LEAD}",
                "sales_rep_id = :rep",
                "deleted_at = :moment",
                "deleted_at = NULL",
            ]
        )
        people = {"csr": self._person(), "rep": self._random.choice([*(rep.id for rep in self._company.reps), None])}
        salt = str(self._random.random())
        self._update(connection, "appointments", change, moment=self._moment(), salt=salt, **people)

    def _new_appointment(self, connection: Connection) -> None:
        connection.execute(
            text("""
                INSERT INTO appointments (organization_id, id, contact_card_id, csr_id, sales_rep_id, service_type,
                                          scheduled_start_at, scheduled_end_at, timezone, booked_at, status, outcome)
                SELECT organization_id, :id, contact_card_id, csr_id, sales_rep_id, service_type, scheduled_start_at,
                       scheduled_end_at, timezone, :moment, 'scheduled', 'open'
                FROM appointments WHERE organization_id = :organization ORDER BY md5(id::text || :salt) LIMIT 1
            """),
            {**self._of(), "id": uuid7(), "moment": self._moment(), "salt": str(self._random.random())},
        )

    def _delete_appointment(self, connection: Connection) -> None:
        connection.execute(
            text("DELETE FROM appointments WHERE organization_id = :organization AND id = :id"),
            {**self._of(), "id": self._id(connection, "appointments")},
        )

    def _change_recording(self, connection: Connection) -> None:
        change = self._random.choice(
            [
                "deleted_at = :moment",
                "deleted_at = NULL",
                "duration_seconds = 1234",
                "started_at = :moment",
                "call_id = NULL",
            ]
        )
        self._update(connection, "recording_sessions", change, moment=self._moment())

    def _change_entry(self, connection: Connection) -> None:
        change = self._random.choice(
            [
                "status = 'rescued', rescued_by = 'auto', rescued_by_user_id = NULL, resolved_at = :moment",
                "status = 'rescued', rescued_by = 'human', resolved_at = :moment",
                "status = 'lost', rescued_by = NULL, rescued_by_user_id = NULL, resolved_at = :moment",
                "lead_id = NULL",
                "csr_id = :csr",
                "resolved_csr_id = :csr",
                "resolved_at = :moment",
                "first_missed_at = :moment",
                "sla_due_at = :moment",
                "attempts = 0, first_attempt_seconds = NULL",
                "attempts = 1, first_attempt_seconds = 60",
            ]
        )
        self._update(connection, "missed_call_entries", change, moment=self._moment(), csr=self._person())

    def _change_attempt(self, connection: Connection) -> None:
        change = self._random.choice(["result = 'reached'", "result = 'no_answer'", "at = :moment"])
        self._update(connection, "missed_call_attempts", change, moment=self._moment())

    def _new_attempt(self, connection: Connection) -> None:
        connection.execute(
            text("""
                INSERT INTO missed_call_attempts (organization_id, id, entry_id, kind, by, at, result)
                SELECT organization_id, :id, id, 'call', 'human', first_missed_at, 'reached'
                FROM missed_call_entries WHERE organization_id = :organization
                ORDER BY md5(id::text || :salt) LIMIT 1
            """),
            {**self._of(), "id": uuid7(), "salt": str(self._random.random())},
        )

    def _delete_attempt(self, connection: Connection) -> None:
        connection.execute(
            text("DELETE FROM missed_call_attempts WHERE organization_id = :organization AND id = :id"),
            {**self._of(), "id": self._id(connection, "missed_call_attempts")},
        )

    def _change_lead(self, connection: Connection) -> None:
        change = self._random.choice(
            [
                "csr_id = :csr",
                "deleted_at = :moment",
                "deleted_at = NULL",
                "qualification_status = 'hot'",
                "qualification_status = 'cold'",
                "assigned_rep_id = :rep",
            ]
        )
        people = {"csr": self._person(), "rep": self._random.choice([*(rep.id for rep in self._company.reps), None])}
        self._update(connection, "leads", change, moment=self._moment(), **people)

    def _change_follow_ups(self, connection: Connection) -> None:
        values = {**self._of(), "salt": str(self._random.random()), "moment": self._moment()}
        connection.execute(text(self._random.choice(FOLLOW_UP_CHANGES)), values)

    def _nothing(self, connection: Connection) -> None:
        self._update(connection, "calls", "topic = topic, cost = 1")

    def _update(self, connection: Connection, table: str, change: str, **values: Any) -> None:
        connection.execute(
            text(f"UPDATE {table} SET {change} WHERE organization_id = :organization AND id = :id"),
            {**self._of(), "id": self._id(connection, table), **values},
        )

    def _id(self, connection: Connection, table: str) -> Any:
        ids = f"SELECT id FROM {table} WHERE organization_id = :organization ORDER BY md5(id::text || :salt) LIMIT 1"
        return connection.scalar(text(ids), {**self._of(), "salt": str(self._random.random())})

    def _of(self) -> dict[str, Any]:
        return {"organization": self._company.organization.id}

    def _person(self) -> Any:
        return self._random.choice([*(csr.id for csr in self._company.csrs), None])

    def _score(self) -> float | None:
        return self._random.choice([None, round(self._random.uniform(0, 100), 2)])

    def _moment(self) -> datetime:
        return (
            _EARLIEST
            + self._random.random() * (_LATEST - _EARLIEST)
            + timedelta(microseconds=self._random.randrange(9))
        )
