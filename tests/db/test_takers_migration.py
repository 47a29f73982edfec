"""Suggested tasks of sales and visit calls from before those tasks were assigned to reps."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0098_index_names", "0099_takers_of_suggested_tasks"
REP, GONE, CSR, MANAGER = (uuid4() for _ in range(4))
PEOPLE = {REP: ("sales_rep", "active"), GONE: ("sales_rep", "inactive"), CSR: ("csr", "active"),
          MANAGER: ("manager", "active")}  # fmt: skip
#: Type of the call, its people, and the expected kind of assignee and assignee of the tasks that it left.
MOVED: dict[str, tuple[str, dict[str, UUID], tuple[str, UUID | None]]] = {
    "assigned": ("visit_call", {"assigned_rep_id": REP, "handled_by_user_id": CSR}, ("sales_rep", REP)),
    "spoke": ("sales_call", {"assigned_rep_id": GONE, "handled_by_user_id": REP}, ("sales_rep", REP)),
    "recorded": ("visit_call", {"handled_by_user_id": CSR, "recorded": REP}, ("sales_rep", REP)),
    "booked": ("sales_call", {"booked": REP}, ("sales_rep", REP)),
    "nobody's": ("visit_call", {"handled_by_user_id": MANAGER}, ("sales_rep", None)),
    "of a CSR": ("csr_call", {"assigned_rep_id": REP}, ("csr", None)),
}
#: Changes to the action and to the task after which the migration leaves both alone, though a rep has the call.
STAY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "somebody's": ({"assigned_to_user_id": CSR}, {"assigned_to_user_id": CSR}),
    "given": ({}, {"assigned_to_user_id": CSR, "version": 2}),
    "changed": ({}, {"priority": "high", "version": 2}),
    "begun": ({"status": "in_progress", "version": 2}, {"status": "in_progress", "version": 2}),
    "done": ({"status": "cancelled", "version": 2}, {"status": "cancelled", "version": 2}),
    "a manager's": ({"assigned_to_type": "exec"}, {"assigned_to_type": "exec"}),
    "restored": ({"version": 3}, {}),
    "deleted": ({}, {"deleted_at": "2026-03-02 12:00Z"}),
}


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before suggested tasks of sales and visit calls were assigned to reps."""
    with scratch_database(database, "takers", BEFORE) as scratch:
        yield scratch


class Old:
    """Rows of an organization from before the migration, written without triggers and foreign keys."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._organization = organization_of_old(connection)
        for person, (role, status) in PEOPLE.items():
            self.add("users", id=person, email=f"{person}@x.example", name="Somebody", role=role, status=status)

    def add(self, table: str, **values: Any) -> UUID:
        row = {"organization_id": self._organization, "id": uuid4(), **values}
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        marks = sql.SQL(", ").join(map(sql.Placeholder, row))
        insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks)
        self._connection.execute(insert, row)
        return UUID(str(row["id"]))

    def call(self, call_type: str, people: dict[str, UUID]) -> UUID:
        """Add a completed call, with the appointments recorded or booked on it, and return its ID."""
        columns = {name: who for name, who in people.items() if name.endswith("_id")}
        began, ended = "2026-03-02 12:00Z", "2026-03-02 13:00Z"
        kind = {"direction": "outbound", "call_type": call_type, "status": "completed", "handled_by": "human"}
        call = self.add("calls", duration_seconds=3600, started_at=began, answered_at=began,
                        ended_at=ended, **kind, **columns)  # fmt: skip
        for relation in people.keys() & {"recorded", "booked"}:
            source = {"source_call_id": call} if relation == "booked" else {}
            visit = self.add(
                "appointments", contact_card_id=uuid4(), service_type="Repair", timezone="UTC",
                booked_at="2026-03-01 12:00Z", scheduled_start_at="2026-03-02 12:00Z",
                scheduled_end_at="2026-03-02 14:00Z", sales_rep_id=people[relation], **source,
            )  # fmt: skip
            if relation == "recorded":
                self.add(
                    "recording_sessions", appointment_id=visit, sales_rep_id=people[relation], call_id=call,
                    status="ready", consent="given", started_at=began, ended_at=ended,
                )  # fmt: skip
        return call

    def left(self, name: str, call: UUID, of_action: dict[str, Any], of_task: dict[str, Any]) -> None:
        """Add a suggested task found by an analysis, and the task created from it."""
        action = self.add("pending_actions", contact_card_id=uuid4(), call_id=call, category="other", raw_text=name,
                          **of_action)  # fmt: skip
        self.add("tasks", title=name, call_id=call, pending_action_id=action, source="system", **of_task)


def test_what_nobody_has_touched_goes_to_the_rep_and_the_rest_stays(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        old = Old(connection)
        for name, (call_type, people, _taker) in MOVED.items():
            old.left(name, old.call(call_type, people), {}, {})
        of_rep = old.call("visit_call", {"assigned_rep_id": REP})
        for name, (of_action, of_task) in STAY.items():
            old.left(name, of_rep, of_action, of_task)
        old.add("tasks", title="by hand", call_id=of_rep)
        stored = _stored(connection)

    migrate.upgrade(before.url("app_owner"), AFTER)

    expected = dict(stored)
    for name, (_call_type, _people, (kind, who)) in MOVED.items():
        if kind == "sales_rep":
            for table in ("pending_actions", "tasks"):
                expected[table, name] = (kind, who, stored[table, name][2] + 1)
    with psycopg.connect(before.url("app_owner")) as connection:
        assert _stored(connection) == expected
        told = connection.execute(
            "SELECT action, before ->> 'assigned_to_type', after ->> 'assigned_to_type', count(*)::int FROM audit_logs"
            " GROUP BY 1, 2, 3 ORDER BY 1"
        ).fetchall()
    moved = sum(kind == "sales_rep" for _type, _people, (kind, _who) in MOVED.values())
    assert told == [(f"{resource}.updated", "csr", "sales_rep", moved) for resource in ("pending_action", "task")]

    migrate.downgrade(before.url("app_owner"), BEFORE)
    with psycopg.connect(before.url("app_owner")) as connection:
        assert _stored(connection) == expected


def _stored(connection: psycopg.Connection) -> dict[tuple[str, str], tuple[str, UUID | None, int]]:
    """Return the kind of assignee, the assignee's ID and the version of each suggested task and task."""
    rows = connection.execute(
        "SELECT 'pending_actions', raw_text, assigned_to_type, assigned_to_user_id, version FROM pending_actions"
        " UNION ALL SELECT 'tasks', title, assigned_to_type, assigned_to_user_id, version FROM tasks"
    )
    return {(table, name): (kind, who, version) for table, name, kind, who, version in rows}
