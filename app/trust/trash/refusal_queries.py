"""Messages that explain why a record can't be deleted: the number of records that still need it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from app.declarations.registry import registry
from app.errors import Conflict, LazyText
from app.extensions import db
from app.models import SoftDeleted
from app.security.scope import unscoped


def count_uses(reference: InstrumentedAttribute[Any], rows: Sequence[Any], *only: ColumnElement[bool]) -> int:
    """Count the rows that are not deleted and refer to `rows`, which must be of one organization."""
    model: Any = reference.class_
    of_them = (model.organization_id == rows[0].organization_id, reference.in_([row.id for row in rows]))
    live = (model.deleted_at.is_(None),) if issubclass(model, SoftDeleted) else ()
    uses = unscoped(
        select(func.count()).select_from(model),
        why="count only; rows in use can't be deleted, regardless of record scope",
    )
    return db.session.scalar(uses.where(*of_them, *live, *only)) or 0


def still_in_use(uses: Mapping[str, int], words: Mapping[str, LazyText], advice: LazyText) -> Conflict:
    """Return the error to raise, which lists the `words` of every use with a count above zero.

    The counts are in `extra`.
    """
    listed = ", ".join(str(words[name]) for name, number in uses.items() if number)
    return Conflict(None, _l("Still in use: %(uses)s. %(advice)s", uses=listed, advice=advice), uses=dict(uses))


def in_use(error: IntegrityError) -> Conflict:
    """Return the error to raise if remaining rows still refer to rows that were to be purged."""
    table = getattr(getattr(error.orig, "diag", None), "table_name", None)
    resource = registry().resources_by_table.get(table or "")
    if resource is None or resource.name not in registry().deletes:
        return Conflict(None, _l("This can’t be permanently deleted yet because another record still refers to it."))
    what = resource.words.plural_label
    return Conflict(
        None,
        _l(
            "This can’t be permanently deleted yet because other records refer to it: %(what)s. Permanently "
            "delete those first.",
            what=what,
        ),
    )
