"""What stands around the list of calls: saved views, the choice of columns, the file, and changes of many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.bulk.page import actions_on
from app.data.exports.forms import ExportForm
from app.lists.listing import Listing
from app.lists.saved_views.menu_page import ColumnMenu, ViewMenu, column_menu, view_menu
from app.lists.table import Table, table_of
from app.security.actor import Actor
from app.work.calls.resource import CALL, CALL_LIST
from app.work.calls.rules import may_export_any_number


@dataclass(frozen=True, slots=True)
class ListTools:
    """`export` is None for those who may have no file of any length; `actions` are the bulk changes they may make."""

    views: ViewMenu
    menu: ColumnMenu
    table: Table
    export: ExportForm | None
    actions: Sequence[tuple[str, str]]


def list_tools(actor: Actor, listing: Listing, here: str) -> ListTools:
    """The tools of `actor` for the list as it is filtered at the address `here`."""
    parameters = listing.filters.parameters()
    is_export = listing.is_long and may_export_any_number(actor) and actor.reference_id is not None
    menu = column_menu(actor, CALL, CALL_LIST, here)
    return ListTools(
        views=view_menu(actor, CALL_LIST, listing),
        menu=menu,
        table=table_of(CALL, actor, listing, own=("caller", "status"), chosen=menu.chosen),
        export=ExportForm.of_list(CALL_LIST.name, parameters, listing.chosen_sort) if is_export else None,
        actions=actions_on(actor, CALL_LIST),
    )
