"""`/organization/assistant`: settings of the assistant that answers calls."""

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.models import AiConfig
from app.organization.assistant.forms import AssistantForm
from app.organization.assistant.queries import find_assistant
from app.organization.assistant.rules import MAX_GREETING_LENGTH
from app.organization.assistant.service import save_assistant
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import submitted
from app.web.hours_rules import WEEKDAYS, by_weekday
from app.web.htmx import redirect

assistant = Blueprint("assistant", __name__)


@assistant.get("/organization/assistant")
@requires(Permission.ORGANIZATION_READ)
def edit() -> str:
    """Show the form, or a read-only page for people who can't change the settings."""
    actor = current_actor()
    found = find_assistant(actor)
    if actor.may(Permission.AI_CONFIG_UPDATE):
        language = found.language if found else get_own_organization(actor).language
        return _page(AssistantForm.of(found, language), found)
    hours = by_weekday(found.business_hours if found else {})
    return render_template("organization/assistant/read.html", assistant=found, hours=hours, weekdays=WEEKDAYS)


@assistant.post("/organization/assistant")
@requires(Permission.AI_CONFIG_UPDATE)
def update() -> Response:
    """Save the settings, or show the form with errors or with a line of hours added or removed."""
    form = AssistantForm()
    if form.changed_lines():
        return make_response(_page(form, find_assistant(current_actor())))
    with submitted(form) as sent:
        form.check()
        save_assistant(current_actor(), form.values(), version=form.opened_with)
        flash(_("Assistant saved."), "good")
        return redirect(url_for(".edit"))
    return make_response(_page(form, find_assistant(current_actor())), sent.status)


def _page(form: AssistantForm, found: AiConfig | None) -> str:
    return render_template(
        "organization/assistant/edit.html", form=form, assistant=found, longest_greeting=MAX_GREETING_LENGTH
    )
