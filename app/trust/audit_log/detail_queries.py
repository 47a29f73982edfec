"""One entry of the trail in full: what changed, the other entries of its operation, and whether it is sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, false, select, tuple_
from sqlalchemy.orm import aliased

from app.audit.actions import Action
from app.db.paging import Count, count_rows
from app.errors import NotFound
from app.extensions import db
from app.models import AuditLog, AuditSeal
from app.security.actor import Actor
from app.security.scope import unscoped
from app.security.session_rules import MAX_LIFETIME
from app.trust.audit_log.name_queries import Named, Reference, names_of, references_in
from app.trust.audit_log.origin_queries import Origin, find_import_of
from app.trust.audit_log.withheld_queries import is_withheld

#: Metadata of entries that platform staff cause in an organization: the visit, as {id, reason}.
VISIT = "visit"
#: How the roles of platform staff begin in the trail.
STAFF_ROLE = "platform_"
#: Entries that tell a visit's reason themselves.
_ENDS = (Action.ORGANIZATION_ENTERED, Action.ORGANIZATION_LEFT)
#: Number of entries of an operation that are listed next to the open one.
MAX_OF_AN_OPERATION = 20


@dataclass(frozen=True, slots=True)
class SupportVisit:
    """The visit of platform staff that an entry belongs to.

    `id` is named by all entries of the visit. A visit from before visits had ids has none; it is derived from the
    person and the time, and `began` is then the id of the entry that began it.
    """

    reason: str | None
    id: UUID | None = None
    began: UUID | None = None

    @property
    def is_derived(self) -> bool:
        return self.id is None


@dataclass(frozen=True, slots=True)
class Detail:
    """An entry with everything its page shows.

    `before` and `after` are the values the reader can see: if the entry `is_withheld`, both are None. `others` are the
    first entries of its operation, which can include the entry itself, and `number_of_others` is the number of all
    entries of the operation. `is_sealed` is None if nothing of this organization was ever sealed. `origin` is the
    import that the entry is about or belongs to.
    """

    entry: AuditLog
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    others: Sequence[Row[Any]]
    number_of_others: Count
    is_sealed: bool | None
    is_withheld: bool
    origin: Origin | None
    names: Mapping[Reference, Named]
    visit: SupportVisit | None


def get_detail(actor: Actor, entry_id: UUID) -> Detail:
    """Return the entry with everything its page shows.

    Raises NotFound if `actor`'s organization has no entry with this id.
    """
    entry, is_closed = get_entry(actor, entry_id)
    others = _of_operation(entry)
    before, after = (None, None) if is_closed else (entry.before, entry.after)
    rows: list[Any] = [entry, *others]
    named = [(row.resource_type, row.resource_id) for row in rows if row.resource_id]
    people = [("user", entry.user_id)] if entry.user_id else []
    names = names_of(actor, [*named, *people, *references_in(entry.resource_type, (before, after))])
    return Detail(
        entry=entry,
        before=before,
        after=after,
        others=others,
        number_of_others=count_rows(db.session, _same_operation(entry)),
        is_sealed=_is_sealed(entry),
        is_withheld=is_closed,
        origin=find_import_of(actor, entry),
        names=names,
        visit=_visit_of(entry),
    )


def get_entry(actor: Actor, entry_id: UUID) -> tuple[AuditLog, bool]:
    """Return an entry of `actor`'s organization, and whether its values are withheld from them.

    Raises NotFound.
    """
    closed = is_withheld(actor)
    entry = select(AuditLog, false() if closed is None else closed)
    found = db.session.execute(
        unscoped(entry, why="readers of the trail can see all entries; values are withheld separately").where(
            AuditLog.organization_id == actor.organization_id, AuditLog.id == entry_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound("audit_log", entry_id)
    return found[0], found[1]


def _same_operation(entry: AuditLog) -> Any:
    return select(AuditLog.id).where(
        AuditLog.organization_id == entry.organization_id, AuditLog.operation_id == entry.operation_id
    )


def _of_operation(entry: AuditLog) -> Sequence[Row[Any]]:
    """Return the first entries of the entry's operation in the order in which they were written."""
    columns = (
        AuditLog.id,
        AuditLog.created_at,
        AuditLog.user_id,
        AuditLog.source,
        AuditLog.action,
        AuditLog.resource_type,
        AuditLog.resource_id,
        AuditLog.resource_label,
        AuditLog.details,
    )
    rows = _same_operation(entry).with_only_columns(*columns)
    return db.session.execute(rows.order_by(AuditLog.created_at, AuditLog.id).limit(MAX_OF_AN_OPERATION)).all()


def _visit_of(entry: AuditLog) -> SupportVisit | None:
    """Return the visit that the entry names, or else the newest one of its person that was open then.

    Returns None for entries that belong to no visit of platform staff.
    """
    named = entry.details.get(VISIT)
    if named:
        return SupportVisit(named["reason"], id=UUID(named["id"]))
    if not (entry.actor_role or "").startswith(STAFF_ROLE) or entry.action in _ENDS:
        return None
    began, left = aliased(AuditLog), aliased(AuditLog)
    is_over = (
        exists()
        .where(left.organization_id == entry.organization_id, left.user_id == entry.user_id)
        .where(left.action == Action.ORGANIZATION_LEFT, left.details["reason"] == began.details["reason"])
        .where(left.created_at > began.created_at, left.created_at < entry.created_at)
    )
    visits = (
        select(began.id, began.details["reason"].astext)
        .where(began.organization_id == entry.organization_id, began.user_id == entry.user_id)
        .where(began.action == Action.ORGANIZATION_ENTERED, ~is_over)
        .where(began.created_at < entry.created_at, began.created_at > entry.created_at - MAX_LIFETIME)
    )
    found = db.session.execute(visits.order_by(began.created_at.desc(), began.id.desc()).limit(1)).one_or_none()
    return None if found is None else SupportVisit(found[1], began=found[0])


def _is_sealed(entry: AuditLog) -> bool | None:
    """Return whether the newest seal lies beyond the entry; None if nothing was ever sealed.

    This suffices because the chain has no gaps: verification would report one.
    """
    newest = (
        select(tuple_(AuditSeal.to_pos, AuditSeal.to_id) > tuple_(entry.pos, entry.id))
        .where(AuditSeal.organization_id == entry.organization_id)
        .order_by(AuditSeal.seq.desc())
        .limit(1)
    )
    return db.session.scalar(newest)
