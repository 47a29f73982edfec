"""What stands around a list: saved views, the choice of columns, the file, and changes of many rows at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.lists.listing import Listing
from app.lists.saved_views.menu_page import ColumnMenu, ViewMenu, column_menu, view_menu
from app.lists.table import Table, table_of
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class ExportOffer:
    """What the button beside a long list sends, as the form of `app.data.exports` reads it; the id is made with it."""

    kind: str
    query: str


@dataclass(frozen=True, slots=True)
class FileOffer:
    """The rows as a file: at `csv` where they are few, as an `export` for those who may have one of any length."""

    csv: str
    is_long: bool
    has_rows: bool
    export: ExportOffer | None


@dataclass(frozen=True, slots=True)
class ListTools:
    """`views` is None where none are kept, `columns` where they cannot be chosen, `file` where a list has none.
    `actions` are the bulk changes that somebody may make, each with its words.
    """

    views: ViewMenu | None
    columns: ColumnMenu | None
    table: Table
    file: FileOffer | None
    actions: Sequence[tuple[str, str]]


def list_tools(
    actor: Actor, resource: Resource, listed: Listed, listing: Listing, *, own: Collection[str] = ()
) -> ListTools:
    """The tools of `actor` for a list as it is filtered now. `own` are the columns that its template draws itself."""
    is_known = listed.name in registry().lists
    menu = column_menu(actor, resource, listed, listing.here) if is_known and listed.has_column_choice else None
    return ListTools(
        views=view_menu(actor, listed, listing) if listed.keeps_views else None,
        columns=menu,
        table=table_of(resource, actor, listing, own=own, chosen=menu.chosen if menu else None),
        file=_file_of(actor, listed, listing),
        actions=_actions_on(actor, listed),
    )


def _file_of(actor: Actor, listed: Listed, listing: Listing) -> FileOffer | None:
    if listing.csv is None:
        return None
    return FileOffer(listing.csv, listing.is_long, bool(listing.rows), _export_of(actor, listed, listing))


def _export_of(actor: Actor, listed: Listed, listing: Listing) -> ExportOffer | None:
    """Nothing for a guest, for whom no file is kept."""
    declared = registry().list_exports.get(listed.name)
    if declared is None or not listing.is_long or actor.reference_id is None or not declared.is_allowed(actor):
        return None
    sort = {"sort": listing.chosen_sort} if listing.chosen_sort else {}
    return ExportOffer(listed.name, urlencode({**listing.filters.parameters(), **sort}))


def _actions_on(actor: Actor, listed: Listed) -> list[tuple[str, str]]:
    """Nothing for a guest, for whom no operation is kept."""
    if actor.reference_id is None:
        return []
    changes = (change for change in registry().bulk.values() if change.target.listed is listed)
    return [(change.action, str(change.label)) for change in changes if actor.may(change.permission)]
