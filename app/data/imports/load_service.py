"""A whole file, brought in within the current transaction: whoever calls decides whether that is kept.

    outcome = load_file(path, name, mapping, create_users=False)
    for value in rejected_values(): …
    db.session.rollback()   # a dry run; commit() to keep it

Works as the jobs' role (`app.db.session.jobs_role`), which may make temporary tables, for the current context's
organization.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from app.data.imports.file_rules import open_table
from app.data.imports.mapping_rules import Mapping, importable
from app.data.imports.outcome_rules import Outcome
from app.data.imports.staging_service import count_rejected, open_staging, stage
from app.db.context import current_context
from app.errors import NotFound
from app.extensions import db
from app.models import Organization

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
    organization, declared = _current_organization(), importable(mapping.kind)
    db.session.execute(_WAIT_LONG)
    db.session.execute(_WAIT_FOR_OTHERS, {"organization": str(organization.id)})
    open_staging()
    with open_table(path, mapping.table_options, name=name) as table:

        def report(rows: int) -> None:
            if tell is not None:
                tell(Progress(rows, table.share_read()))

        read = declared.reader(mapping, table, organization)
        total = stage(declared.staged, map(read, table.rows), declared.columns, report)
    loaded = declared.load(organization.id, mapping, create_users)
    return Outcome(total, count_rejected(), *loaded)


def _current_organization() -> Organization:
    organization_id = current_context().organization_id
    organization = db.session.get(Organization, organization_id) if organization_id else None
    if organization is None:
        raise NotFound("organization", organization_id)
    return organization
