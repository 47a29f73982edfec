"""`/organization/security`: requirements for signing in, watches, and an overview of sign-ins and access."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.organization.security import queries, rules
from app.organization.security.forms import SecurityForm, WatchesForm
from app.organization.security.reminder_service import remind as send_reminder
from app.organization.security.watch_service import change_watches
from app.organization.settings.profile_service import change_settings
from app.people.roles.words import permission_label
from app.security.actor import current_actor
from app.security.devices import device_of
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import submitted
from app.web.htmx import redirect

security = Blueprint("security", __name__)


@security.get("/organization/security")
@requires(Permission.ORGANIZATION_UPDATE)
def edit() -> str:
    """Show the requirements for signing in, the watches, and who signs in and has access."""
    return _page()


@security.post("/organization/security")
@requires(Permission.ORGANIZATION_UPDATE)
def update() -> Response:
    """Save whether two-factor authentication is required."""
    form = SecurityForm()
    with submitted(form) as sent:
        form.check()
        change_settings(current_actor(), form.values(), version=form.opened_with)
        flash(_("Saved."), "good")
        return redirect(url_for(".edit"))
    return make_response(_page(form=form), sent.status)


@security.post("/organization/security/watches")
@requires(Permission.ORGANIZATION_UPDATE)
def update_watches() -> Response:
    """Save which watches alert owners and admins."""
    watches = WatchesForm()
    with submitted(watches) as sent:
        watches.check()
        change_watches(current_actor(), watches.wanted, version=watches.opened_with)
        flash(_("Saved."), "good")
        return redirect(url_for(".edit"))
    return make_response(_page(watches=watches), sent.status)


@security.post("/organization/security/reminders/<uuid:user_id>")
@requires(Permission.ORGANIZATION_UPDATE, Permission.USERS_UPDATE)
def remind(user_id: UUID) -> Response:
    """Remind a person to set up two-factor authentication."""
    user = send_reminder(current_actor(), user_id)
    flash(_("%(name)s was reminded by email.", name=user.name), "good")
    return redirect(url_for(".edit", _anchor="without-second-factor"))


def _page(form: SecurityForm | None = None, watches: WatchesForm | None = None) -> str:
    actor, now = current_actor(), datetime.now(UTC)
    organization = get_own_organization(actor)
    return render_template(
        "organization/security/edit.html",
        form=form or SecurityForm.of(organization),
        watches=watches or WatchesForm.of(organization),
        organization=organization,
        asked=queries.list_people_without_second_factor(actor),
        has_second_factor=queries.has_second_factor(actor),
        overview=queries.find_overview(actor, now),
        can_be_reminded=lambda reminded_at: rules.can_be_reminded(reminded_at, now),
        device_of=device_of,
        label_of=permission_label,
        rules=rules,
        sensitive=[permission_label(one) for one in Permission if one in rules.SENSITIVE],
    )
