"""`/organization`: overview of the actor's organization, and its settings by section."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.models import Organization
from app.organization.settings import profile_queries, profile_service
from app.organization.settings.profile_forms import (
    AppointmentsForm,
    BusinessHoursForm,
    DeadlinesForm,
    ProfileForm,
    SettingsForm,
    SetupForm,
    TimeZoneForm,
    WebhookKeyForm,
)
from app.organization.settings.rules import places
from app.organization.settings.setup_page import setup_of
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import VersionedForm, submitted
from app.web.hours_rules import WEEKDAYS, by_weekday
from app.web.htmx import redirect

settings = Blueprint("settings", __name__)


@settings.get("/organization")
@requires(Permission.ORGANIZATION_READ)
def show() -> str:
    """Show an overview of the organization with its settings and usage."""
    return _overview()


@settings.post("/organization/setup")
@requires(Permission.ORGANIZATION_UPDATE)
def update_setup() -> Response:
    """Hide the setup checklist for the organization, or show it again."""
    form = SetupForm()
    with submitted(form) as sent:
        form.check()
        _change(form)
        flash(_("Checklist hidden.") if form.setup_hidden.data else _("Checklist shown."), "good")
        return redirect(url_for(".show"))
    return make_response(_overview(form), sent.status)


@settings.get("/organization/profile")
@requires(Permission.ORGANIZATION_UPDATE)
def edit_profile() -> str:
    """Show the form for name, country, currency, language, week and billing email."""
    return _page("profile", ProfileForm.of(_own()))


@settings.post("/organization/profile")
@requires(Permission.ORGANIZATION_UPDATE)
def update_profile() -> Response:
    form = ProfileForm()
    return _saved("profile", form, lambda: _change(form))


@settings.get("/organization/time-zone")
@requires(Permission.ORGANIZATION_UPDATE)
def edit_time_zone() -> str:
    """Show the form for the time zone."""
    return _time_zone_page(TimeZoneForm.of(_own()))


@settings.post("/organization/time-zone")
@requires(Permission.ORGANIZATION_UPDATE)
def update_time_zone() -> Response:
    """Save the time zone, in which all days are counted from now on, including past ones."""
    form = TimeZoneForm()
    return _saved("time_zone", form, lambda: _change(form), page=lambda: _time_zone_page(form))


@settings.get("/organization/hours")
@requires(Permission.ORGANIZATION_UPDATE)
def edit_hours() -> str:
    return _page("hours", BusinessHoursForm.of(_own()))


@settings.post("/organization/hours")
@requires(Permission.ORGANIZATION_UPDATE)
def update_hours() -> Response:
    """Save the hours, or show the form with errors or with a line added or removed."""
    form = BusinessHoursForm()
    if form.changed_lines():
        return make_response(_page("hours", form))
    return _saved("hours", form, lambda: _change(form))


@settings.get("/organization/appointments")
@requires(Permission.ORGANIZATION_UPDATE)
def edit_appointments() -> str:
    """Show the form for appointment length and travel time."""
    return _page("appointments", AppointmentsForm.of(_own()))


@settings.post("/organization/appointments")
@requires(Permission.ORGANIZATION_UPDATE)
def update_appointments() -> Response:
    """Save appointment length and travel time, which determine free times from now on."""
    form = AppointmentsForm()
    return _saved("appointments", form, lambda: _change(form))


@settings.get("/organization/deadlines")
@requires(Permission.ORGANIZATION_UPDATE)
def edit_deadlines() -> str:
    """Show the form for the time limits of missed calls, rescues and the trash."""
    return _page("deadlines", DeadlinesForm.of(_own()))


@settings.post("/organization/deadlines")
@requires(Permission.ORGANIZATION_UPDATE)
def update_deadlines() -> Response:
    """Save the time limits; ask for confirmation first if items would be permanently deleted."""
    form = DeadlinesForm()

    def change() -> None:
        try:
            profile_service.change_deadlines(
                current_actor(),
                form.values(),
                version=form.opened_with,
                shorten_trash=form.shorten_trash.data,
                agreed_days=form.agreed,
            )
        except profile_service.DeletionsBecomeDue:
            form.require_confirmation()
            raise

    return _saved("deadlines", form, change)


@settings.get("/organization/webhook-key")
@requires(Permission.ORGANIZATION_UPDATE)
@confirmed
def edit_webhook_key() -> str:
    """Show the consequences of a new webhook key, and ask for confirmation."""
    return _page("webhook_key", WebhookKeyForm(formdata=None, version=_own().version))


@settings.post("/organization/webhook-key")
@requires(Permission.ORGANIZATION_UPDATE)
def update_webhook_key() -> Response:
    """Replace the webhook key, so that the current URLs stop working."""
    form = WebhookKeyForm()
    return _saved(
        "webhook_key",
        form,
        lambda: profile_service.renew_webhook_key(current_actor(), form.slug.data or "", version=form.opened_with),
    )


def _overview(setup_form: SetupForm | None = None) -> str:
    actor = current_actor()
    overview = profile_queries.get_overview(actor)
    return render_template(
        "organization/settings/show.html",
        overview=overview,
        setup=setup_of(actor, overview.organization, setup_form),
        hours=by_weekday(overview.organization.business_hours),
        weekdays=WEEKDAYS,
    )


def _own() -> Organization:
    return get_own_organization(current_actor())


def _change(form: SettingsForm | BusinessHoursForm) -> None:
    profile_service.change_settings(current_actor(), form.values(), version=form.opened_with)


def _saved(
    section: str, form: VersionedForm, change: Callable[[], object], page: Callable[[], str] | None = None
) -> Response:
    """Run `change` and redirect to the overview, or show the form with its errors."""
    with submitted(form) as sent:
        form.check()
        change()
        flash(_("Saved."), "good")
        return redirect(url_for(".show"))
    return make_response(page() if page else _page(section, form), sent.status)


def _page(section: str, form: VersionedForm, **values: Any) -> str:
    return render_template(f"organization/settings/{section}.html", form=form, organization=_own(), **values)


def _time_zone_page(form: TimeZoneForm) -> str:
    return _page("time_zone", form, places=places(), now=datetime.now(UTC))
