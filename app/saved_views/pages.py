"""The lists that views are saved of: where each is, who may see it, its filters and its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from flask_babel import lazy_gettext as _l

from app.appointments import queries as appointments
from app.appointments.filters import AppointmentFilters
from app.calls import queries as calls
from app.calls.columns import CALL_COLUMNS
from app.calls.filters import CallFilters
from app.db.filters import Filters
from app.db.paging import Sort
from app.errors import FieldError, ValidationFailed
from app.leads import queries as leads
from app.leads.filters import LeadFilters
from app.missed_calls import queries as missed_calls
from app.missed_calls.filters import EntryFilters
from app.models import ListPage
from app.security.permissions import Permission
from app.tasks import queries as tasks
from app.tasks.filters import TaskFilters
from app.web.columns import Columns


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One of them. `columns` is None where nobody chooses columns."""

    endpoint: str
    permission: Permission
    filters: type[Filters]
    sorts: Sequence[Sort]
    columns: Columns | None = None


PAGES: Mapping[ListPage, SavedPage] = {
    ListPage.CALLS: SavedPage("calls.index", Permission.CALLS_READ, CallFilters, calls.SORTS, CALL_COLUMNS),
    ListPage.MISSED_CALLS: SavedPage(
        "missed_calls.index", Permission.MISSED_CALLS_READ, EntryFilters, missed_calls.SORTS
    ),
    ListPage.LEADS: SavedPage("leads.index", Permission.LEADS_READ, LeadFilters, leads.SORTS),
    ListPage.APPOINTMENTS: SavedPage(
        "appointments.index", Permission.APPOINTMENTS_READ, AppointmentFilters, appointments.SORTS
    ),
    ListPage.TASKS: SavedPage("tasks.index", Permission.TASKS_READ, TaskFilters, tasks.SORTS),
}


def page_named(name: str | None) -> ListPage:
    """The list of this name; raises ValidationFailed for an unknown one."""
    try:
        return ListPage(name or "")
    except ValueError:
        raise ValidationFailed([FieldError("page", _l("There is no such list."))]) from None


def query_of(filters: Filters, sort: str | None) -> str:
    """Filters and sort as a query string, always the same for the same list."""
    return urlencode({**filters.parameters(), **({"sort": sort} if sort else {})})


def checked_query(page: ListPage, query: str) -> str:
    """The query string as `query_of` writes it; raises ValidationFailed for what the list does not know."""
    given, saved = parse_qs(query), PAGES[page]
    sort = given.get("sort", [None])[-1]
    if sort is not None and sort not in {known.name for known in saved.sorts}:
        raise ValidationFailed([FieldError("query", _l("This list cannot be sorted by “%(name)s”.", name=sort))])
    return query_of(saved.filters.parse(given), sort)
