"""Reading templates of notes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from app.db.conditions import is_any_of
from app.db.paging import Sort
from app.extensions import db
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.scope import visible
from app.work.note_templates.filters import NoteTemplateFilters

#: Offered beside a note.
_MOST_OFFERED = 50

_NAME = func.lower(NoteTemplate.name)

SORTS = (
    Sort("name", _NAME, NoteTemplate.id, descending=False, value_of=lambda row: row.sort_name, parse=str),
    Sort("-name", _NAME, NoteTemplate.id, descending=True, value_of=lambda row: row.sort_name, parse=str),
)


def _conditions(filters: NoteTemplateFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [NoteTemplate.deleted_at.is_(None)]
    if filters.q:
        found.append(NoteTemplate.name.icontains(filters.q, autoescape=True))
    if filters.kind:
        found.append(is_any_of(NoteTemplate.kind, filters.kind))
    return found


def templates_for(actor: Actor, kind: str) -> Sequence[NoteTemplate]:
    """What is offered to whoever writes a note of this kind, by name."""
    offered = visible(NoteTemplate, actor).where(is_any_of(NoteTemplate.kind, (NoteTemplateKind.ANY, kind)))
    return db.session.scalars(offered.order_by(_NAME, NoteTemplate.id).limit(_MOST_OFFERED)).all()


_ROW = select(
    NoteTemplate.id,
    NoteTemplate.version,
    NoteTemplate.name,
    _NAME.label("sort_name"),
    NoteTemplate.kind,
    NoteTemplate.body,
)


#: The templates that `filters` keep, by name.
note_template_list = ListOf(
    NoteTemplate,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)
