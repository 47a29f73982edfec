"""Queries for note templates, and the filters of their list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ARRAY, Row, Text, any_, bindparam, func, select

from app.db.conditions import is_any_of
from app.db.filters import Filters, Search, Several
from app.db.paging import Selection, by_name
from app.models import NoteTemplate, NoteTemplateKind
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.list_of import Conditions, ListOf
from app.security.scope import restrict

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


def templates_for(actor: Actor, kind: str) -> Sequence[Row[Any]]:
    """Return the templates offered for a note of this kind, by name: their `id`, `name` and `body`."""
    return _offered.rows(actor, kinds=[NoteTemplateKind.ANY, kind])


@compiled_query
def _offered(actor: Actor) -> Selection:
    offered: Selection = restrict(select(NoteTemplate.id, NoteTemplate.name, NoteTemplate.body), NoteTemplate, actor)
    is_of_kind = NoteTemplate.kind == any_(bindparam("kinds", type_=ARRAY(Text())))
    return offered.where(is_of_kind).order_by(_NAME, NoteTemplate.id).limit(_MAX_CHOICES)


_SHOWN = (NoteTemplate.name, _NAME.label("sort_name"), NoteTemplate.kind, NoteTemplate.body)
_ROW = select(NoteTemplate.id, NoteTemplate.version, *_SHOWN)

note_template_list = ListOf(NoteTemplate, _ROW, narrow=_conditions, sorts=SORTS)
