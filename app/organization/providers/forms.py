"""Forms of accounts with providers. What was typed as a secret is not sent back, whatever is wrong with the form."""

from functools import cache
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired

from app.errors import Sentence
from app.models import Integration, Provider
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.service import NOT_THERE
from app.web.forms import VersionedForm, version_field
from app.web.validators import at_most

_MAX_ACCOUNT_LENGTH = 200


def _account_field(label: Sentence) -> StringField:
    return StringField(
        label,
        [
            DataRequired(_l("Enter this to say which account it is.")),
            at_most(_MAX_ACCOUNT_LENGTH),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )


class AccountForm(VersionedForm):
    """What every account has; `form_of` adds what a provider calls the account, and its secrets."""

    version = version_field()
    account_id: StringField
    enabled = BooleanField(_l("Use this account instead of the platform’s"))

    @classmethod
    def of(cls, row: Integration | None) -> Self:
        """The form as the account stands, or empty for a new one."""
        if row is None:
            return cls(formdata=None, version=NOT_THERE, account_id="", enabled=True)
        return cls(formdata=None, version=row.version, account_id=row.account_id, enabled=row.enabled)

    def secret_fields(self, provider: Provider) -> dict[str, Any]:
        """The fields of the secrets, by name."""
        return {name: self[name] for name in CATALOGUE[provider].secrets}

    def secrets(self, provider: Provider) -> dict[str, str]:
        """What was typed; '' leaves a secret as it is."""
        return {name: field.data or "" for name, field in self.secret_fields(provider).items()}


@cache
def form_of(provider: Provider) -> type[AccountForm]:
    """The form of a provider's accounts."""
    about = CATALOGUE[provider]
    secrets = {
        name: PasswordField(label, render_kw={"autocomplete": "new-password", "spellcheck": "false"})
        for name, label in about.secrets.items()
    }
    return type(
        f"{provider.title()}AccountForm", (AccountForm,), {"account_id": _account_field(about.account), **secrets}
    )


class RemoveForm(VersionedForm):
    """The second thought before secrets are forgotten."""

    version = version_field("remove-version")
    sure = BooleanField(
        _l("I have these secrets elsewhere, or need them no more"),
        [DataRequired(_l("Tick this to say that they may go."))],
        id="remove-sure",
    )
