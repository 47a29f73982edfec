"""Snapshots of an organization's rows, and the differences between two of them."""

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Engine, text

from app.models import Base, Organization

Whole: TypeAlias = Mapping[tuple[str, str], Mapping[str, Any]]

#: Tables that record changes, and so always differ.
_TELLS = {
    "audit_logs",
    "audit_seals",
    "deletion_batches",
    "jobs",
    "list_visits",
    "notifications",
    "revisions",
    "rollup_marks",
}
#: Tables whose rows triggers delete and insert again: rows are equal if these columns are.
_MADE_ANEW = {
    "busy_times": ("user_id", "appointment_id", "event_id"),
    "offered_values": ("kind", "value"),
}
#: Columns that change with every write of a row, or when a user opens a page.
MOVES = frozenset({"version", "updated_at", "last_seen_at"})


def everything(engine: Engine, organization: Organization) -> Whole:
    """Return the organization's rows by table and key, except those of tables that record changes."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            tenant = "organization_id" if "organization_id" in table.c else "id"
            if table.name in _TELLS or (tenant == "id" and table.name != "organizations"):
                continue
            rows = connection.execute(
                text(f"SELECT to_jsonb(t) FROM {table.name} t WHERE {tenant} = :id"), {"id": organization.id}
            )
            keys = _MADE_ANEW.get(table.name) or [column.name for column in table.primary_key]
            made_anew = {"id", "created_at"} if table.name in _MADE_ANEW else set()
            for (stored,) in rows:
                row = {name: value for name, value in stored.items() if name not in made_anew}
                found[table.name, "/".join(str(row[key]) for key in keys)] = row
    return found


def differences(before: Whole, after: Whole, ignored: Collection[str] = MOVES) -> list[tuple[str, str, Any, Any]]:
    """Return the table, column, old value and new value of each difference.

    Columns in `ignored` are not compared. For an added or deleted row, the column is `*`, and the value is the row, or
    None on the side without it.
    """
    found: list[tuple[str, str, Any, Any]] = [
        (key[0], "*", before.get(key), after.get(key)) for key in sorted(before.keys() ^ after.keys())
    ]
    for key in sorted(before.keys() & after.keys()):
        one, other = before[key], after[key]
        names = sorted(one.keys() - set(ignored))
        found += [(key[0], name, one[name], other[name]) for name in names if one[name] != other[name]]
    return found
