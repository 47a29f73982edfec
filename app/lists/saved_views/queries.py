"""Queries for saved views, their contents, and chosen columns."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Text, bindparam, func, select

from app.db.filters import Filters
from app.db.paging import Selection
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.declarations.viewed import Viewed
from app.errors import FieldError, ValidationFailed
from app.models import ListSettings, RevisionKind, SavedView, User
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.rows import find_row, get_row
from app.security.scope import restrict

MAX_VIEWS = 200

#: Built once, not for every list.
_VIEWS = (
    select(
        SavedView.id,
        SavedView.page,
        SavedView.name,
        SavedView.query,
        SavedView.is_shared,
        SavedView.user_id,
        SavedView.version,
        User.name.label("owner_name"),
    )
    .join(User, (User.organization_id == SavedView.organization_id) & (User.id == SavedView.user_id))
    .order_by(SavedView.page, func.lower(SavedView.name), SavedView.id)
    .limit(MAX_VIEWS)
)


def list_views(actor: Actor, lists: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """Return the views of these lists that `actor` can use, with their owner's name.

    They are sorted by list and name.
    """
    return list(_views_of.rows(actor, lists=",".join(lists)))


@cached_rows(RevisionKind.VIEWS, RevisionKind.PEOPLE)
def _views_of(actor: Actor) -> Selection:
    lists = func.string_to_array(bindparam("lists", type_=Text()), ",")
    return restrict(_VIEWS, SavedView, actor).where(SavedView.page == func.any(lists))


def find_view(actor: Actor, saved_view_id: UUID, *, lock: bool = False) -> SavedView | None:
    """Return a view that `actor` can use, or None; `lock` locks and refreshes the row."""
    return find_row(actor, SavedView, saved_view_id, lock=lock)


def get_view(actor: Actor, saved_view_id: UUID, *, lock: bool = False) -> SavedView:
    """Return a view that `actor` can use; raises NotFound."""
    return get_row(actor, SavedView, saved_view_id, named="saved_view", lock=lock)


def find_columns(actor: Actor, name: str) -> list[str] | None:
    """Return the columns that `actor` has chosen for a list; None without a choice."""
    found = _columns_of.rows(actor, name=name)
    return found[0].columns if found else None


@cached_rows(RevisionKind.VIEWS)
def _columns_of(actor: Actor) -> Selection:
    chosen = restrict(select(ListSettings.columns), ListSettings, actor)
    return chosen.where(ListSettings.page == bindparam("name"))


def list_named(name: str | None) -> Listed:
    """Return the list of this name; raises ValidationFailed for an unknown one."""
    resource = registry().lists.get(name or "")
    if resource is None or resource.listed is None:
        raise ValidationFailed([FieldError("page", _l("This list doesn’t exist."))])
    return resource.listed


def viewed_named(name: str | None) -> Viewed:
    """Return the list or page of this name that has saved views.

    Raises ValidationFailed for an unknown one.
    """
    found = registry().viewed.get(name or "")
    if found is None:
        raise ValidationFailed([FieldError("page", _l("This list doesn’t exist."))])
    return found


def query_of(filters: Filters, sort: str | None) -> str:
    """Return filters and sort as a canonical query string."""
    return urlencode({**filters.parameters(), **({"sort": sort} if sort else {})})


def checked_query(viewed: Viewed, query: str) -> str:
    """Return the query string in canonical form.

    Raises ValidationFailed for parameters that the list or page doesn't know.
    """
    filters, sort = viewed.read(query)
    if sort is not None and sort not in viewed.sort_names:
        raise ValidationFailed([FieldError("query", _l("This list can’t be sorted by “%(name)s”.", name=sort))])
    return query_of(filters, sort)
