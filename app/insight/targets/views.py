"""The pages below `/targets`: targets by month and person."""

from datetime import UTC, date, datetime
from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.insight.targets import queries, service
from app.insight.targets.forms import NewTargetForm, TargetForm
from app.insight.targets.page import month_text, people_for, title_of, value_text
from app.insight.targets.resource import TARGET, metric_label
from app.lists.filter_page import applied_filters
from app.lists.list_page import list_page
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect

targets = Blueprint("targets", __name__)

#: Names of form fields that the service calls differently.
_NAMES = {"user_id": "person"}


@targets.get("/targets")
@requires(Permission.TARGETS_WRITE)
def index() -> Response:
    """Show the targets, those of the newest month first."""
    words = {"month": lambda value: month_text(date.fromisoformat(f"{value}-01"))}
    asked = applied_filters(TARGET, words=words)
    return list_page(TARGET, "insight/targets", own=("metric", "person", "month", "value"), asked=asked)


@targets.get("/targets/new")
@requires(Permission.TARGETS_WRITE)
def new() -> Response:
    """Show the form for a new target, for the current month by default."""
    today = datetime.now(UTC).astimezone(ZoneInfo(current_actor().timezone)).date()
    return _new_page(NewTargetForm.new(month=today.replace(day=1)))


@targets.post("/targets/new")
@requires(Permission.TARGETS_WRITE)
def create() -> Response:
    """Save the target, or show the form with errors."""
    form = NewTargetForm()
    form.offer(people_for(current_actor()))
    with submitted(form, _NAMES) as sent:
        form.check()
        service.add(current_actor(), form.new_id, **form.values)
        flash(_("Target added."), "good")
        return redirect(url_for(".index"))
    return _new_page(form, sent.status)


@targets.get("/targets/<uuid:target_id>")
@requires(Permission.TARGETS_WRITE)
def edit(target_id: UUID) -> Response:
    """Show the form of a target."""
    return _edit_page(target_id)


@targets.post("/targets/<uuid:target_id>")
@requires(Permission.TARGETS_WRITE)
def update(target_id: UUID) -> Response:
    """Save the changes to a target."""
    form = TargetForm()
    form.offer(people_for(current_actor(), queries.get_line(current_actor(), target_id)))
    with submitted(form, _NAMES) as sent:
        form.check()
        service.edit(current_actor(), target_id, version=form.opened_with, **form.values)
        flash(_("Target saved."), "good")
        return redirect(url_for(".index"))
    return _edit_page(target_id, form, sent.status)


@targets.post("/targets/<uuid:target_id>/delete")
@requires(Permission.TARGETS_WRITE)
def delete(target_id: UUID) -> Response:
    """Move a target to the trash."""
    return delete_from_list("target", target_id, _("Target deleted."), "targets.index")


# Filters for the rows of the list.
targets.add_app_template_filter(metric_label, "targeted_metric")
targets.add_app_template_filter(month_text, "month")
targets.add_app_template_global(value_text, "target_text")


def _new_page(form: NewTargetForm, status: int = HTTPStatus.OK) -> Response:
    form.offer(people_for(current_actor()))
    return make_response(render_template("insight/targets/form.html", form=form), status)


def _edit_page(target_id: UUID, form: TargetForm | None = None, status: int = HTTPStatus.OK) -> Response:
    row = queries.get_line(current_actor(), target_id)
    form = form or TargetForm.of(row)
    form.offer(people_for(current_actor(), row))
    return make_response(render_template("insight/targets/form.html", form=form, row=row, title=title_of(row)), status)
