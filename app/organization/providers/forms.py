"""Forms for accounts with providers.

Submitted secrets are never sent back, not even with validation errors.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, PasswordField, RadioField, StringField
from wtforms.validators import AnyOf, DataRequired

from app.errors import LazyText
from app.models import Integration, Provider, WebhookAuthentication
from app.organization.providers.provider_rules import CATALOGUE, MAX_ID_LENGTH, AccountDetails
from app.organization.providers.resource import INTEGRATION
from app.organization.providers.service import NOT_THERE
from app.web.forms import VersionedForm, version_field
from app.web.labels import options
from app.web.validators import at_most

_AS_TYPED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


def _account_field(label: LazyText) -> StringField:
    return StringField(label, [DataRequired(_l("Enter this ID.")), at_most(MAX_ID_LENGTH)], render_kw=_AS_TYPED)


#: Fields of the details that only some providers' accounts have.
_EXTRAS: Mapping[str, Field] = {
    "company_id": StringField(
        INTEGRATION.labels["company_id"],
        [at_most(MAX_ID_LENGTH)],
        description=_l("Events of other companies are ignored. Leave empty to accept those of all companies."),
        render_kw=_AS_TYPED,
    ),
    "webhook_authentication": RadioField(
        INTEGRATION.labels["webhook_authentication"],
        [AnyOf(list(WebhookAuthentication), _l("Choose one of the options."))],
        choices=lambda: options(WebhookAuthentication),
        validate_choice=False,
        default=WebhookAuthentication.SIGNATURE,
    ),
}


class AccountForm(VersionedForm):
    """Form with the fields that all accounts have.

    `form_of` adds the account id with its label, the secrets, and what only the provider's accounts have.
    """

    version = version_field()
    account_id: StringField
    enabled = BooleanField(_l("Use this account instead of the platform’s"))

    @classmethod
    def new(cls, *, enabled: bool) -> Self:
        """Build the form for a new account."""
        return cls(formdata=None, version=NOT_THERE, account_id="", enabled=enabled)

    @classmethod
    def of(cls, row: Integration) -> Self:
        """Build the form with the stored account."""
        return cls(formdata=None, version=row.version, **asdict(AccountDetails.of(row)))

    def details(self, provider: Provider) -> AccountDetails:
        """Return the submitted values besides the secrets, once the form is valid."""
        extras = {name: self[name].data or None for name in CATALOGUE[provider].extras}
        return AccountDetails(account_id=self.account_id.data or "", enabled=self.enabled.data, **extras)

    def extra_fields(self, provider: Provider) -> list[Field]:
        """Return the fields of what only the provider's accounts have."""
        return [self[name] for name in CATALOGUE[provider].extras]

    def secret_fields(self, provider: Provider) -> dict[str, Any]:
        """Return the fields of the secrets, by name."""
        return {name: self[name] for name in CATALOGUE[provider].secrets}

    def secrets(self, provider: Provider) -> dict[str, str]:
        """Return the submitted secrets; '' leaves a secret unchanged."""
        return {name: field.data or "" for name, field in self.secret_fields(provider).items()}


@cache
def form_of(provider: Provider) -> type[AccountForm]:
    """Return the form class for a provider's accounts."""
    about = CATALOGUE[provider]
    secrets = {
        name: PasswordField(label, render_kw={"autocomplete": "new-password", "spellcheck": "false"})
        for name, label in about.secrets.items()
    }
    extras = {name: _EXTRAS[name] for name in about.extras}
    fields = {"account_id": _account_field(about.account), **extras, **secrets}
    return type(f"{provider.title()}AccountForm", (AccountForm,), fields)


class PreviousSecretsForm(VersionedForm):
    """Form that ends the previous secrets of an account."""

    version = version_field("previous-version")


class RemoveForm(VersionedForm):
    """Form that confirms the removal of an account with its secrets."""

    version = version_field("remove-version")
    sure = BooleanField(
        _l("I’ve saved these secrets elsewhere or no longer need them"),
        [DataRequired(_l("Check this box to confirm that they can be deleted."))],
        id="remove-sure",
    )
