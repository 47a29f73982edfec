"""Requesting exports, downloading and removing their files."""

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
from app.declarations.exportable import Archive
from app.declarations.job import Job
from app.errors import NotFound
from app.models import Export, ExportStatus
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.security.confirmation import require_confirmation_for
from app.security.people import refuse_unknown_people
from app.security.permissions import Permission
from app.tenancy.actor_rules import refuse_guest


def request_export(actor: Actor, export_id: UUID, kind: str, filters: Filters, sort: str | None = None) -> Export:
    """Request a file of all rows that match `filters`, created once this transaction is committed.

    `export_id` is generated with the form, so submitting a form twice creates one export. Raises Forbidden,
    ValidationFailed, and NotFound for an unknown kind or if the filters name an unknown person.
    """
    source = declared_list(kind)
    source.check(actor)
    refuse_unknown_people(filters, actor)
    source.rows(actor, filters).sort(sort)
    return store_request(actor, export_id, kind, filters.parameters(), make_export, sort)


def store_request(
    actor: Actor, export_id: UUID, kind: str, filters: Mapping[str, str], job: Job, sort: str | None = None
) -> Export:
    """Store an export requested by `actor` and enqueue the `job` that creates it.

    Raises Forbidden for guests.
    """
    refuse_guest(actor, Permission.EXPORTS_CREATE)
    row = Export(
        organization_id=actor.organization_id,
        id=export_id,
        kind=kind,
        status=ExportStatus.QUEUED,
        filters=dict(filters),
        sort=sort,
        requested_by=actor.reference_id,
        requested_by_label=actor.name,
        api_key_id=actor.api_key_id,
    )
    made = add_once(row, partial(find_export, actor, export_id))
    if made is not row:
        return made
    enqueue(job, one_by_one=f"exports:{actor.organization_id}", export_id=str(row.id))
    return row


def take_file(actor: Actor, export_id: UUID) -> Export:
    """Return the export whose file is about to be sent, and record the download in the audit trail.

    Raises NotFound if the file no longer exists, Forbidden if the user can no longer export this kind of file, and
    ReauthenticationRequired for all data of the organization or of a person.
    """
    row = get_export(actor, export_id)
    source = declared(row.kind)
    source.check(actor)
    if isinstance(source, Archive):
        require_confirmation_for(actor, source.permission)
    if not has_file(row, datetime.now(UTC)):
        raise NotFound("file", export_id, _l("This file no longer exists. Request the export again."))
    record_apart(Action.EXPORT_DOWNLOADED, "export", row.id, {"kind": row.kind, "rows": row.row_count})
    return row


def remove_file(actor: Actor, export_id: UUID) -> None:
    """Expire a file now; a job deletes it once this transaction is committed.

    Does nothing if there is no file. Raises NotFound.
    """
    row = get_export(actor, export_id, lock=True)
    now = datetime.now(UTC)
    if has_file(row, now):
        row.expires_at = now
        name_action(Action.EXPORT_REMOVED, row)
        enqueue(remove_exports)
