"""A whole file, brought in within the current transaction: whoever calls decides whether that is kept.

    outcome = load_file(path, name, mapping, create_users=False)
    for value in rejected_values(): …
    db.session.rollback()   # a dry run; commit() to keep it

Works as the jobs' role (`app.db.session.jobs_role`), which may make temporary tables, for the current context's
organization.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.db.context import current_context
from app.errors import NotFound
from app.extensions import db
from app.imports.calls import CallReader, CallSettings
from app.imports.contacts import ContactReader, ContactSettings
from app.imports.files import open_table
from app.imports.load_calls import STAGED_CALLS, load_calls
from app.imports.load_calls import staged_columns as call_columns
from app.imports.load_contacts import STAGED_CONTACTS, load_contacts
from app.imports.load_contacts import staged_columns as contact_columns
from app.imports.mapping import Mapping
from app.imports.outcome import Outcome
from app.imports.staging import count_rejected, open_staging, stage
from app.imports.tables import Table
from app.models import ImportKind, Organization

# Imports of one organization wait for each other: two at once could both take the same row for a new one.
_WAIT_LONG = text("SET LOCAL lock_timeout = 0")
_WAIT_FOR_OTHERS = text("SELECT pg_advisory_xact_lock(hashtextextended('import:' || :organization, 0))")


class Progress(NamedTuple):
    """How far the reading is: rows so far, and the share of the file, from 0 to 1."""

    rows: int
    share: float


def load_file(
    path: Path, name: str, mapping: Mapping, *, create_users: bool, tell: Callable[[Progress], None] | None = None
) -> Outcome:
    """Read the file and bring in every good row; the others are in `rejected_values` with all their reasons.

    `name` is what its owner calls the file; `tell` hears of the progress every few thousand rows. With `create_users`
    agents that nobody knows become users. Raises ValidationFailed for a file or mapping that cannot be used at all.
    """
    organization = _current_organization()
    db.session.execute(_WAIT_LONG)
    db.session.execute(_WAIT_FOR_OTHERS, {"organization": str(organization.id)})
    open_staging()
    with open_table(path, mapping.table_options, name=name) as table:

        def report(rows: int) -> None:
            if tell is not None:
                tell(Progress(rows, table.share_read()))

        total = _stage(table, mapping, organization, report)
    if mapping.kind is ImportKind.CALLS:
        loaded = load_calls(organization.id, mapping, create_users=create_users)
    else:
        loaded = load_contacts(organization.id, mapping)
    return Outcome(total, count_rejected(), *loaded)


def _stage(table: Table, mapping: Mapping, organization: Organization, report: Callable[[int], None]) -> int:
    if mapping.kind is ImportKind.CALLS:
        settings = CallSettings(ZoneInfo(organization.timezone), organization.country, datetime.now(UTC))
        calls = CallReader(mapping, table, settings)
        return stage(STAGED_CALLS, map(calls.read, table.rows), call_columns, report)
    contacts = ContactReader(mapping, table, ContactSettings(organization.country))
    return stage(STAGED_CONTACTS, map(contacts.read, table.rows), contact_columns, report)


def _current_organization() -> Organization:
    organization_id = current_context().organization_id
    organization = db.session.get(Organization, organization_id) if organization_id else None
    if organization is None:
        raise NotFound("organization", organization_id)
    return organization
