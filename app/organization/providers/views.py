"""`/organization/integrations`: an organization's own accounts with providers.

Each provider has its own route instead of a URL parameter, because URL parameters identify rows.
"""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.lists.table import table_of
from app.models import Provider
from app.organization.providers import queries, service
from app.organization.providers.forms import AccountForm, PreviousSecretsForm, RemoveForm, form_of
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.resource import INTEGRATION
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import submitted
from app.web.htmx import redirect

providers = Blueprint("providers", __name__)


@providers.get("/organization/integrations")
@requires(Permission.WEBHOOKS_MANAGE)
def index() -> str:
    """Show every provider with the account in use."""
    actor = current_actor()
    return render_template(
        "organization/providers/index.html",
        catalogue=CATALOGUE,
        accounts=queries.list_accounts(actor),
        table=table_of(INTEGRATION, actor, own=("provider", "enabled", "account_id", "secrets")),
        page_of=_address,
    )


@providers.post("/organization/integrations/<uuid:integration_id>/remove")
@requires(Permission.WEBHOOKS_MANAGE)
def remove(integration_id: UUID) -> Response:
    actor, form = current_actor(), RemoveForm()
    queries.lock_integration(actor, integration_id)  # an account out of scope is not found, even if the form is invalid
    form.check()
    provider = service.remove_account(actor, integration_id, version=form.opened_with)
    flash(_("The %(provider)s account was removed.", provider=CATALOGUE[provider].label), "good")
    return redirect(url_for(".index"))


@providers.post("/organization/integrations/<uuid:integration_id>/end-previous-secrets")
@requires(Permission.WEBHOOKS_MANAGE)
def end_previous_secrets(integration_id: UUID) -> Response:
    actor, form = current_actor(), PreviousSecretsForm()
    queries.lock_integration(actor, integration_id)  # as in `remove`
    form.check()
    row = service.end_previous_secrets(actor, integration_id, version=form.opened_with)
    flash(_("Previous secrets are no longer accepted."), "good")
    return redirect(_address(Provider(row.provider)))


def _edit(provider: Provider) -> str:
    account, form = queries.find_account(current_actor(), provider), form_of(provider)
    is_usable = queries.find_reason_to_stay_off(provider) is None
    return _page(provider, form.of(account.row) if account else form.new(enabled=is_usable))


def _save(provider: Provider) -> Response:
    form = form_of(provider)()
    with submitted(form) as sent:
        form.check()
        service.save_account(
            current_actor(),
            provider,
            form.details(provider),
            secrets=form.secrets(provider),
            version=form.opened_with,
        )
        flash(_("The %(provider)s account was saved.", provider=CATALOGUE[provider].label), "good")
        return redirect(url_for(".index"))
    return make_response(_page(provider, form), sent.status)


def _page(provider: Provider, form: AccountForm) -> str:
    actor = current_actor()
    return render_template(
        "organization/providers/edit.html",
        form=form,
        remove_form=RemoveForm(formdata=None),
        fields=CATALOGUE[provider],
        extra_fields=form.extra_fields(provider),
        secret_fields=form.secret_fields(provider),
        reason_to_stay_off=queries.find_reason_to_stay_off(provider),
        account=queries.find_account(actor, provider),
        addresses=queries.webhook_addresses(provider, get_own_organization(actor).webhook_key),
        save=_address(provider),
    )


def _address(provider: Provider) -> str:
    return url_for(f"providers.edit_{provider}")


def _add_pages(provider: Provider) -> None:
    address = f"/organization/integrations/{provider}"

    @providers.get(address, endpoint=f"edit_{provider}")
    @requires(Permission.WEBHOOKS_MANAGE)
    @confirmed
    def edit() -> str:
        return _edit(provider)

    @providers.post(address, endpoint=f"update_{provider}")
    @requires(Permission.WEBHOOKS_MANAGE)
    def save() -> Response:
        return _save(provider)


for _provider in Provider:
    _add_pages(_provider)
