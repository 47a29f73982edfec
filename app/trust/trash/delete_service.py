"""Deleting softly: whatever goes together goes in one batch, which brings exactly that back.

Every delete of the product comes through here. Rows are locked before they are looked at, parents before what belongs
to them; the database has the last word, and its refusals are put in words. Of what goes along with a record and is more
than a request may do, the worker does the rest (`delete_portion_service`).
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
from app.trust.trash.jobs import ask_to_delete_portion
from app.trust.trash.kinds import count_along, deletables, ids_along, label_of_several
from app.trust.trash.mark_service import mark
from app.trust.trash.rules import MAX_IN_A_REQUEST

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

    `resource` is the name of a kind; `versions` those that the person saw, by id. All or nothing; where very much goes
    along, the worker deletes the rest of that (`deleting_at`). Raises NotFound for an id that is not there for `actor`,
    Forbidden, VersionConflict, ValidationFailed for a wrong reason, LastOwner, and Conflict when something still needs
    the record (which says what).
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
    batch = soft_delete(
        kind, rows, deleted_by=actor.reference_id, label=actor.name, reason=reason, max_along=MAX_IN_A_REQUEST
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
    max_along: int | None = None,
    before: Sequence[tuple[Deletable, Sequence[UUID]]] = (),
) -> DeletionBatch:
    """Mark locked rows and what goes along with them as deleted, in a new batch; asks nobody whether they may.

    Rows of `before`, locked too, go into it first: such as would keep the others from being deleted. More than
    `max_along` that goes along is left to the worker. Nothing is added to it then: the rows are deleted.
    """
    organization_id, ids = getattr(rows[0], kind.tenant_key), [row.id for row in rows]
    expected = count_along(organization_id, kind, ids) if max_along is not None else {}
    in_portions = max_along is not None and sum(expected.values()) > max_along
    along = ids_along(organization_id, kind, ids, only_at_once=in_portions)
    counts = expected if in_portions else {part.name: len(those) for part, those in along}
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
            for part, those in (*before, (kind, ids), *along):
                mark(part, batch, those, now)
    except Conflict:
        if kind.explain is not None:
            kind.explain(rows)
        raise
    if in_portions:
        ask_to_delete_portion(batch.id)
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


def is_somebody_elses(kind: Deletable, row: Any, actor: Actor) -> bool:
    """Whether the permission of `actor` reaches their own rows only, and this is none of them."""
    if kind.permission is None or actor.sees_all(kind.permission):
        return False
    return kind.is_own is None or not kind.is_own(row, actor)


def _refuse_somebody_elses(kind: Deletable, row: Any, actor: Actor) -> None:
    if kind.permission is not None and is_somebody_elses(kind, row, actor):
        raise actor.refusal(
            kind.permission,
            _l("You may delete your own, and this is somebody else’s. Ask a manager."),
            needed=Role.MANAGER,
        )
