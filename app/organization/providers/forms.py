"""Forms for accounts with providers.

Submitted secrets are never sent back, not even with validation errors.
"""

from functools import cache
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired

from app.errors import LazyText
from app.models import Integration, Provider
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.service import NOT_THERE
from app.web.forms import VersionedForm, version_field
from app.web.validators import at_most

_MAX_ACCOUNT_LENGTH = 200


def _account_field(label: LazyText) -> StringField:
    return StringField(
        label,
        [
            DataRequired(_l("Enter this ID.")),
            at_most(_MAX_ACCOUNT_LENGTH),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )


class AccountForm(VersionedForm):
    """Form with the fields that all accounts have.

    `form_of` adds the account id with its label, and the secrets.
    """

    version = version_field()
    account_id: StringField
    enabled = BooleanField(_l("Use this account instead of the platform’s"))

    @classmethod
    def of(cls, row: Integration | None) -> Self:
        """Build the form with the stored account, or an empty form for a new one."""
        if row is None:
            return cls(formdata=None, version=NOT_THERE, account_id="", enabled=True)
        return cls(formdata=None, version=row.version, account_id=row.account_id, enabled=row.enabled)

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
    return type(
        f"{provider.title()}AccountForm", (AccountForm,), {"account_id": _account_field(about.account), **secrets}
    )


class RemoveForm(VersionedForm):
    """Form that confirms the removal of an account with its secrets."""

    version = version_field("remove-version")
    sure = BooleanField(
        _l("I’ve saved these secrets elsewhere or no longer need them"),
        [DataRequired(_l("Check this box to confirm that they can be deleted."))],
        id="remove-sure",
    )
