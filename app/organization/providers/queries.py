"""Queries for an organization's own accounts with providers, without the values of secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from app.config import Settings
from app.db.paging import Sort
from app.errors import LazyText
from app.extensions import db
from app.models import Integration, Provider
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import Secret, open_secrets
from app.security.actor import Actor
from app.security.encryption import SecretUnreadable
from app.security.list_of import ListOf
from app.security.rows import get_row, held
from app.security.scope import visible

#: Twilio signs the URL that it calls, and behind a proxy the app only knows it from this setting.
_NO_PUBLIC_URL = _l(
    "PUBLIC_URL isn’t set, so requests from Twilio can’t be verified and the account can’t be used. Ask your "
    "Switchboard administrator to set it."
)


@dataclass(frozen=True, slots=True)
class ShownFormerSecret:
    """Displayable details of a replaced secret: the end of its validity, and its last four characters."""

    valid_until: datetime
    ending: str | None


@dataclass(frozen=True, slots=True)
class ShownSecret:
    """Displayable details of a secret: when it was set, and its last four characters, None if it is short.

    `former` are those that it replaced and that are still valid, newest first.
    """

    set_at: datetime
    ending: str | None
    former: Sequence[ShownFormerSecret]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is shown.

    `secrets` has the details of each secret by name; None if the secrets can no longer be decrypted.
    """

    row: Integration
    secrets: Mapping[str, ShownSecret] | None


def _by_provider(*, descending: bool) -> Sort:
    name = "-provider" if descending else "provider"
    return Sort(name, Integration.provider, Integration.id, descending, value_of=lambda row: row.provider, parse=str)


#: The organization's own accounts. Their secrets are sealed.
integration_records = ListOf(
    Integration,
    select(
        Integration.id,
        Integration.provider,
        Integration.account_id,
        Integration.enabled,
        Integration.company_id,
        Integration.webhook_authentication,
        Integration.secrets,
        Integration.created_at,
        Integration.updated_at,
        Integration.version,
    ),
    narrow=lambda _filters, _actor, _now: (),
    sorts=(_by_provider(descending=False), _by_provider(descending=True)),
)


def list_accounts(actor: Actor) -> dict[Provider, Account]:
    """Return the organization's own accounts, by provider."""
    rows = db.session.scalars(visible(Integration, actor).order_by(Integration.provider).limit(len(Provider)))
    return {Provider(row.provider): _shown(row) for row in rows}


def has_accounts(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the organization has an account of its own with any provider."""
    return visible(Integration, actor).exists()


def find_account(actor: Actor, provider: Provider) -> Account | None:
    """Return the organization's own account with a provider, or None."""
    row = find_integration(actor, provider)
    return None if row is None else _shown(row)


def find_integration(actor: Actor, provider: Provider, *, lock: bool = False) -> Integration | None:
    """Return the row of an account, or None.

    With `lock`, it is refreshed and locked until the transaction ends.
    """
    statement = visible(Integration, actor).where(Integration.provider == provider)
    return db.session.scalar(held(statement) if lock else statement)


def lock_integration(actor: Actor, integration_id: UUID) -> Integration:
    """Return an account by its id, refreshed and locked until the transaction ends.

    Raises NotFound.
    """
    return get_row(actor, Integration, integration_id, named="integration", lock=True)


def find_reason_to_stay_off(provider: Provider) -> LazyText | None:
    """Return the reason why no account with a provider can be enabled on this installation, or None."""
    settings: Settings = current_app.config["SETTINGS"]
    return _NO_PUBLIC_URL if provider is Provider.TWILIO and settings.public_url is None else None


def webhook_addresses(provider: Provider, webhook_key: str) -> list[str]:
    """Return the webhook URLs to enter at a provider.

    Knowing a URL allows sending requests to it, but not signing them.
    """
    settings: Settings = current_app.config["SETTINGS"]
    return [f"{settings.address}/webhooks/{path}/{webhook_key}" for path in CATALOGUE[provider].webhooks]


def _shown(row: Integration) -> Account:
    now = datetime.now(UTC)
    try:
        secrets = open_secrets(row)
    except SecretUnreadable:
        return Account(row, None)
    return Account(row, {name: _shown_secret(secret, now) for name, secret in secrets.items()})


def _shown_secret(secret: Secret, now: datetime) -> ShownSecret:
    former = [ShownFormerSecret(former.valid_until, former.ending) for former in secret.valid_former(now)]
    return ShownSecret(secret.set_at, secret.ending, former)
