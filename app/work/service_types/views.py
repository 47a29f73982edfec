"""Views under `/service-types`: services that appointments are booked for, and their usual length."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.input_forms import forms_of
from app.lists.list_page import list_page
from app.models import ServiceType
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.security.rows import get_row
from app.tenancy.organization_queries import get_own_organization
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import Form, submitted
from app.web.htmx import redirect
from app.work.service_types import service
from app.work.service_types.resource import SERVICE_TYPE
from app.work.service_types.rules import ServiceTypeInput

service_types = Blueprint("service_types", __name__)
NewServiceTypeForm, ServiceTypeForm = forms_of(SERVICE_TYPE, ServiceTypeInput)


@service_types.get("/service-types")
@requires(Permission.ORGANIZATION_UPDATE)
def index() -> Response:
    return list_page(SERVICE_TYPE, "work/service_types", own=("name",))


@service_types.get("/service-types/new")
@requires(Permission.ORGANIZATION_UPDATE)
def new() -> Response:
    """Show the form for a new service type, with the organization's default length of appointments."""
    minutes = get_own_organization(current_actor()).appointment_minutes
    return _form_page(NewServiceTypeForm.new(minutes=minutes, is_active=True))


@service_types.post("/service-types/new")
@requires(Permission.ORGANIZATION_UPDATE)
def create() -> Response:
    form = NewServiceTypeForm()
    with submitted(form) as sent:
        form.check()
        service.add(current_actor(), form.new_id, form.given)
        flash(_("Service type added."), "good")
        return redirect(url_for(".index"))
    return _form_page(form, status=sent.status)


@service_types.get("/service-types/<uuid:service_type_id>")
@requires(Permission.ORGANIZATION_UPDATE)
def edit(service_type_id: UUID) -> Response:
    row = get_row(current_actor(), ServiceType, service_type_id, named="service_type")
    return _form_page(ServiceTypeForm.of(row), row)


@service_types.post("/service-types/<uuid:service_type_id>")
@requires(Permission.ORGANIZATION_UPDATE)
def update(service_type_id: UUID) -> Response:
    form = ServiceTypeForm()
    with submitted(form) as sent:
        form.check()
        service.edit(current_actor(), service_type_id, form.given, form.opened_with)
        flash(_("Service type saved."), "good")
        return redirect(url_for(".index"))
    return _form_page(form, get_row(current_actor(), ServiceType, service_type_id, named="service_type"), sent.status)


@service_types.post("/service-types/<uuid:service_type_id>/delete")
@requires(Permission.ORGANIZATION_UPDATE)
def delete(service_type_id: UUID) -> Response:
    return delete_from_list("service_type", service_type_id, _("Service type deleted."), "service_types.index")


def _form_page(form: Form, row: ServiceType | None = None, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/service_types/form.html", form=form, row=row), status)
