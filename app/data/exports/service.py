"""Asking for exports, taking their files, and having them removed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action, record_apart
from app.data.exports.jobs import make_export, remove_exports
from app.data.exports.queries import declared, declared_list, find_export, get_export, has_file
from app.db.filters import Filters
from app.db.transaction import add_once
from app.declarations.job import Job
from app.errors import NotFound
from app.models import Export, ExportStatus
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.security.people import refuse_unknown_people
from app.security.permissions import Permission
from app.tenancy.actor_rules import refuse_guest


def request_export(actor: Actor, export_id: UUID, kind: str, filters: Filters, sort: str | None = None) -> Export:
    """Have the worker make a file of all rows that `filters` keep, as soon as this transaction is committed.

    `export_id` is made with the form: the same form sent twice is one export. Raises Forbidden, ValidationFailed,
    NotFound for somebody unknown whom the filters name.
    """
    source = declared_list(kind)
    source.check(actor)
    refuse_unknown_people(filters, actor)
    source.rows(actor, filters).sort(sort)
    return store_request(actor, export_id, kind, filters.parameters(), make_export, sort)


def store_request(
    actor: Actor, export_id: UUID, kind: str, filters: Mapping[str, str], job: Job, sort: str | None = None
) -> Export:
    """Write down what `actor` asks for, and have `job` make it. Raises Forbidden for who has no files here."""
    refuse_guest(actor, Permission.EXPORTS_CREATE)
    row = Export(
        organization_id=actor.organization_id,
        id=export_id,
        kind=kind,
        status=ExportStatus.QUEUED,
        filters=dict(filters),
        sort=sort,
        requested_by=actor.user_id,
        requested_by_label=actor.name,
    )
    made = add_once(row, partial(find_export, actor, export_id))
    if made is not row:
        return made
    enqueue(job, one_by_one=f"exports:{actor.organization_id}", export_id=str(row.id))
    return row


def take_file(actor: Actor, export_id: UUID) -> Export:
    """The export whose file is about to be sent; the audit trail says who took it.

    Raises NotFound when there is no file (any more), Forbidden for who may not have such files now.
    """
    row = get_export(actor, export_id)
    declared(row.kind).check(actor)
    if not has_file(row, datetime.now(UTC)):
        raise NotFound("file", export_id, _l("This file is not there any more. Ask for the export again."))
    record_apart(Action.EXPORT_DOWNLOADED, "export", row.id, {"kind": row.kind, "rows": row.row_count})
    return row


def remove_file(actor: Actor, export_id: UUID) -> None:
    """End the time of a file now; a job removes it as soon as this is committed. Raises NotFound.

    Without a file there is nothing to do: asking twice is asking once.
    """
    row = get_export(actor, export_id, lock=True)
    now = datetime.now(UTC)
    if has_file(row, now):
        row.expires_at = now
        name_action(Action.EXPORT_REMOVED, row)
        enqueue(remove_exports)
