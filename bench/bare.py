"""The limit that pages are measured against: psycopg and a Jinja table of the same rows, and nothing else.

No sign-in, no permission, no row-level security, no layout, no words in three languages.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any

import psycopg
from jinja2 import Environment

_TABLE = Environment(autoescape=True).from_string(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell if cell is not none }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)

_ROWS = """
SELECT c.id, c.started_at, c.caller_number, c.direction, c.call_type, c.status, c.topic, c.outcome, c.booking_status,
       c.sentiment, c.call_quality, c.duration_seconds,
       coalesce(k.full_name, nullif(k.company_name, ''), k.primary_phone), u.name
FROM calls c
LEFT JOIN contact_cards k ON k.organization_id = c.organization_id AND k.id = c.contact_card_id
LEFT JOIN users u ON u.organization_id = c.organization_id AND u.id = c.csr_id
WHERE c.organization_id = %(organization)s AND """
_NEWEST_FIRST = " ORDER BY c.started_at DESC, c.id DESC LIMIT "
_COUNT = "SELECT count(*) FROM (SELECT FROM calls c WHERE c.organization_id = %(organization)s AND "

_DAYS = "BETWEEN now() - make_interval(days => %(from)s) AND now() - make_interval(days => %(to)s)"
_SPAN = f" FROM calls c WHERE c.organization_id = %(organization)s AND c.started_at {_DAYS}"
_NUMBERS = (
    "count(*)",
    "count(answered_at)",
    "count(*) FILTER (WHERE status IN ('missed', 'voicemail'))",
    "count(*) FILTER (WHERE call_type = 'csr_call' AND status = 'completed')",
    "count(*) FILTER (WHERE call_type = 'csr_call' AND status = 'completed' AND booking_status = 'not_booked')",
    "count(*) FILTER (WHERE call_type = 'csr_call' AND booking_status = 'service_not_offered')",
    "count(*) FILTER (WHERE direction = 'inbound' AND outcome = 'resolved')",
    "avg((status IN ('missed', 'voicemail'))::int) FILTER (WHERE call_type = 'csr_call')",
    "avg((answered_at IS NOT NULL)::int) FILTER (WHERE direction = 'inbound' AND status <> 'active')",
    "avg((outcome = 'resolved')::int) FILTER (WHERE direction = 'inbound')",
    "avg(extract(epoch FROM answered_at - started_at)) FILTER (WHERE direction = 'inbound')",
    "avg(duration_seconds) FILTER (WHERE status = 'completed')",
    "avg(call_quality)",
)
#: Those that are not of calls alone; the CSR stands at `c`.
_NUMBERS_ELSEWHERE = (
    f"SELECT count(*) FROM appointments c WHERE organization_id = %(organization)s AND booked_at {_DAYS} AND ",
    f"""
    SELECT count(*) FROM appointments c
    WHERE organization_id = %(organization)s AND status = 'cancelled' AND booked_at {_DAYS} AND """,
    f"""
    SELECT count(DISTINCT l.id) FROM leads l JOIN calls c ON c.organization_id = l.organization_id AND c.lead_id = l.id
    WHERE l.organization_id = %(organization)s AND l.qualification_status IN ('hot', 'warm')
      AND c.call_type = 'csr_call' AND c.status = 'completed' AND c.started_at {_DAYS} AND """,
    f"""
    SELECT count(*) FROM missed_call_entries m
    LEFT JOIN leads c ON c.organization_id = m.organization_id AND c.id = m.lead_id
    WHERE m.organization_id = %(organization)s AND m.status = 'rescued' AND m.rescued_by = 'auto'
      AND m.resolved_at {_DAYS} AND """,
    f"""
    SELECT avg(a.sop_compliance_score), count(*) FROM calls c
    JOIN call_analyses a ON a.organization_id = c.organization_id AND a.call_id = c.id
    WHERE c.organization_id = %(organization)s AND c.call_type = 'csr_call' AND c.started_at {_DAYS} AND """,
)
_OBJECTIONS = f"""
SELECT raised->>'category', count(DISTINCT c.id) FROM calls c
JOIN call_analyses a ON a.organization_id = c.organization_id AND a.call_id = c.id
CROSS JOIN jsonb_array_elements(a.objections) raised
WHERE c.organization_id = %(organization)s AND c.call_type = 'csr_call' AND c.started_at {_DAYS} AND """
_PARTS = ("topic", "extract(hour FROM started_at)", "extract(isodow FROM started_at)", "started_at::date")
_SHARES = ", count(*), count(answered_at), count(*) FILTER (WHERE status IN ('missed', 'voicemail'))"

_PERSON = "u.id, u.name, u.email, u.role, u.status, u.last_seen_at, u.mfa_secret IS NOT NULL, m.name"
_DELETION = (
    "id, root_type, root_label, deleted_by_label, reason, counts, created_at, purge_after, restored_at, purged_at"
)


class BareApp:
    """One connection of the superuser, whom no policy slows down."""

    def __init__(self, admin_url: str) -> None:
        self._connection = psycopg.connect(admin_url, autocommit=True)

    def calls(self, organization: str, where: str) -> str:
        """A page of calls, newest first, and how many there are, up to 10,000."""
        given = {"organization": organization}
        rows = self._fetch(_ROWS + where + _NEWEST_FIRST + "51", given)
        self._fetch(_COUNT + where + " LIMIT 10001) found", given)
        return _TABLE.render(rows=rows[:50])

    def call(self, organization: str, call_id: str) -> str:
        """One call with its analysis."""
        given = {"organization": organization, "id": call_id}
        rows = self._fetch(_ROWS + "c.id = %(id)s", given)
        rows += self._fetch(
            "SELECT * FROM call_analyses WHERE organization_id = %(organization)s AND call_id = %(id)s", given
        )
        return _TABLE.render(rows=rows)

    def deletions(self, organization: str, where: str, order: str) -> str:
        """A page of deletions, and how many there are, up to 10,000."""
        given = {"organization": organization}
        of_them = "FROM deletion_batches WHERE organization_id = %(organization)s AND " + where
        rows = self._fetch(f"SELECT {_DELETION} {of_them} ORDER BY {order} LIMIT 51", given)
        self._fetch(f"SELECT count(*) FROM (SELECT {of_them} LIMIT 10001) found", given)
        return _TABLE.render(rows=rows[:50])

    def people(self, organization: str, where: str, order: str) -> str:
        """A page of people with their managers, and how many there are, up to 10,000."""
        given = {"organization": organization}
        of_them = "WHERE u.organization_id = %(organization)s AND u.deleted_at IS NULL AND " + where
        managers = "LEFT JOIN users m ON m.organization_id = u.organization_id AND m.id = u.manager_id"
        rows = self._fetch(f"SELECT {_PERSON} FROM users u {managers} {of_them} ORDER BY {order} LIMIT 51", given)
        self._fetch(f"SELECT count(*) FROM (SELECT FROM users u {of_them} LIMIT 10001) found", given)
        return _TABLE.render(rows=rows[:50])

    def numbers(self, organization: str, days: int, where: str = "true") -> str:
        """The numbers of the dashboard as one would first write them: a statement each, this period and the last."""
        rows: list[Any] = []
        for back in (0, days):
            given = {"organization": organization, "from": back + days, "to": back}
            for number in _NUMBERS:
                rows += self._fetch(f"SELECT {number}{_SPAN} AND {where}", given)
            for statement in _NUMBERS_ELSEWHERE:
                rows += self._fetch(statement + where, given)
        given = {"organization": organization, "from": days, "to": 0}
        for part in _PARTS:
            rows += self._fetch(f"SELECT {part}{_SHARES}{_SPAN} AND {where} GROUP BY 1", given)
        rows += self._fetch(f"{_OBJECTIONS}{where} GROUP BY 1 ORDER BY 2 DESC LIMIT 5", given)
        return _TABLE.render(rows=rows)

    def csv(self, organization: str, limit: int) -> int:
        """Calls as CSV, a thousand rows at a time from a server-side cursor; the number of bytes."""
        size = 0
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        with self._connection.transaction(), self._connection.cursor(name="bare") as cursor:
            cursor.itersize = 1_000
            for row in cursor.execute(_ROWS + "true" + _NEWEST_FIRST + str(limit), {"organization": organization}):
                writer.writerow(row)
                if buffer.tell() > 65_536:
                    size += buffer.tell()
                    buffer.seek(0)
                    buffer.truncate()
        return size + buffer.tell()

    def any_call(self, organization: str) -> str:
        """Id of a call that is analysed."""
        [(call_id,)] = self._fetch(
            "SELECT call_id FROM call_analyses WHERE organization_id = %(organization)s LIMIT 1",
            {"organization": organization},
        )
        return str(call_id)

    def any_person(self, organization: str, role: str) -> str:
        """Id of somebody of this role."""
        [(user_id,)] = self._fetch(
            "SELECT id FROM users WHERE organization_id = %(organization)s AND role = %(role)s ORDER BY email LIMIT 1",
            {"organization": organization, "role": role},
        )
        return str(user_id)

    def _fetch(self, statement: str, given: dict[str, Any]) -> list[Sequence[Any]]:
        return list(self._connection.execute(statement, given).fetchall())
