"""The tools of a list: saved views, column choice, file, and bulk changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from app.declarations.bulk import BulkChange
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.lists.listing import Listing
from app.lists.saved_views.menu_page import ColumnMenu, ViewMenu, column_menu, view_menu
from app.lists.table import Table, table_of
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class ExportOffer:
    """The hidden fields of a long list's export button, for the form of `app.data.exports`.

    The id of the export is not among them, because it is generated when the form is rendered.
    """

    kind: str
    query: str


@dataclass(frozen=True, slots=True)
class FileOffer:
    """The download of a list: the file at `csv` or, for a list that is too long for it, an `export`.

    `export` is None if it isn't needed or the actor can't create one.
    """

    csv: str
    is_long: bool
    has_rows: bool
    export: ExportOffer | None


class BulkAction(NamedTuple):
    """A button of the bar for selected rows.

    `label` is shown while their number is unknown, and `act` otherwise, which contains "{count}" instead of it.
    """

    name: str
    label: str
    act: str


@dataclass(frozen=True, slots=True)
class BulkBar:
    """The bulk changes that the user can make to a list; `counted_at` is the time at which its rows were counted."""

    actions: Sequence[BulkAction]
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class ListTools:
    """The tools of a list; each is None if the list or the user doesn't have it."""

    views: ViewMenu | None
    columns: ColumnMenu | None
    table: Table
    file: FileOffer | None
    bulk: BulkBar | None


def list_tools(
    actor: Actor, resource: Resource, listed: Listed, listing: Listing, *, own: Collection[str] = ()
) -> ListTools:
    """Return the actor's tools for a list with its current filters.

    `own` are the columns that the list's template renders itself.
    """
    is_known = listed.name in registry().lists
    menu = column_menu(actor, resource, listed, listing.here) if is_known and listed.has_column_choice else None
    return ListTools(
        views=view_menu(actor, listed, listing) if listed.keeps_views else None,
        columns=menu,
        table=table_of(resource, actor, listing, own=own, chosen=menu.chosen if menu else None),
        file=_file_of(actor, listed, listing),
        bulk=_bulk_bar(actor, listed),
    )


def _file_of(actor: Actor, listed: Listed, listing: Listing) -> FileOffer | None:
    if listing.csv is None:
        return None
    return FileOffer(listing.csv, listing.is_long, bool(listing.rows), _export_of(actor, listed, listing))


def _export_of(actor: Actor, listed: Listed, listing: Listing) -> ExportOffer | None:
    """Return the export offer of a long list; None if the list needs none or the actor can't create one.

    Guests can't, because they can't own an export.
    """
    declared = registry().list_exports.get(listed.name)
    if declared is None or not listing.is_long or actor.reference_id is None or not declared.is_allowed(actor):
        return None
    sort = {"sort": listing.chosen_sort} if listing.chosen_sort else {}
    return ExportOffer(listed.name, urlencode({**listing.filters.parameters(), **sort}))


def _bulk_bar(actor: Actor, listed: Listed) -> BulkBar | None:
    """Return the bulk changes that `actor` can make to the list, if any.

    Guests have none, because they can't own an operation.
    """
    if actor.reference_id is None:
        return None
    changes = (change for change in registry().bulk.values() if change.target.listed is listed)
    actions = [_action_of(change) for change in changes if actor.may(change.permission)]
    return BulkBar(actions, datetime.now(UTC)) if actions else None


def _action_of(change: BulkChange) -> BulkAction:
    more = "…" if change.asks_first else ""
    return BulkAction(change.action, f"{change.label}{more}", f"{change.act_on('{count}')}{more}")
