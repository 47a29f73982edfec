"""The pages of saved views, and the requests that mark a list as seen or choose its columns."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.declarations.registry import registry
from app.declarations.viewed import Viewed
from app.lists import visits_service
from app.lists.saved_views import service
from app.lists.saved_views.forms import ChangeViewForm, SaveViewForm
from app.lists.saved_views.queries import get_view, list_named, list_views, viewed_named
from app.lists.saved_views.resource import SAVED_VIEW
from app.lists.table import table_of
from app.security.actor import Actor, current_actor
from app.security.guard import requires, signed_in
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.redirects import local_path
from app.web.undo import flash_with_undo

saved_views = Blueprint("saved_views", __name__)


@saved_views.get("/saved-views")
@requires(Permission.SAVED_VIEWS_WRITE)
def index() -> str:
    """Show all views that the user can use, by list."""
    actor = current_actor()
    viewed = _viewed(actor)
    views = list_views(actor, list(viewed))
    return render_template(
        "lists/saved_views/index.html",
        views=views,
        table=table_of(SAVED_VIEW, actor, own=("name", "list", "owner")),
        lists=viewed,
        home_of=_address,
    )


@saved_views.post("/saved-views")
@requires(Permission.SAVED_VIEWS_WRITE)
def create() -> Response:
    """Save the current filters under a name."""
    actor, form = current_actor(), SaveViewForm()
    viewed = viewed_named(form.page.data)
    with submitted(form) as sent:
        form.check()
        view = service.save_view(
            actor,
            form.new_id,
            viewed,
            form.name.data or "",
            form.query.data or "",
            is_shared=form.is_shared.data,
        )
        flash(_("The view “%(name)s” was saved.", name=view.name), "good")
        return redirect(_address(viewed, view.query))
    may_share = actor.may(Permission.SAVED_VIEWS_SHARE)
    shown = render_template("lists/saved_views/new.html", form=form, may_share=may_share, back=url_for(viewed.endpoint))
    return make_response(shown, sent.status)


@saved_views.get("/saved-views/<uuid:saved_view_id>/edit")
@requires(Permission.SAVED_VIEWS_WRITE)
def edit(saved_view_id: UUID) -> str:
    """Show the form for a view's name and sharing."""
    actor = current_actor()
    view = get_view(actor, saved_view_id)
    service.check_may_change(actor, view)
    return _edit_page(actor, saved_view_id, ChangeViewForm.of(view))


@saved_views.post("/saved-views/<uuid:saved_view_id>/edit")
@requires(Permission.SAVED_VIEWS_WRITE)
def update(saved_view_id: UUID) -> Response:
    """Rename the view, share it, or stop sharing it."""
    actor, form = current_actor(), ChangeViewForm()
    service.check_may_change(actor, get_view(actor, saved_view_id))  # before the form is validated
    with submitted(form) as sent:
        form.check()
        service.change_view(
            actor, saved_view_id, form.name.data or "", is_shared=form.is_shared.data, version=form.opened_with
        )
        flash(_("View saved."), "good")
        return redirect(url_for(".index"))
    return make_response(_edit_page(actor, saved_view_id, form), sent.status)


@saved_views.post("/saved-views/<uuid:saved_view_id>/delete")
@requires(Permission.SAVED_VIEWS_WRITE)
def delete(saved_view_id: UUID) -> Response:
    """Delete a view; the records it shows are unaffected."""
    view = service.delete_view(current_actor(), saved_view_id)
    undo = url_for(".restore", saved_view_id=view.id)
    flash_with_undo(_("The view “%(name)s” was deleted.", name=view.name), undo)
    return redirect(url_for(".index"))


@saved_views.post("/saved-views/<uuid:saved_view_id>/restore")
@requires(Permission.SAVED_VIEWS_WRITE)
def restore(saved_view_id: UUID) -> Response:
    """Restore a view that was just deleted."""
    view = service.restore_view(current_actor(), saved_view_id)
    flash(_("The view “%(name)s” was restored.", name=view.name), "good")
    return redirect(url_for(".index"))


@saved_views.post("/list-visits")
@signed_in
def mark_seen() -> Response:
    """Mark all rows of a list as seen."""
    listed = list_named(request.form.get("page"))
    visits_service.mark_seen(current_actor(), listed)
    return redirect(local_path(request.form.get("back")) or url_for(listed.endpoint))


@saved_views.post("/list-columns")
@signed_in
def choose_columns() -> Response:
    """Set the columns shown in a list; `all` shows every one."""
    listed = list_named(request.form.get("page"))
    chosen = None if "all" in request.form else request.form.getlist("column")
    service.choose_columns(current_actor(), registry().lists[listed.name], listed, chosen)
    return redirect(local_path(request.form.get("back")) or url_for(listed.endpoint))


def _viewed(actor: Actor) -> dict[str, Viewed]:
    known = registry().viewed.items()
    return {name: one for name, one in known if actor.may(one.permission) and one.keeps_views_of(actor)}


def _address(viewed: Viewed, query: str) -> str:
    home = url_for(viewed.endpoint)
    return f"{home}?{query}" if query else home


def _edit_page(actor: Actor, saved_view_id: UUID, form: ChangeViewForm) -> str:
    return render_template(
        "lists/saved_views/edit.html",
        form=form,
        view=get_view(actor, saved_view_id),
        may_share=actor.may(Permission.SAVED_VIEWS_SHARE),
    )
