"""`/account`: a person's own sessions and preferences.

Theme and language also work for anonymous visitors, by cookie.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from app.declarations.first_page import start_pages
from app.errors import FieldError, ValidationFailed
from app.lists.table import table_of
from app.models import Density
from app.people.sessions.resource import SESSION
from app.people.sign_in import service
from app.people.sign_in.forms import SYSTEM, ChangePasswordForm, LanguageForm, PreferencesForm, ThemeForm
from app.people.sign_in.queries import find_start_page, list_own_sessions
from app.people.sign_in.views import sign_in
from app.people.users.resource import USER
from app.security.actor import Actor, current_actor
from app.security.devices import session_name
from app.security.guard import public, signed_in
from app.security.identity import find_actor_or_none, switch_to_home
from app.security.session_rules import EndReason
from app.web.appearance import keep_in_browser
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.redirects import local_path


@sign_in.get("/account")
@signed_in
def show() -> str:
    """Show the account page: profile, sessions and preferences."""
    actor = switch_to_home(current_actor())
    return account_page(actor, preferences_of(actor))


@sign_in.post("/account/preferences")
@signed_in
def update_preferences() -> Response:
    """Save language, theme, density, shortcuts and start page."""
    actor = switch_to_home(current_actor())
    form = PreferencesForm().offer(start_pages(actor))
    with submitted(form) as sent:
        form.check()
        looks = form.looks()
        service.save_preferences(actor, **looks)
        with force_locale(looks["language"]):
            flash(_("Settings saved."), "good")
        in_browser = {name: looks[name] for name in ("language", "theme", "density")}
        return keep_in_browser(redirect(url_for(".show")), **in_browser)
    return make_response(account_page(actor, form), sent.status)


@sign_in.post("/account/theme")
@public
def update_theme() -> Response:
    """Save the theme in this browser, and for the signed-in person if there is one."""
    form = ThemeForm()
    if not form.validate():
        raise ValidationFailed([FieldError("theme", _("Choose one of the options."))])
    theme = None if form.theme.data == SYSTEM else form.theme.data
    return _save_appearance(form.next.data, theme=theme)


@sign_in.post("/account/language")
@public
def update_language() -> Response:
    """Save the language in this browser, and for the signed-in person if there is one."""
    form = LanguageForm()
    if not form.validate():
        raise ValidationFailed([FieldError("language", _("Choose one of the options."))])
    return _save_appearance(form.next.data, language=form.language.data)


@sign_in.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    """End one of the person's own sessions, usually one in another browser."""
    service.end_session(switch_to_home(current_actor()), session_id, EndReason.ENDED_BY_SELF)
    flash(_("Session ended."), "good")
    return redirect(url_for(".show"))


@sign_in.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    """End all of the person's own sessions except this one."""
    ended = service.end_other_sessions(switch_to_home(current_actor()))
    flash(ngettext("Signed out of %(num)s other session.", "Signed out of %(num)s other sessions.", ended), "good")
    return redirect(url_for(".show"))


@sign_in.post("/account/reset-browser")
@signed_in
def reset_browser() -> Response:
    """Clear what the browser stores for this site, except cookies, which hold the session."""
    flash(_("All Switchboard data in this browser was cleared, except your session."), "good")
    response = redirect(url_for(".show"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def account_page(actor: Actor, preferences: PreferencesForm, password: ChangePasswordForm | None = None) -> str:
    """Render the account page; `preferences` or `password` can be a form that was rejected."""
    sessions = list_own_sessions(actor, datetime.now(UTC))
    return render_template(
        "people/sign_in/show.html",
        actor=actor,
        labels=USER.labels,
        preferences=preferences,
        password=password or ChangePasswordForm(formdata=None),
        sessions=sessions,
        session_name=session_name,
        table=table_of(SESSION, actor, own=("device", "address")),
    )


def preferences_of(actor: Actor) -> PreferencesForm:
    """Return the form with this person's current preferences."""
    return PreferencesForm(
        formdata=None,
        language=actor.language,
        theme=actor.theme or SYSTEM,
        density=actor.density or Density.COMPACT,
        shortcuts_enabled=actor.shortcuts_enabled,
        start_page=find_start_page(actor) or "",
    ).offer(start_pages(actor))


def _save_appearance(next_page: str | None, **look: str | None) -> Response:
    actor = find_actor_or_none()
    if actor is not None:
        service.save_preferences(switch_to_home(actor), **look)
    back = local_path(next_page) or local_path(request.referrer) or url_for("dashboards.home")
    return keep_in_browser(redirect(back), **look)
