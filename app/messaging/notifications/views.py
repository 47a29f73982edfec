"""The pages below `/notifications`: the user's notifications and their choices."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.lists.listing import given_parameters
from app.messaging.notifications import queries, service
from app.messaging.notifications.filters import NotificationFilters
from app.messaging.notifications.forms import WAYS, ChoicesForm, OneChoiceForm, TakeBackForm
from app.messaging.notifications.page import notifications_page
from app.security.actor import Actor, current_actor
from app.security.guard import signed_in
from app.web.forms import submitted
from app.web.htmx import redirect as leave_for
from app.web.htmx import render_at
from app.web.undo import back_to_the_page, flash_result

notifications = Blueprint("notifications", __name__)


@notifications.get("/notifications")
@signed_in
def index() -> Response:
    """Show notifications, newest first, filtered by kind and unread state."""
    return _index(current_actor(), NotificationFilters.parse(given_parameters()))


@notifications.get("/notifications/newest")
@signed_in
def newest() -> str:
    """Show the newest notifications in the menu below the bell."""
    actor = current_actor()
    told = queries.list_newest(actor)
    drawn = render_template("messaging/notifications/_newest.html", items=told.items)
    service.hide(actor, told.hidden)
    return drawn


@notifications.get("/notifications/<uuid:notification_id>")
@signed_in
def show(notification_id: UUID) -> Response:
    """Mark a notification as read and redirect to its link."""
    return make_response(redirect(service.open_notification(current_actor(), notification_id)))


@notifications.post("/notifications/<uuid:notification_id>/read")
@signed_in
def mark_read(notification_id: UUID) -> Response:
    """Mark a notification as read, with Undo."""
    read = service.mark_read(current_actor(), notification_id)
    return _read_response(_("Marked as read."), read)


@notifications.post("/notifications/<uuid:notification_id>/unread")
@signed_in
def mark_unread(notification_id: UUID) -> Response:
    """Mark a notification as unread."""
    service.mark_unread(current_actor(), notification_id)
    flash(_("Marked as unread."), "good")
    return back_to_the_page(".index")


@notifications.post("/notifications/read")
@signed_in
def mark_all_read() -> Response:
    """Mark all notifications as read, with Undo."""
    read = service.mark_all_read(current_actor())
    return _read_response(
        ngettext("%(num)s notification marked as read.", "%(num)s notifications marked as read.", read.number), read
    )


@notifications.post("/notifications/take-back")
@signed_in
def take_back() -> Response:
    """Mark as unread the notifications that were read at the submitted time."""
    form = TakeBackForm(request.args)
    form.check()
    number = service.take_back(current_actor(), form.moment)
    flash(ngettext("%(num)s notification marked as unread.", "%(num)s notifications marked as unread.", number), "good")
    return back_to_the_page(".index")


@notifications.post("/notifications/choices")
@signed_in
def choose() -> Response:
    """Save the choices, or show the form with errors; `changed` names a single checkbox to save."""
    actor = current_actor()
    if "changed" in request.form:
        return make_response(_choose_one(actor))
    form = ChoicesForm().of(queries.list_offered(actor))
    with submitted(form) as sent:
        form.check()
        service.choose(actor, form.ways.data or (), version=form.opened_with)
        flash(_("Notification settings saved."), "good")
        return leave_for(url_for(".index", _anchor="kinds"))
    return _index(actor, NotificationFilters(), form, sent.status)


def _choose_one(actor: Actor) -> str:
    form = OneChoiceForm().of(queries.list_offered(actor))
    form.check()
    service.choose_one(actor, form.changed.data, is_wanted=form.is_wanted)
    return render_template("messaging/notifications/_choices_said.html", said=_("Notification settings saved."))


def _index(actor: Actor, filters: NotificationFilters, form: ChoicesForm | None = None, status: int = 200) -> Response:
    cursor = request.args.get("cursor") if form is None else None
    told = queries.list_notifications(actor, filters, cursor)
    shown = notifications_page(actor, filters, told, datetime.now(UTC), form)
    response = render_at(
        shown.here,
        "messaging/notifications/index.html",
        "messaging/notifications/_list.html",
        shown=shown,
        ways=WAYS,
    )
    response.status_code = status
    service.hide(actor, told.hidden)
    return response


def _read_response(sentence: str, read: service.Read) -> Response:
    undo = url_for(".take_back", at=read.at.isoformat()) if read.number else None
    flash_result(sentence, undo)
    return back_to_the_page(".index")
