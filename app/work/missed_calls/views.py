"""Views of the missed-call queue and its entries."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qs
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from app.db.paging import PAGE_SIZE
from app.errors import DomainError, FieldError, NotFound, ValidationFailed
from app.lists.filter_page import AppliedFilters, applied_filters
from app.lists.listing import Listing, address, render_list, show_list
from app.lists.tools_page import ListTools, list_tools
from app.security.actor import Actor, current_actor
from app.security.guard import polled, requires
from app.security.opened_records import note_opened
from app.security.permissions import Permission
from app.web.forms import Form
from app.web.htmx import current_page, show_address, wants_fragment
from app.web.labels import hour_label, weekday_label
from app.web.redirects import page_before
from app.work.missed_calls.detail_queries import get_entry_detail
from app.work.missed_calls.filters import EntryDate, EntryFilters, Tab
from app.work.missed_calls.line_page import lines_of
from app.work.missed_calls.page import LONG_AGO, TABS, EntryPage, entry_page, queue_page
from app.work.missed_calls.queries import count_since, entry_list
from app.work.missed_calls.resource import MISSED_CALL_ENTRY, MISSED_CALL_LIST

missed_calls = Blueprint("missed_calls", __name__)

_MAX_COLUMNS = 50
_OWN = ("sla_due_at", "first_missed_at", "caller", "words", "status", "tried", "claimed_by")


@missed_calls.get("/missed-calls")
@requires(Permission.MISSED_CALLS_READ)
def index() -> Response:
    """Show the organization's queue, next due first; an entry can be open in it."""
    actor, now = current_actor(), datetime.now(UTC)
    asked, listing = _requested_list(actor, now)
    queue = queue_page(actor, asked.filters, listing, now, _opened(actor, now))
    return render_list(
        "work/missed_calls/index.html",
        "work/missed_calls/_list.html",
        listing,
        tools=_tools(actor, listing),
        queue=queue,
        bar=asked.bar,
        now=now,
    )


@missed_calls.get("/missed-calls/news")
@polled
@requires(Permission.MISSED_CALLS_READ)
def news() -> Response:
    """Return the current `rows` of a page and the number of new callers, or 304 if nothing has changed.

    The page updates its rows in place. A row missing from the response has left the list.
    """
    actor, now = current_actor(), datetime.now(UTC)
    since, shown_ids, open_id = _shown_there()
    _bar, listing = _requested_list(actor, now, among=shown_ids)
    beside = entry_list(actor, EntryFilters(), now, among=[open_id]).page().rows if open_id else ()
    lines, count = lines_of(actor, [*listing.rows, *beside], now), count_since(actor, since)
    states = ",".join(f"{line.entry.id}:{line.state}" for line in lines)
    tag = sha256(f"{shown_ids} {count} {states} {actor.counts}".encode()).hexdigest()[:32]
    if request.if_none_match.contains(tag):
        response = make_response("", 304)
    else:
        values = {"count": count, "lines": lines, "tools": _tools(actor, listing), "here": listing.here}
        response = make_response(render_template("work/missed_calls/_news.html", **values))
    response.set_etag(tag)
    return response


def _shown_there() -> tuple[datetime, list[UUID], UUID | None]:
    """Return the time after which callers are new to a page, and the ids of its rows and its open entry.

    Raises ValidationFailed if the address is invalid.
    """
    try:
        since = datetime.fromisoformat(request.args.get("since", LONG_AGO.isoformat())).astimezone(UTC)
        rows = [UUID(one) for one in request.args.get("rows", "").split(",") if one]
        opened = UUID(request.args["open"]) if "open" in request.args else None
    except (ValueError, OverflowError):
        raise ValidationFailed([FieldError("since", _("Reload the page."))]) from None
    rows = [one for one in rows if one != opened]
    if len(rows) > PAGE_SIZE:
        raise ValidationFailed([FieldError("rows", _("Reload the page."))])
    return since, rows, opened


def _requested_list(actor: Actor, now: datetime, among: Sequence[UUID] | None = None) -> tuple[AppliedFilters, Listing]:
    own = {
        "tab": lambda value: str(TABS[Tab(value)]),
        "rescuer": lambda _value: str(pgettext("rescued by", "By me")),
        "hour": lambda value: hour_label(int(value)),
        "weekday": lambda value: weekday_label(int(value)),
        "date_of": lambda _value: str(_("Resolution date")),
    }
    asked = applied_filters(MISSED_CALL_ENTRY, words=own)
    filters, words = asked.filters, asked.words
    del words["tab"]  # the tabs show it
    if filters.date_of is EntryDate.MISSED:
        del words["date_of"]  # the default needs no chip
    return asked, show_list(entry_list(actor, filters, now, among=among), "missed_calls.index", words)


def _tools(actor: Actor, listing: Listing) -> ListTools:
    return list_tools(actor, MISSED_CALL_ENTRY, MISSED_CALL_LIST, listing, own=_OWN)


def _opened(actor: Actor, now: datetime) -> EntryPage | None:
    """Return the entry that the address names, or None if it is missing or no longer exists."""
    try:
        detail = get_entry_detail(actor, UUID(request.args.get("open", "")))
    except (ValueError, NotFound):
        return None
    note_opened(MISSED_CALL_ENTRY.name, detail.stored.id)
    return entry_page(actor, detail, now)


@missed_calls.get("/missed-calls/<uuid:entry_id>")
@requires(Permission.MISSED_CALLS_READ)
def show(entry_id: UUID) -> Response:
    """Show a caller with the reason for the call, the attempts and the actions.

    It is a page, or in the list a row below the entry's own.
    """
    actor = current_actor()
    if not wants_fragment():
        return make_response(shown(actor, entry_id))
    response = make_response(opened_row(actor, entry_id))
    if (here := open_in_list(actor, entry_id)) is not None:
        show_address(response, here)
    return response


def open_in_list(actor: Actor, entry_id: UUID) -> str | None:
    """Return the address of the list that the request comes from, with this entry open, or None."""
    path, _mark, query = (current_page() or page_before() or "").partition("?")
    if path != url_for(".index"):
        return None
    given = parse_qs(query) or MISSED_CALL_LIST.opened(actor)
    return address("missed_calls.index", {**given, "open": str(entry_id)})


def opened_row(
    actor: Actor,
    entry_id: UUID,
    refused: DomainError | None = None,
    submitted: Form | None = None,
    done: str | None = None,
    undo: str | None = None,
) -> str:
    """Render an open entry as a row below the entry's own.

    `done` is what was done, `undo` the address that reverts it, `refused` the error.
    """
    page = entry_page(actor, get_entry_detail(actor, entry_id), datetime.now(UTC), submitted)
    columns = min(max(request.args.get("columns", type=int, default=1), 1), _MAX_COLUMNS)
    refusal = str(refused.sentence) if refused else None
    values = {"shown": page, "columns": columns, "refusal": refusal, "done": done, "undo": undo}
    return render_template("work/missed_calls/_opened.html", **values)


def shown(actor: Actor, entry_id: UUID, submitted: Form | None = None) -> str:
    """Render the page of an entry, with a refused form in place of a new one."""
    page = entry_page(actor, get_entry_detail(actor, entry_id), datetime.now(UTC), submitted)
    return render_template("work/missed_calls/show.html", shown=page)
