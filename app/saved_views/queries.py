"""Reading saved views, one's own and those that are shared, and the columns that somebody has chosen."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from app.errors import NotFound
from app.extensions import db
from app.models import ListPage, ListSettings, SavedView, User
from app.security.actor import Actor
from app.security.scope import restrict, visible

MOST_VIEWS = 200

#: Made once, not with every list.
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
    .limit(MOST_VIEWS)
)


def list_views(actor: Actor, pages: Sequence[ListPage]) -> list[Row[*tuple[Any, ...]]]:
    """The views of these lists that `actor` may use, by list and name, with the name of whose each is."""
    return list(db.session.execute(restrict(_VIEWS, SavedView, actor).where(SavedView.page.in_(pages))))


def find_view(actor: Actor, saved_view_id: UUID, *, lock: bool = False) -> SavedView | None:
    """A view that `actor` may use. With `lock` it is held until the transaction ends, and read anew."""
    statement = visible(SavedView, actor).where(SavedView.id == saved_view_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)


def get_view(actor: Actor, saved_view_id: UUID, *, lock: bool = False) -> SavedView:
    """As `find_view`; raises NotFound."""
    found = find_view(actor, saved_view_id, lock=lock)
    if found is None:
        raise NotFound("saved_view", saved_view_id)
    return found


def find_columns(actor: Actor, page: ListPage) -> list[str] | None:
    """Names of the columns that `actor` has chosen for a list; None when they never chose."""
    chosen = restrict(select(ListSettings.columns), ListSettings, actor)
    return db.session.scalar(chosen.where(ListSettings.page == page))
