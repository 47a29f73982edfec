"""Baseline of the JSON API: a WSGI program that returns the same rows as JSON, and inserts tasks.

The conditions are those of `bench.bare`: one unprepared statement per request as the app's role, with the organization
set in each transaction. It has no authentication, permissions, checks of input, links or entity tags. The encoder is
that of the product. Inserts write the same audit entries, because a trigger does.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from app.db.context_signature import SET_CONTEXT, signed
from app.db.ids import uuid7
from bench.bare import BareSite, Statements

#: Path at which a POST inserts a task.
TASKS = "/tasks"

_CALL = {
    "id": "c.id",
    "direction": "c.direction",
    "call_type": "c.call_type",
    "status": "c.status",
    "started_at": "c.started_at",
    "answered_at": "c.answered_at",
    "ended_at": "c.ended_at",
    "duration_seconds": "c.duration_seconds",
    "wait_seconds": "round(extract(epoch FROM c.answered_at - c.started_at))::int",
    "number": "CASE c.direction WHEN 'outbound' THEN c.called_number ELSE c.caller_number END",
    "caller_number": "c.caller_number",
    "called_number": "c.called_number",
    "phone_number_id": "c.phone_number_id",
    "contact_id": "c.contact_card_id",
    "contact_name": "coalesce(k.full_name, nullif(k.company_name, ''), k.primary_phone)",
    "company_name": "k.company_name",
    "lead_id": "c.lead_id",
    "missed_call_id": "c.missed_entry_id",
    "topic": "c.topic",
    "csr_id": "c.csr_id",
    "csr_name": "u.name",
    "handled_by": "c.handled_by",
    "handled_by_user_id": "c.handled_by_user_id",
    "handled_by_user_name": "h.name",
    "assigned_rep_id": "c.assigned_rep_id",
    "assigned_rep_name": "r.name",
    "outcome": "c.outcome",
    "booking_status": "c.booking_status",
    "booking_status_reason": "c.booking_status_reason",
    "booking_status_source": "c.booking_status_source",
    "sentiment": "c.sentiment",
    "ai_confidence": "c.ai_confidence",
    "call_quality": "c.call_quality",
    "audio_url": "'http://127.0.0.1/api/v1/calls/' || c.id || '/audio'",
    "source": "c.source",
    "external_source": "c.external_source",
    "external_id": "c.external_id",
    "created_at": "c.created_at",
    "updated_at": "c.updated_at",
    "version": "c.version",
}
_CALLS = f"""
SELECT {", ".join(f'{column} AS "{to_camel(name)}"' for name, column in _CALL.items())}
FROM calls c
LEFT JOIN contact_cards k ON k.organization_id = c.organization_id AND k.id = c.contact_card_id
LEFT JOIN users u ON u.organization_id = c.organization_id AND u.id = c.csr_id
LEFT JOIN users h ON h.organization_id = c.organization_id AND h.id = c.handled_by_user_id
LEFT JOIN users r ON r.organization_id = c.organization_id AND r.id = c.assigned_rep_id
WHERE c.organization_id = %(organization)s"""
_TASK = ("title", "assigned_to_type", "due_at")
_SHOWN = (
    *("id", "title", "description", "status", "priority", "assigned_to_user_id", "assigned_to_type", "created_by"),
    *("created_by_label", "due_at", "snoozed_until", "completed_at", "category", "contact_card_id", "call_id"),
    *("appointment_id", "created_at", "updated_at", "version"),
)
_INSERT = f"""
INSERT INTO tasks (organization_id, id, created_by, created_by_label, {", ".join(_TASK)})
VALUES (%(organization)s, %(id)s, %(person)s, 'Manager', {", ".join(f"%({name})s" for name in _TASK)})
RETURNING {", ".join(f'{name} AS "{to_camel(name)}"' for name in _SHOWN)}
"""


def calls(organization: str, cursor: tuple[str, str] | None) -> Statements:
    """Return the statement for 50 calls after the position of a cursor, newest first."""
    beyond = "" if cursor is None else f" AND (c.started_at, c.id) < ('{cursor[0]}', '{cursor[1]}')"
    statement = f"{_CALLS}{beyond} ORDER BY c.started_at DESC, c.id DESC LIMIT 50"
    return [(statement, {"organization": organization})]


def call(organization: str, call_id: str) -> Statements:
    """Return the statement for one call."""
    return [(f"{_CALLS} AND c.id = %(id)s", {"organization": organization, "id": call_id})]


class BareApi(BareSite):
    """WSGI application that returns the rows of predefined paths as JSON, and inserts what is posted to TASKS."""

    def __init__(self, url: str, secret_key: str, organization: str, person: str) -> None:
        super().__init__(url, secret_key, organization)
        self._person = person
        self._writing = replace(
            self._context, actor_id=UUID(person), actor_label="Manager", actor_role="manager", read_only=False
        )

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        """Respond with the rows as JSON, or with the inserted task."""
        if environ["REQUEST_METHOD"] == "POST":
            sent = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            status, body = "201 Created", to_json({"success": True, "data": self._insert(sent)})
        else:
            rows = self._rows(self._pages.get(environ["PATH_INFO"], ()))
            status, body = "200 OK", to_json({"success": True, "data": rows})
        start(status, [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    def _rows(self, statements: Statements) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        if statements:
            connection = self._connection()
            with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
                connection.execute(SET_CONTEXT, signed(self._context, self._secret_key))
                for statement, given in statements:
                    rows += cursor.execute(statement, given).fetchall()
        return rows

    def _insert(self, sent: dict[str, Any]) -> dict[str, Any] | None:
        given = {
            "organization": self._writing.organization_id,
            "id": uuid7(),
            "person": self._person,
            "title": sent["title"],
            "assigned_to_type": sent["assignedToType"],
            "due_at": datetime.fromisoformat(sent["dueDate"]),
        }
        connection = self._connection()
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            connection.execute(SET_CONTEXT, signed(replace(self._writing, operation_id=uuid7()), self._secret_key))
            return cursor.execute(_INSERT, given).fetchone()
