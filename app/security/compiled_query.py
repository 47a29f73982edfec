"""Queries that are not lists, compiled once per set of rights and sent unchanged from then on.

    @compiled_query
    def _columns(actor: Actor) -> Selection:
        return restrict(select(ListSettings.columns), ListSettings, actor).where(ListSettings.page == bindparam("page"))

    found = _columns.rows(actor, page="calls")

The function gets an actor with the rights of the reader, and with placeholders for organization, id and time zone.
Other arguments that affect the SQL text follow the actor: `_numbers.rows(actor, "by day", start=start)` passes "by day"
to the function, once. `app.security.cached_selections`, which features don't use directly, describes the cache. A list
is a `ListOf` (`app.security.list_of`).
"""

from collections.abc import Callable
from typing import TypeAlias

from app.db.paging import Selection
from app.models import RevisionKind
from app.security.cached_selections import CachedSelection, Narrowed

#: Function that builds a selection for an actor, compiled; call `rows(actor, …)`.
CompiledQuery: TypeAlias = CachedSelection
#: Compiled query for an actor, with conditions.
NarrowedQuery: TypeAlias = Narrowed


def compiled_query(build: Callable[..., Selection]) -> CompiledQuery:
    """Decorate a function that builds a selection, to compile it once per set of rights and variant."""
    return CachedSelection(build)


def cached_rows(*under: RevisionKind) -> Callable[[Callable[..., Selection]], CompiledQuery]:
    """Decorate like `compiled_query`, and cache the rows until one of the revisions `under` changes.

    These are revisions of the organization: every change of the data that is read must change one of them.
    """
    return lambda build: CachedSelection(build, under)
