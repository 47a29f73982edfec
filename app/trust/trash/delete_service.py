"""Deleting softly: whatever goes together goes in one batch, which brings exactly that back.

Every delete of the product comes through here. Rows are locked before they are looked at, parents before what belongs
to them; the database has the last word, and its refusals are put in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.declarations.deletable import Deletable
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.models import DeletionBatch, Organization
from app.security.actor import Actor
from app.security.permissions import Role
from app.security.scope import visible
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import rules
from app.trust.trash.kinds import deletables, ids_along, label_of

#: More in one request would keep others waiting; a bulk deletion is a job that makes a batch for each portion.
MAX_AT_ONCE = 500

_CHANGED_SINCE = _l("Nothing was deleted: somebody changed this after you opened it. Look at it again first.")


def delete(
    actor: Actor,
    resource: str,
    ids: Iterable[UUID],
    *,
    reason: str | None = None,
    versions: Mapping[UUID, int] | None = None,
) -> DeletionBatch:
    """Put records of one kind into the trash, with what belongs to them; the batch says how many rows of each kind.

    `resource` is the name of a kind; `versions` those that the person saw, by id. All or nothing. Raises NotFound for
    an id that is not there for `actor`, Forbidden, VersionConflict, ValidationFailed for a wrong reason, LastOwner, and
    Conflict when something still needs the record (which says what).
    """
    kind = deletables()[resource]
    if kind.permission is None:
        raise ValueError(f"a {resource} is deleted with what it belongs to")
    actor.requires(kind.permission)
    wanted = sorted(set(ids))
    if not 0 < len(wanted) <= MAX_AT_ONCE:
        raise ValidationFailed([FieldError("ids", _l("Choose 1 to %(most)s at a time.", most=MAX_AT_ONCE))])
    if kind.holds_organization:
        lock_organization(actor.organization_id)
    rows = _locked(actor, kind, wanted)
    for row in rows:
        _refuse_somebody_elses(kind, row, actor)
        if versions and row.id in versions:
            row.refuse_stale(versions[row.id], {"version": row.version}, _CHANGED_SINCE)
    if kind.check is not None:
        kind.check(rows, actor)
    batch = soft_delete(kind, rows, deleted_by=actor.reference_id, label=actor.name, reason=reason)
    if kind.then is not None:
        kind.then(rows)
    return batch


def soft_delete(
    kind: Deletable, rows: Sequence[Any], *, deleted_by: UUID | None, label: str, reason: str | None
) -> DeletionBatch:
    """Mark locked rows and what goes along with them as deleted, in a new batch; asks nobody whether they may."""
    organization_id = getattr(rows[0], kind.tenant_key)
    going = [(kind, [row.id for row in rows]), *ids_along(organization_id, kind, [row.id for row in rows])]
    now = datetime.now(UTC)
    batch = DeletionBatch(
        organization_id=organization_id,
        id=uuid7(),
        deleted_by=deleted_by,
        deleted_by_label=label,
        reason=reason,
        root_type=kind.name,
        root_id=rows[0].id,
        root_label=_label_of_all(kind, rows),
        counts={part.name: len(ids) for part, ids in going if ids},
        purge_after=now + timedelta(days=_trash_days(organization_id)),
    )
    try:
        with translated_integrity_errors():
            db.session.add(batch)
            db.session.flush()
            for part, ids in going:
                _mark(part, organization_id, ids, batch, now)
    except Conflict:
        if kind.explain is not None:
            kind.explain(rows)
        raise
    for row in rows:
        db.session.expire(row)
    return batch


def _locked(actor: Actor, kind: Deletable, ids: Sequence[UUID]) -> list[Any]:
    """The rows, in the order of their ids, so that two who delete the same rows never wait for each other in a ring."""
    statement = visible(kind.model, actor).where(kind.model.id.in_(ids)).order_by(kind.model.id)
    rows = list(db.session.scalars(statement.with_for_update().execution_options(populate_existing=True)))
    missing = set(ids) - {row.id for row in rows}
    if missing:
        raise NotFound(kind.name, min(missing))
    return rows


def _refuse_somebody_elses(kind: Deletable, row: Any, actor: Actor) -> None:
    permission = kind.permission
    if permission is None or actor.sees_all(permission) or (kind.is_own is not None and kind.is_own(row, actor)):
        return
    raise actor.refusal(
        permission, _l("You may delete your own, and this is somebody else’s. Ask a manager."), needed=Role.MANAGER
    )


def _mark(kind: Deletable, organization_id: UUID, ids: Sequence[UUID], batch: DeletionBatch, now: datetime) -> None:
    if not ids:
        return
    model = kind.model
    db.session.execute(
        update(model)
        .where(getattr(model, kind.tenant_key) == organization_id, model.id.in_(ids), model.deleted_at.is_(None))
        .values(deleted_at=now, deleted_by=batch.deleted_by, deletion_batch_id=batch.id),
        execution_options={"synchronize_session": False},
    )


def _label_of_all(kind: Deletable, rows: Sequence[Any]) -> str:
    first = label_of(kind, rows[0])
    if len(rows) == 1:
        return first
    return rules.shortened(_("%(first)s and %(count)s more", first=first, count=len(rows) - 1))


def _trash_days(organization_id: UUID) -> int:
    return db.session.scalars(select(Organization.trash_days).where(Organization.id == organization_id)).one()
