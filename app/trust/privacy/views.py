"""`/privacy`: finding a person, exporting and erasing their data; `/organization/export`: exporting all data."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.characters import clean_text
from app.data.exports.export_limits import EXPORTING
from app.data.exports.queries import file_name_of, file_type_of
from app.lists.cells import draw
from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import ErasureStatus
from app.security.actor import current_actor
from app.security.confirmation import confirmed, unasked
from app.security.guard import requires
from app.security.permissions import Permission
from app.storage import storage
from app.tenancy.organization_queries import find_hold_reason, get_own_organization
from app.trust.privacy import queries, service
from app.trust.privacy.filters import ErasureFilters
from app.trust.privacy.find_service import find_people
from app.trust.privacy.forms import AskForFileForm, CardForm, EraseForm, MonthlyExportForm, OrganizationFileForm
from app.trust.privacy.inventory import labeled_counts
from app.trust.privacy.monthly_export_service import turn_monthly_export
from app.trust.privacy.newest_export_service import find_newest_export, take_newest_export
from app.trust.privacy.resource import ERASURE, ERASURE_LIST
from app.trust.privacy.rules import CONFIRMATION
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.labels import options
from app.web.rate_limits import limited

privacy = Blueprint("privacy", __name__)

_MAX_CLUE_LENGTH = 254


@privacy.get("/privacy")
@requires(Permission.CONTACTS_ERASE)
def index() -> str:
    text = clean_text(request.args.get("q", ""))[:_MAX_CLUE_LENGTH]
    found = find_people(current_actor(), text) if text else None
    card = CardForm.new(clue=found.value) if found and found.uncarded and not found.cards else None
    return render_template("trust/privacy/index.html", text=text, found=found, card=card)


@privacy.post("/privacy/cards")
@requires(Permission.CONTACTS_ERASE)
@unasked("it creates a contact")
def make_card() -> Response:
    """Create a contact for a number or an address that has none, and redirect to the person's page."""
    form = CardForm()
    form.check()
    contact_id = service.make_card(current_actor(), form.new_id, form.clue.data or "")
    return redirect(url_for(".show", contact_id=contact_id))


@privacy.get("/privacy/<uuid:contact_id>")
@requires(Permission.CONTACTS_ERASE)
def show(contact_id: UUID) -> str:
    """Show what is stored about a person, and the available actions."""
    return _person(contact_id, EraseForm.new())


@privacy.post("/privacy/<uuid:contact_id>/export")
@requires(Permission.CONTACTS_ERASE, Permission.EXPORTS_CREATE)
@limited(EXPORTING)
def export(contact_id: UUID) -> Response:
    """Request a file with all data about the person."""
    actor, form = current_actor(), AskForFileForm()
    card = queries.get_person(actor, contact_id)
    form.check()
    service.request_person_export(actor, form.new_id, card)
    return _waits()


@privacy.post("/privacy/<uuid:contact_id>/erase")
@requires(Permission.CONTACTS_ERASE)
def erase(contact_id: UUID) -> Response:
    """Request the erasure of the person."""
    actor, form = current_actor(), EraseForm()
    with submitted(form) as sent:
        form.check()
        typed, reason = form.confirmation.data or "", form.reason.data or ""
        row = service.request_erasure(actor, form.new_id, contact_id, confirmation=typed, reason=reason)
        return redirect(url_for(".erasure", erasure_id=row.id))
    return make_response(_person(contact_id, form), sent.status)


@privacy.get("/privacy/erasures")
@requires(Permission.CONTACTS_ERASE)
def erasures() -> Response:
    """Show the list of erasures: who requested each one, when and why, but not the erased person."""
    actor, filters = current_actor(), ErasureFilters.parse(given_parameters())
    listing = show_list(queries.erasure_list(actor, filters), "privacy.erasures", chip_words(ERASURE, ERASURE_LIST))
    return render_list(
        "trust/privacy/erasures.html",
        "trust/privacy/_erasures.html",
        listing,
        tools=list_tools(actor, ERASURE, ERASURE_LIST, listing, own=("created_at",)),
        statuses=options(ErasureStatus),
    )


@privacy.get("/privacy/erasures/<uuid:erasure_id>")
@requires(Permission.CONTACTS_ERASE)
def erasure(erasure_id: UUID) -> str:
    """Show the progress or the result of an erasure; the page polls while it is running."""
    row = queries.get_erasure(current_actor(), erasure_id)
    return render(
        "trust/privacy/erasure.html",
        "trust/privacy/_erasure.html",
        row=row,
        labels=ERASURE.labels,
        state=draw(ERASURE, "status", row.status),
        counts=labeled_counts(row.counts),
        is_running=row.status in queries.UNFINISHED,
    )


@privacy.get("/organization/export")
@requires(Permission.ORGANIZATION_EXPORT)
@confirmed
def new_organization_export() -> str:
    """Show the newest file, the form that requests all data of the organization, and the one for every month."""
    return _organization()


@privacy.post("/organization/export")
@requires(Permission.ORGANIZATION_EXPORT, Permission.EXPORTS_CREATE)
@limited(EXPORTING)
def create_organization_export() -> Response:
    form = OrganizationFileForm()
    with submitted(form) as sent:
        form.check()
        service.request_organization_export(current_actor(), form.new_id, with_audio=form.audio.data)
        return _waits()
    return make_response(_organization(form), sent.status)


@privacy.post("/organization/export/monthly")
@requires(Permission.ORGANIZATION_EXPORT)
def update_monthly_export() -> Response:
    """Turn the monthly export on or off."""
    form = MonthlyExportForm()
    with submitted(form) as sent:
        form.check()
        turn_monthly_export(current_actor(), is_on=form.monthly_export.data, version=form.opened_with)
        flash(_("Saved."), "good")
        return redirect(url_for(".new_organization_export"))
    return make_response(_organization(monthly=form), sent.status)


@privacy.get("/organization/export/file")
@requires(Permission.ORGANIZATION_EXPORT)
def organization_file() -> Response:
    """Send the newest export of all data, whoever requested it."""
    row = take_newest_export(current_actor())
    return storage().send(row.file_path or "", mimetype=file_type_of(row), download_name=file_name_of(row))


def _organization(form: OrganizationFileForm | None = None, monthly: MonthlyExportForm | None = None) -> str:
    actor = current_actor()
    return render_template(
        "trust/privacy/organization.html",
        form=form or OrganizationFileForm.new(),
        monthly=monthly or MonthlyExportForm.of(get_own_organization(actor)),
        newest=find_newest_export(actor),
    )


def _waits() -> Response:
    flash(_("Preparing the file. You can leave this page; the file stays here for 7 days."), "good")
    return redirect(url_for("exports.index"))


def _person(contact_id: UUID, form: EraseForm) -> str:
    actor = current_actor()
    card = queries.get_person(actor, contact_id)
    return render_template(
        "trust/privacy/show.html",
        card=card,
        traces=(traces := queries.matches_of(actor, card)),
        preview=queries.preview(traces),
        erasure=queries.find_erasure_of(actor, contact_id),
        held=find_hold_reason(actor),
        form=form,
        file_form=AskForFileForm.new(),
        word=CONFIRMATION,
    )
