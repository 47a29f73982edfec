"""The import or bulk change that an operation belongs to, which has its own page and its own undo."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, literal, select, true, union_all

from app.audit.actions import Action
from app.data.bulk.queries import find_operation
from app.data.imports.outcome_rules import undo_operation
from app.data.imports.queries import find_import
from app.extensions import db
from app.models import AuditLog, BulkOperation, Import
from app.security.actor import Actor
from app.security.scope import unscoped

IMPORT, BULK_OPERATION = "import", "bulk_operation"


@dataclass(frozen=True, slots=True)
class Origin:
    """An import or a bulk change (`resource`), whose operation is `operation_id`.

    `is_undo` is whether it was looked up by the operation of its undo, and `can_open` whether the reader can open its
    page.
    """

    resource: str
    record_id: UUID
    operation_id: UUID
    is_undo: bool
    is_undone: bool
    can_open: bool

    @property
    def undone_by(self) -> UUID | None:
        """The id of the operation that undid an import; None for a bulk change, and until the undo is done."""
        return undo_operation(self.record_id) if self.resource == IMPORT and self.is_undone else None


def find_origin(actor: Actor, operation_id: UUID) -> Origin | None:
    """Return the import or bulk change that the operation is, or whose undo it is; None for any other operation.

    The undo of a bulk change is an operation like any other.
    """
    known = union_all(_import(actor, operation_id), _bulk(actor, operation_id), _undo(actor, operation_id))
    found: Any = db.session.execute(
        unscoped(known, why="readers of the trail may see which import or bulk change entries come from")
    ).first()
    if found is None:
        return None
    resource, record_id, is_undo, is_undone = found
    is_import = resource == IMPORT
    can_open = (find_import if is_import else find_operation)(actor, record_id) is not None
    return Origin(resource, record_id, record_id if is_import else operation_id, is_undo, is_undone, can_open)


def find_import_of(actor: Actor, entry: AuditLog) -> Origin | None:
    """Return the import that an entry is about or belongs to, if it was ever started."""
    about = entry.resource_id if entry.resource_type == IMPORT else None
    origin = find_origin(actor, about or entry.operation_id)
    return origin if origin is not None and origin.resource == IMPORT else None


def _import(actor: Actor, operation_id: UUID) -> Select[str, UUID, bool, bool]:
    return select(literal(IMPORT), Import.id, false(), Import.undone_at.is_not(None)).where(
        Import.organization_id == actor.organization_id, Import.id == operation_id, Import.started_at.is_not(None)
    )


def _bulk(actor: Actor, operation_id: UUID) -> Select[str, UUID, bool, bool]:
    return select(literal(BULK_OPERATION), BulkOperation.id, false(), BulkOperation.undone_at.is_not(None)).where(
        BulkOperation.organization_id == actor.organization_id, BulkOperation.operation_id == operation_id
    )


def _undo(actor: Actor, operation_id: UUID) -> Select[str, UUID, bool, bool]:
    """Select the import whose undo the operation is: the last entry of a finished undo is about the import."""
    last = (
        select(AuditLog.action, AuditLog.resource_id)
        .where(AuditLog.organization_id == actor.organization_id, AuditLog.operation_id == operation_id)
        .order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
        .limit(1)
        .subquery()
    )
    return select(literal(IMPORT), last.c.resource_id, true(), true()).where(last.c.action == Action.IMPORT_UNDONE)
