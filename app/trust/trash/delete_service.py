"""Soft deletion: rows that are deleted together form a batch, and restoring the batch restores exactly those rows.

All deletions of the app go through this module. Rows are locked before they are read, parents before children; the
database makes the final decision, and its refusals are translated into messages. If more rows belong to a record than a
request can delete, the worker deletes the rest (`delete_portion_service`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.declarations.deletable import Deletable
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.security.permissions import Role
from app.security.scope import visible
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.jobs import enqueue_delete_portion
from app.trust.trash.kinds import count_cascaded, deletables, label_of_several, lock_cascaded
from app.trust.trash.mark_service import mark
from app.trust.trash.rules import MAX_IN_A_REQUEST

#: More in one request would block others; a bulk deletion is a job that works in steps.
MAX_AT_ONCE = 500

_CHANGED_SINCE = _l("Not deleted: someone changed this after you opened it. Review it again first.")


def delete(
    actor: Actor,
    resource: str,
    ids: Iterable[UUID],
    *,
    reason: str | None = None,
    versions: Mapping[UUID, int] | None = None,
) -> DeletionBatch:
    """Move records of one kind to the trash, with the rows that belong to them.

    Returns the batch, with the number of rows of each kind. `resource` is the name of the kind; `versions` are the
    versions that the user saw, by id. Either all records are deleted or none; if very many rows belong to them, the
    worker deletes the rest of those (`deleting_at`). Raises NotFound for an id that `actor` can't see, Forbidden,
    VersionConflict, ValidationFailed for too many records or an invalid reason, LastOwner, ActiveCalls, and Conflict,
    with details, if something still needs the record.
    """
    kind = deletables()[resource]
    if kind.permission is None:
        raise ValueError(f"a {resource} is deleted with what it belongs to")
    actor.requires(kind.permission)
    wanted = sorted(set(ids))
    if not 0 < len(wanted) <= MAX_AT_ONCE:
        raise ValidationFailed([FieldError("ids", _l("Select between 1 and %(most)s records.", most=MAX_AT_ONCE))])
    if kind.holds_organization:
        lock_organization(actor.organization_id)
    rows = _locked(actor, kind, wanted)
    for row in rows:
        _refuse_others_row(kind, row, actor)
        if versions and row.id in versions:
            row.refuse_stale(versions[row.id], {"version": row.version}, _CHANGED_SINCE)
    if kind.check is not None:
        kind.check(rows, actor)
    batch = soft_delete(
        kind, rows, deleted_by=actor.reference_id, label=actor.name, reason=reason, max_cascaded=MAX_IN_A_REQUEST
    )
    if kind.then is not None:
        kind.then(rows)
    return batch


def soft_delete(
    kind: Deletable,
    rows: Sequence[Any],
    *,
    deleted_by: UUID | None,
    label: str,
    reason: str | None,
    max_cascaded: int | None = None,
    before: Sequence[tuple[Deletable, Sequence[UUID]]] = (),
) -> DeletionBatch:
    """Mark locked rows and the rows that belong to them as deleted, in a new batch; checks no permissions.

    `before` are further locked rows that are deleted first, because they would otherwise prevent the deletion. If more
    than `max_cascaded` rows belong to `rows`, the worker deletes those later, except for kinds that are always deleted
    at once. No such row can be added in the meantime, because the records that they belong to are already deleted.
    """
    organization_id, ids = getattr(rows[0], kind.tenant_key), [row.id for row in rows]
    expected = count_cascaded(organization_id, kind, ids) if max_cascaded is not None else {}
    in_portions = max_cascaded is not None and sum(expected.values()) > max_cascaded
    cascaded = lock_cascaded(organization_id, kind, ids, only_at_once=in_portions)
    counts = expected if in_portions else {part.name: len(those) for part, those in cascaded}
    now = datetime.now(UTC)
    batch = DeletionBatch(
        organization_id=organization_id,
        id=uuid7(),
        deleted_by=deleted_by,
        deleted_by_label=label,
        reason=reason,
        root_type=kind.name,
        root_id=rows[0].id,
        root_label=label_of_several(kind, rows[0], len(rows)),
        counts=Counter({kind.name: len(ids)})
        + Counter(counts)
        + Counter({part.name: len(them) for part, them in before}),
        purge_after=queries.purge_after(organization_id, now),
        deleting_at=now if in_portions else None,
    )
    try:
        with translated_integrity_errors():
            db.session.add(batch)
            db.session.flush()
            for part, those in (*before, (kind, ids), *cascaded):
                mark(part, batch, those, now)
    except Conflict:
        if kind.explain is not None:
            kind.explain(rows)
        raise
    if in_portions:
        enqueue_delete_portion(batch.id)
    for row in rows:
        db.session.expire(row)
    return batch


def _locked(actor: Actor, kind: Deletable, ids: Sequence[UUID]) -> list[Any]:
    """Return the rows, locked in the order of their ids, so that concurrent deletions cannot deadlock."""
    statement = visible(kind.model, actor).where(kind.model.id.in_(ids)).order_by(kind.model.id)
    rows = list(db.session.scalars(statement.with_for_update().execution_options(populate_existing=True)))
    missing = set(ids) - {row.id for row in rows}
    if missing:
        raise NotFound(kind.name, min(missing))
    return rows


def is_of_someone_else(kind: Deletable, row: Any, actor: Actor) -> bool:
    """Return whether `actor` can delete only their own rows and `row` is not one of them."""
    if kind.permission is None or actor.sees_all(kind.permission):
        return False
    return kind.is_own is None or not kind.is_own(row, actor)


def _refuse_others_row(kind: Deletable, row: Any, actor: Actor) -> None:
    if kind.permission is not None and is_of_someone_else(kind, row, actor):
        raise actor.refusal(
            kind.permission,
            _l("You can only delete your own records. Ask a manager."),
            needed=Role.MANAGER,
        )
