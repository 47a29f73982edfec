"""The audit trail as a file: CSV for spreadsheets, JSON Lines for programs.

Both contain exactly the entries that the list shows for the same filters; values withheld from the reader are empty.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from app.db.lists import ListQuery
from app.db.moments import in_utc
from app.db.paging import statement_of
from app.lists.file import file_fields, header_of
from app.security.actor import Actor
from app.security.scope import unscoped
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.people_queries import refuse_unknown_actor
from app.trust.audit_log.queries import audit_list
from app.trust.audit_log.resource import AUDIT_ENTRY
from app.trust.audit_log.revert_rules import changed_fields
from app.trust.audit_log.withheld_queries import visible_columns
from app.trust.audit_log.words import entry_sentence, field_label, resource_label

#: Kinds of the two exports, as they are stored with each export.
CSV_FILE, LINES_OF_JSON = "audit", "audit_json"


def file_of_entries(actor: Actor, filters: AuditFilters) -> ListQuery:
    """Return the list of entries with the columns of the file; values withheld from `actor` are NULL.

    Raises NotFound if the filters name an unknown user.
    """
    refuse_unknown_actor(actor, filters)
    query = audit_list(actor, filters)
    told_rows = statement_of(query.rows).with_only_columns(*visible_columns(actor), maintain_column_froms=True)
    return replace(
        query, rows=unscoped(told_rows, why="withheld values are NULL; readers of the trail can see everything else")
    )


def header(timezone: str) -> list[str]:
    return header_of(AUDIT_ENTRY, timezone)


def lines(timezone: str, rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield a row for each entry, in the reader's language and the organization's time zone.

    Values before and after, and details, are JSON.
    """
    values = _values(ZoneInfo(timezone))
    columns = [values[field.name] for field in file_fields(AUDIT_ENTRY)]
    for row in rows:
        yield [value(row) for value in columns]


def _values(zone: ZoneInfo) -> Mapping[str, Callable[[Any], Any]]:
    """Return a function for each field of the file that extracts its value from an entry."""
    # Looked up once per file: a translation costs more than the rest of a row.
    resource, field = cache(resource_label), cache(field_label)
    return {
        "created_at": lambda row: row.created_at.astimezone(zone).isoformat(timespec="seconds"),
        "actor": attrgetter("actor_label"),
        "actor_role": attrgetter("actor_role"),
        "action": lambda row: entry_sentence(row.action, row.details),
        "resource_type": lambda row: resource(row.resource_type),
        "resource_id": attrgetter("resource_id"),
        "resource_label": attrgetter("resource_label"),
        "fields": lambda row: ", ".join(field(name) for name in changed_fields(row.before, row.after)),
        "before": lambda row: _as_json(row.before),
        "after": lambda row: _as_json(row.after),
        "details": lambda row: _as_json(row.details or None),
        "address": attrgetter("ip_address"),
        "device": attrgetter("user_agent"),
        "source": attrgetter("source"),
        "action_name": attrgetter("action"),
        "request_id": attrgetter("request_id"),
        "operation_id": attrgetter("operation_id"),
        "person_id": attrgetter("user_id"),
        "id": attrgetter("id"),
    }


def lines_of_json(_timezone: str, rows: Iterable[Any]) -> Iterator[str]:
    """Yield a line of JSON for each entry; times are in UTC."""
    for row in rows:
        yield _as_json(entry_as_json(row)) + "\n"


def entry_as_json(row: Any) -> dict[str, Any]:
    """Return an entry as JSON for programs; `row` has the columns in `withheld_queries.COLUMNS`.

    The keys are public: exports and streams contain them.
    """
    return {
        "id": str(row.id),
        "createdAt": _moment(row.created_at),
        "action": row.action,
        "actor": {"id": _text(row.user_id), "name": row.actor_label, "role": row.actor_role},
        "source": row.source,
        "resource": {"type": row.resource_type, "id": _text(row.resource_id), "name": row.resource_label},
        "before": row.before,
        "after": row.after,
        "metadata": row.details,
        "erasedAt": _moment(row.redacted_at),
        "ipAddress": _text(row.ip_address),
        "userAgent": row.user_agent,
        "requestId": row.request_id,
        "correlationId": row.correlation_id,
        "operationId": str(row.operation_id),
    }


def _as_json(value: Mapping[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else in_utc(value)
