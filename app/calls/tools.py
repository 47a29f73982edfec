"""What stands around the list of calls: saved views, the choice of columns, the file, and changes of many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.bulk.changes import actions_of
from app.calls.rules import may_export_any_number
from app.exports.forms import ExportForm
from app.models import ExportKind, ListPage
from app.saved_views.menu import ColumnMenu, ViewMenu, column_menu, view_menu
from app.security.actor import Actor
from app.web.labels import label
from app.web.lists import Listing


@dataclass(frozen=True, slots=True)
class ListTools:
    """`export` is None for those who may have no file of any length; `actions` are the bulk changes they may make."""

    views: ViewMenu
    columns: ColumnMenu
    export: ExportForm | None
    actions: Sequence[tuple[str, str]]


def list_tools(actor: Actor, listing: Listing, here: str) -> ListTools:
    """The tools of `actor` for the list as it is filtered at the address `here`."""
    parameters = listing.filters.parameters()
    is_export = listing.is_long and may_export_any_number(actor) and actor.reference_id is not None
    return ListTools(
        views=view_menu(actor, ListPage.CALLS, listing),
        columns=column_menu(actor, ListPage.CALLS, here),
        export=ExportForm.of_list(ExportKind.CALLS, parameters, listing.chosen_sort) if is_export else None,
        actions=[(action.value, label(action, "BulkAction")) for action in actions_of(actor)],
    )
