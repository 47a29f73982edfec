"""The latest completed imports, from which later files of the same kind are read."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.models import Import, ImportKind, ImportStatus
from app.security.scope import unscoped

_MOST = 50


def latest_imports(organization_id: UUID, kind: ImportKind, *columns: Any, first: Any = None) -> Select[Any]:
    """Return the SELECT of `columns` of the last completed imports; those for which `first` is true come first."""
    found = unscoped(select(*columns), why="imports of all users count, also for a command without a signed-in user")
    order = (Import.created_at.desc(), Import.id.desc())
    return (
        found.where(
            Import.organization_id == organization_id, Import.kind == kind, Import.status == ImportStatus.COMPLETED
        )
        .order_by(*(order if first is None else (first.desc(), *order)))
        .limit(_MOST)
    )
