"""Baseline of the pages: a WSGI page of the same rows, with one statement and a Jinja table.

It queries as the app's role, with the organization set in each transaction, under row-level security, and without
prepared statements. It has no authentication, permissions, counts, filters, layout or translations.
"""

import csv
import io
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from jinja2 import Environment

from app.db.context import Context
from app.db.context_signature import SET_CONTEXT, signed

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
_CALL = f"""
SELECT found.*, a.objections, a.sop_compliance_score, a.summary, a.evidence, a.missed_opportunities,
       t.transcript_text, t.speaker_labels
FROM ({_ROWS} c.id = %(id)s) found
LEFT JOIN call_analyses a ON a.organization_id = %(organization)s AND a.call_id = found.id
LEFT JOIN call_transcripts t ON t.organization_id = %(organization)s AND t.call_id = found.id
"""

_DAYS = "BETWEEN now() - make_interval(days => %(from)s) AND now() - make_interval(days => %(to)s)"
_SPAN = f" FROM calls c WHERE c.organization_id = %(organization)s AND c.started_at {_DAYS}"
_MISSED = "count(*) FILTER (WHERE direction = 'inbound' AND status IN ('missed', 'voicemail'))"
_NUMBERS = (
    "count(*)",
    "count(answered_at)",
    _MISSED,
    "count(*) FILTER (WHERE call_type = 'csr_call' AND status = 'completed')",
    "count(*) FILTER (WHERE call_type = 'csr_call' AND status = 'completed' AND booking_status = 'not_booked')",
    "count(*) FILTER (WHERE call_type = 'csr_call' AND booking_status = 'service_not_offered')",
    "count(*) FILTER (WHERE direction = 'inbound' AND outcome = 'resolved')",
    "avg((status IN ('missed', 'voicemail'))::int) FILTER (WHERE call_type = 'csr_call' AND direction = 'inbound')",
    "avg((answered_at IS NOT NULL)::int) FILTER (WHERE direction = 'inbound' AND status <> 'active')",
    "avg((outcome = 'resolved')::int) FILTER (WHERE direction = 'inbound')",
    "avg(extract(epoch FROM answered_at - started_at)) FILTER (WHERE direction = 'inbound')",
    "avg(duration_seconds) FILTER (WHERE status = 'completed')",
    "avg(call_quality)",
)
#: Numbers that are not from calls alone; the alias `c` has the CSR.
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
_SHARES = f", count(*), count(answered_at), {_MISSED}"

_PERSON = "u.id, u.name, u.email, u.role, u.status, u.last_seen_at, u.mfa_secret IS NOT NULL, m.name"
_DELETION = (
    "id, root_type, root_label, deleted_by_label, reason, counts, created_at, purge_after, restored_at, purged_at"
)


#: Statements with their parameters.
Statements = Sequence[tuple[str, Mapping[str, Any]]]


class BareSite:
    """WSGI application that serves predefined pages by path, with one connection per thread."""

    def __init__(self, url: str, secret_key: str, organization: str) -> None:
        self._url, self._secret_key = url, secret_key
        self._context = Context(organization_id=UUID(organization), source="user", read_only=True)
        self._pages: dict[str, Statements] = {}
        self._own = threading.local()

    def add(self, statements: Statements) -> str:
        """Add a page that shows the rows of `statements`, and return its path."""
        path = f"/{len(self._pages)}"
        self._pages[path] = statements
        return path

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        """Respond with the page at the requested path."""
        page = self.page(self._pages.get(environ["PATH_INFO"], ())).encode()
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))])
        return [page]

    def page(self, statements: Statements) -> str:
        """Render the rows of all statements in one table."""
        rows: list[Any] = []
        if statements:
            with self._connection().transaction():
                self._connection().execute(SET_CONTEXT, signed(self._context, self._secret_key))
                for statement, given in statements:
                    rows += self._connection().execute(statement, given).fetchall()
        return _TABLE.render(rows=rows)

    def csv(self, statement: str, given: Mapping[str, Any]) -> int:
        """Write rows as CSV, a thousand at a time from a server-side cursor; return the number of characters."""
        size = 0
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        with self._connection().transaction(), self._connection().cursor(name="bare") as cursor:
            self._connection().execute(SET_CONTEXT, signed(self._context, self._secret_key))
            cursor.itersize = 1_000
            for row in cursor.execute(statement, given):
                writer.writerow(row)
                if buffer.tell() > 65_536:
                    size += buffer.tell()
                    buffer.seek(0)
                    buffer.truncate()
        return size + buffer.tell()

    def _connection(self) -> psycopg.Connection[Any]:
        known: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if known is None:
            known = self._own.connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=None)
        return known


def calls(organization: str, where: str, limit: int = 50) -> Statements:
    """Return the statement for a page of calls, newest first."""
    return [(f"{_ROWS}{where}{_NEWEST_FIRST}{limit}", {"organization": organization})]


def call(organization: str, call_id: str) -> Statements:
    """Return the statement for one call with its analysis and its transcript."""
    return [(_CALL, {"organization": organization, "id": call_id})]


def deletions(organization: str, where: str, order: str) -> Statements:
    """Return the statement for a page of deletions."""
    of_them = "FROM deletion_batches WHERE organization_id = %(organization)s AND " + where
    return [(f"SELECT {_DELETION} {of_them} ORDER BY {order} LIMIT 50", {"organization": organization})]


def people(organization: str, where: str, order: str) -> Statements:
    """Return the statement for a page of people with their managers."""
    of_them = "WHERE u.organization_id = %(organization)s AND u.deleted_at IS NULL AND " + where
    managers = "LEFT JOIN users m ON m.organization_id = u.organization_id AND m.id = u.manager_id"
    statement = f"SELECT {_PERSON} FROM users u {managers} {of_them} ORDER BY {order} LIMIT 50"
    return [(statement, {"organization": organization})]


def numbers(organization: str, days: int, where: str = "true") -> Statements:
    """Return naive statements for the dashboard's numbers: one for each number in each of two periods.

    The periods are the last `days` days and as many days before them. Breakdowns and objections are only for the last
    `days` days.
    """
    found: list[tuple[str, Mapping[str, Any]]] = []
    for back in (0, days):
        given = {"organization": organization, "from": back + days, "to": back}
        found += [(f"SELECT {number}{_SPAN} AND {where}", given) for number in _NUMBERS]
        found += [(statement + where, given) for statement in _NUMBERS_ELSEWHERE]
    given = {"organization": organization, "from": days, "to": 0}
    found += [(f"SELECT {part}{_SHARES}{_SPAN} AND {where} GROUP BY 1", given) for part in _PARTS]
    return [*found, (f"{_OBJECTIONS}{where} GROUP BY 1 ORDER BY 2 DESC LIMIT 5", given)]
