"""`/service-types`: what visits are booked for, and how long each takes."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.input_forms import EditForm, NewForm, forms_of
from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import ServiceType
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.security.rows import get_row
from app.tenancy.organization_queries import get_own_organization
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.work.service_types import queries, service
from app.work.service_types.filters import ServiceTypeFilters
from app.work.service_types.resource import SERVICE_TYPE, SERVICE_TYPE_LIST
from app.work.service_types.service import ServiceTypeInput

service_types = Blueprint("service_types", __name__)
NewServiceTypeForm, ServiceTypeForm = forms_of(SERVICE_TYPE, ServiceTypeInput)


@service_types.get("/service-types")
@requires(Permission.ORGANIZATION_UPDATE)
def index() -> Response:
    """The types, by name."""
    actor, filters = current_actor(), ServiceTypeFilters.parse(given_parameters())
    words = chip_words(SERVICE_TYPE, SERVICE_TYPE_LIST)
    listing = show_list(queries.service_type_list(actor, filters), "service_types.index", words)
    return render_list(
        "work/service_types/index.html",
        "work/service_types/_list.html",
        listing,
        tools=list_tools(actor, SERVICE_TYPE, SERVICE_TYPE_LIST, listing, own=("name",)),
    )


@service_types.get("/service-types/new")
@requires(Permission.ORGANIZATION_UPDATE)
def new() -> Response:
    """Ask for a name and the minutes, with those that appointments take otherwise."""
    minutes = get_own_organization(current_actor()).appointment_minutes
    return _new_page(NewServiceTypeForm.new(minutes=minutes, is_active=True))


@service_types.post("/service-types/new")
@requires(Permission.ORGANIZATION_UPDATE)
def create() -> Response:
    """Add it, or show the form with what is wrong."""
    form = NewServiceTypeForm()
    with submitted(form) as sent:
        form.check()
        service.add(current_actor(), form.new_id, form.given)
        flash(_("Service type added."), "good")
        return redirect(url_for(".index"))
    return _new_page(form, sent.status)


@service_types.get("/service-types/<uuid:service_type_id>")
@requires(Permission.ORGANIZATION_UPDATE)
def edit(service_type_id: UUID) -> Response:
    """The form of a type."""
    return _edit_page(service_type_id)


@service_types.post("/service-types/<uuid:service_type_id>")
@requires(Permission.ORGANIZATION_UPDATE)
def update(service_type_id: UUID) -> Response:
    """Save what was changed."""
    form = ServiceTypeForm()
    with submitted(form) as sent:
        form.check()
        service.edit(current_actor(), service_type_id, form.given, form.opened_with)
        flash(_("Service type saved."), "good")
        return redirect(url_for(".index"))
    return _edit_page(service_type_id, form, sent.status)


@service_types.post("/service-types/<uuid:service_type_id>/delete")
@requires(Permission.ORGANIZATION_UPDATE)
def delete(service_type_id: UUID) -> Response:
    """Put a type into the trash."""
    return delete_from_list("service_type", service_type_id, _("Service type deleted."), "service_types.index")


def _new_page(form: NewForm[ServiceTypeInput], status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/service_types/new.html", form=form), status)


def _edit_page(
    service_type_id: UUID, form: EditForm[ServiceTypeInput] | None = None, status: int = HTTPStatus.OK
) -> Response:
    row = get_row(current_actor(), ServiceType, service_type_id, named="service_type")
    page = render_template("work/service_types/edit.html", form=form or ServiceTypeForm.of(row), row=row)
    return make_response(page, status)
