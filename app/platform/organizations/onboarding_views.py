"""Pages about a single organization for the platform's admins: setup, deletion and restoration."""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import LazyText
from app.lists.cells import draw
from app.messaging.outbox.link_service import public_address
from app.models import Organization
from app.organization.settings.deletion_forms import DeletionForm
from app.organization.settings.rules import places
from app.platform.organizations import lifecycle_service, onboarding_service
from app.platform.organizations.onboarding_forms import OnboardingForm, StepsForm
from app.platform.organizations.onboarding_service import Step, StepState
from app.platform.organizations.resource import LISTED_ORGANIZATION
from app.platform.organizations.views import organizations
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.identity import switch_to_home
from app.security.permissions import Permission
from app.security.tokens import Token
from app.web.forms import Form, submitted
from app.web.htmx import redirect

_MANAGES = requires(Permission.ORGANIZATIONS_MANAGE)


@organizations.get("/organizations/new")
@_MANAGES
@confirmed
def new() -> Response:
    """Show the form that sets up an organization."""
    return _asking(OnboardingForm.new())


@organizations.post("/organizations/new")
@_MANAGES
def create() -> Response:
    """Set up the organization, and show its progress."""
    staff, form = switch_to_home(current_actor()), OnboardingForm()
    with submitted(form) as sent:
        form.check()
        done = onboarding_service.onboard(staff, form.new_id, form.order)
        return _shown(form.new_id, link=done.link, refusal=done.refusal)
    return _asking(form, sent.status)


@organizations.get("/organizations/<uuid:organization_id>")
@_MANAGES
def show(organization_id: UUID) -> Response:
    """Show an organization: the progress of its setup, and the possible actions."""
    return _shown(organization_id)


@organizations.post("/organizations/<uuid:organization_id>/onboarding")
@_MANAGES
def resume(organization_id: UUID) -> Response:
    """Run the remaining setup steps of an organization."""
    staff, form = switch_to_home(current_actor()), StepsForm()
    form.check()
    done = onboarding_service.resume(staff, organization_id, form.number.data or "")
    if done.refusal is not None:
        return _shown(organization_id, refusal=done.refusal)
    flash(_("Setup finished."), "good")
    return redirect(url_for(".show", organization_id=organization_id))


@organizations.post("/organizations/<uuid:organization_id>/owner-link")
@_MANAGES
def renew_owner_link(organization_id: UUID) -> Response:
    """Create a new link for an owner who has not set a password yet."""
    link = onboarding_service.renew_owner_link(switch_to_home(current_actor()), organization_id)
    return _shown(organization_id, link=link)


@organizations.get("/organizations/<uuid:organization_id>/delete")
@_MANAGES
@confirmed
def confirm_delete(organization_id: UUID) -> Response:
    """Show the confirmation of the deletion, which requires the URL name and a reason."""
    return _confirming("platform/organizations/delete.html", organization_id, DeletionForm(formdata=None))


@organizations.post("/organizations/<uuid:organization_id>/delete")
@_MANAGES
def delete(organization_id: UUID) -> Response:
    """Move the organization to the trash."""

    def work(slug: str, reason: str) -> str:
        batch = lifecycle_service.delete(switch_to_home(current_actor()), organization_id, slug=slug, reason=reason)
        return str(_("%(organization)s was moved to the trash.", organization=batch.root_label))

    return _confirmed("platform/organizations/delete.html", organization_id, work)


@organizations.get("/organizations/<uuid:organization_id>/purge")
@_MANAGES
@confirmed
def confirm_purge(organization_id: UUID) -> Response:
    """Show the confirmation of the permanent removal, which requires the URL name and a reason."""
    return _confirming("platform/organizations/purge.html", organization_id, DeletionForm(formdata=None))


@organizations.post("/organizations/<uuid:organization_id>/purge")
@_MANAGES
def purge(organization_id: UUID) -> Response:
    """Remove the organization permanently, in a job."""

    def work(slug: str, reason: str) -> str:
        lifecycle_service.request_purge(switch_to_home(current_actor()), organization_id, slug=slug, reason=reason)
        return str(_("The organization is being permanently deleted."))

    return _confirmed("platform/organizations/purge.html", organization_id, work)


def _asking(form: OnboardingForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("platform/organizations/new.html", form=form, timezones=places()), status)


def _shown(organization_id: UUID, *, link: Token | None = None, refusal: LazyText | None = None) -> Response:
    overview = lifecycle_service.get_overview(switch_to_home(current_actor()), organization_id)
    page = render_template(
        "platform/organizations/show.html",
        overview=overview,
        organization=overview.organization,
        labels=LISTED_ORGANIZATION.labels,
        status=draw(LISTED_ORGANIZATION, "status", overview.organization.status),
        form=StepsForm(formdata=None),
        link=public_address("sign_in.edit_password", token=link.text) if link else None,
        refusal=refusal,
        Step=Step,
        StepState=StepState,
    )
    # If one step is refused, the others are still done, so the response is not an error.
    return make_response(page)


def _confirming(template: str, organization_id: UUID, form: Form, status: int = HTTPStatus.OK) -> Response:
    organization: Organization = lifecycle_service.get_overview(
        switch_to_home(current_actor()), organization_id
    ).organization
    return make_response(render_template(template, form=form, organization=organization), status)


def _confirmed(template: str, organization_id: UUID, work: Callable[[str, str], str]) -> Response:
    form = DeletionForm()
    with submitted(form) as sent:
        form.check()
        flash(work(form.slug.data or "", form.reason.data or ""), "good")
        return redirect(url_for(".index"))
    return _confirming(template, organization_id, form, sent.status)
