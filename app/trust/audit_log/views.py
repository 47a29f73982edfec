"""Pages of the audit trail: the list, its file, and the details of one entry."""

from uuid import UUID

from flask import Blueprint, Response, request

from app.lists.csv import csv_file, csv_response
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.period_links import period_links
from app.lists.saved_views.menu_page import view_menu
from app.lists.table import table_of
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log import export
from app.trust.audit_log.detail_queries import get_detail
from app.trust.audit_log.filter_page import filter_bar_of, offered_to
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.moment_page import moment_page
from app.trust.audit_log.page import entry_page, lines_of, revert_link
from app.trust.audit_log.people_queries import refuse_unknown_actor
from app.trust.audit_log.queries import audit_list
from app.trust.audit_log.resource import AUDIT_ENTRY, AUDIT_LIST
from app.trust.audit_log.service import export_entries
from app.trust.audit_log.verification_queries import verified_by
from app.web.htmx import render, wants_fragment

audit_log = Blueprint("audit_log", __name__)


@audit_log.get("/audit")
@requires(Permission.AUDIT_READ)
def index() -> Response:
    """Show the list of entries: who did what to what, when and from where, newest first."""
    actor = current_actor()
    filters = AuditFilters.parse(given_parameters(**offered_to(actor)))
    bar = filter_bar_of(actor, filters, refuse_unknown_actor(actor, filters))
    entries = audit_list(actor, filters)
    listing = show_list(entries, "audit_log.index", bar.words)
    return render_list(
        "trust/audit_log/index.html",
        "trust/audit_log/_list.html",
        listing,
        table=table_of(AUDIT_ENTRY, actor, listing),
        fields=AUDIT_ENTRY.labels,
        lines=lines_of(actor, listing.rows),
        moment=None if wants_fragment() else moment_page(actor, filters, request.args.get("at")),
        # Shown above the list, which is replaced without it.
        verified=None if wants_fragment() else verified_by(actor, listing.rows),
        bar=bar,
        number=entries.search.number if entries.search else None,
        periods=period_links("audit_log.index", filters.parameters()),
        views=view_menu(actor, AUDIT_LIST, listing),
        revert=revert_link(actor, filters.operation_id) if listing.rows else None,
    )


@audit_log.get("/audit.csv")
@requires(Permission.AUDIT_READ)
@csv_file
def csv() -> Response:
    """Return a CSV file with the entries that match the filters of the list."""
    actor = current_actor()
    filters = AuditFilters.parse(given_parameters())
    rows = export_entries(actor, filters, request.args.get("sort"))
    return csv_response("audit", export.header(actor.timezone), export.lines(actor.timezone, rows))


@audit_log.get("/audit/<uuid:audit_log_id>")
@requires(Permission.AUDIT_READ)
def show(audit_log_id: UUID) -> str:
    """Show one entry as a page, or expanded or collapsed as a row of the list."""
    actor = current_actor()
    shown = entry_page(actor, get_detail(actor, audit_log_id))
    row = "trust/audit_log/_closed.html" if request.args.get("closed") else "trust/audit_log/_open.html"
    return render("trust/audit_log/show.html", row, shown=shown, line=shown.line, entry=shown.detail.entry)
