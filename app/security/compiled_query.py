"""The door for reads that are no lists: each is compiled once for each kind of reader, and sent as it is from then on.

    @compiled_query
    def _columns(actor: Actor) -> Selection:
        return restrict(select(ListSettings.columns), ListSettings, actor).where(ListSettings.page == bindparam("page"))

    found = _columns.rows(actor, page="calls")

The function gets an actor with the rights of whoever asks, and instead of an organization, an id and a zone the places
where theirs will stand. Whatever else decides about the text follows the actor: `_numbers.rows(actor, "by day",
start=start)` passes "by day" to the function, once. How it is kept is said in `app.security.kept_selections`, which no
feature names. A list is a `ListOf` (`app.security.list_of`).
"""

from collections.abc import Callable
from typing import TypeAlias

from app.db.paging import Selection
from app.models import RevisionKind
from app.security.kept_selections import KeptSelection, Narrowed

#: A function that builds a selection for an actor, compiled: ask it for `rows(actor, …)`.
CompiledQuery: TypeAlias = KeptSelection
#: A compiled query for somebody, with conditions.
NarrowedQuery: TypeAlias = Narrowed


def compiled_query(build: Callable[..., Selection]) -> CompiledQuery:
    """Compile what `build` makes once for each kind of reader and each variant."""
    return KeptSelection(build)


def kept_rows(*under: RevisionKind) -> Callable[[Callable[..., Selection]], CompiledQuery]:
    """Keep the rows, too, as long as these revisions of the organization stand: whatever is read must raise them."""
    return lambda build: KeptSelection(build, under)
