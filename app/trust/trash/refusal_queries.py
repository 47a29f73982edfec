"""Why something cannot be deleted, in words: what still needs it, counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from app.declarations.registry import registry
from app.errors import Conflict, Sentence
from app.extensions import db
from app.models import SoftDeleted
from app.security.scope import unscoped


def count_uses(reference: InstrumentedAttribute[Any], rows: Sequence[Any], *only: ColumnElement[bool]) -> int:
    """How many rows that are not deleted refer to `rows`, which are of one organization."""
    model: Any = reference.class_
    of_them = (model.organization_id == rows[0].organization_id, reference.in_([row.id for row in rows]))
    live = (model.deleted_at.is_(None),) if issubclass(model, SoftDeleted) else ()
    uses = unscoped(select(func.count()).select_from(model), why="what is in use stays, whoever sees what uses it")
    return db.session.scalar(uses.where(*of_them, *live, *only)) or 0


def still_in_use(uses: Mapping[str, int], words: Mapping[str, Sentence], advice: Sentence) -> Conflict:
    """What to raise: the `words` of what there is, by name; the counts are in `extra`."""
    listed = ", ".join(str(words[name]) for name, number in uses.items() if number)
    return Conflict(None, _l("Still in use: %(uses)s. %(advice)s", uses=listed, advice=advice), uses=dict(uses))


def in_use(error: IntegrityError) -> Conflict:
    """What to raise when rows that stay still refer to what was to be removed."""
    table = getattr(getattr(error.orig, "diag", None), "table_name", None)
    resource = registry().resources_by_table.get(table or "")
    if resource is None or resource.name not in registry().deletes:
        return Conflict(None, _l("It can’t be removed yet: something that stays still refers to it."))
    what = resource.words.plural_label
    return Conflict(
        None, _l("It can’t be removed yet, others still refer to it: %(what)s. Remove those first.", what=what)
    )
