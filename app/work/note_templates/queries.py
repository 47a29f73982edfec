"""Queries for note templates, and the filters of their list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from sqlalchemy import func, select

from app.db.conditions import is_any_of
from app.db.filters import Filters, Search, Several
from app.db.paging import by_name
from app.extensions import db
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import Actor
from app.security.list_of import Conditions, ListOf
from app.security.scope import visible

#: Maximum number of templates offered for a note.
_MAX_CHOICES = 50
_NAME = func.lower(NoteTemplate.name)
SORTS = by_name(_NAME, NoteTemplate.id)


class NoteTemplateFilters(Filters):
    """Filters of `/note-templates`. `q` is a part of the name."""

    q: Search = ""
    kind: Annotated[tuple[NoteTemplateKind, ...], Several] = ()


def _conditions(filters: NoteTemplateFilters, _actor: Actor, _now: datetime) -> Conditions:
    offered = (is_any_of(NoteTemplate.kind, filters.kind),) if filters.kind else ()
    named = (NoteTemplate.name.icontains(filters.q, autoescape=True),) if filters.q else ()
    return [NoteTemplate.deleted_at.is_(None), *named, *offered]


def templates_for(actor: Actor, kind: str) -> Sequence[NoteTemplate]:
    """Return the templates offered for a note of this kind, by name."""
    offered = visible(NoteTemplate, actor).where(is_any_of(NoteTemplate.kind, (NoteTemplateKind.ANY, kind)))
    return db.session.scalars(offered.order_by(_NAME, NoteTemplate.id).limit(_MAX_CHOICES)).all()


_SHOWN = (NoteTemplate.name, _NAME.label("sort_name"), NoteTemplate.kind, NoteTemplate.body)
_ROW = select(NoteTemplate.id, NoteTemplate.version, *_SHOWN)

note_template_list = ListOf(NoteTemplate, _ROW, narrow=_conditions, sorts=SORTS)
