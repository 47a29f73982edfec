"""Fields of an account and webhook paths, by provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.models import Integration, Provider, WebhookAuthentication

MAX_ID_LENGTH, MAX_SECRET_LENGTH = 200, 500


@dataclass(frozen=True, slots=True)
class ProviderFields:
    """A provider as its page shows it.

    `secrets` are labels by the name under which each is stored; `verifying` is the name of the one that proves that the
    provider sent a request. `webhooks` are the paths below `/webhooks/` that the provider calls, each followed by the
    organization's key. `extras` are the names of the `AccountDetails` that this provider's accounts have and others
    don't.
    """

    label: LazyText
    purpose: LazyText
    account: LazyText
    secrets: Mapping[str, LazyText]
    verifying: str
    webhooks: tuple[str, ...]
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """The values of an account besides its secrets, by column.

    Events of other companies than `company_id` are ignored; without it, those of all are accepted.
    """

    account_id: str
    enabled: bool
    company_id: str | None = None
    webhook_authentication: WebhookAuthentication | None = None

    @classmethod
    def of(cls, row: Integration) -> Self:
        """Return the stored values."""
        authentication = row.webhook_authentication
        return cls(
            account_id=row.account_id,
            enabled=row.enabled,
            company_id=row.company_id,
            webhook_authentication=WebhookAuthentication(authentication) if authentication else None,
        )


_API_KEY, _WEBHOOK_SECRET = _l("API key"), _l("Webhook secret")

CATALOGUE: Mapping[Provider, ProviderFields] = {
    Provider.TWILIO: ProviderFields(
        "Twilio",
        _l("Phone numbers, calls and text messages"),
        _l("Account SID"),
        {"auth_token": _l("Auth token")},
        "auth_token",
        tuple(f"twilio/{event}" for event in ("voice", "dial", "status", "recording", "sms", "message-status")),
    ),
    Provider.VAPI: ProviderFields(
        "VAPI",
        _l("The assistant that answers calls"),
        _l("VAPI organization ID"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        "webhook_secret",
        ("vapi",),
        ("webhook_authentication",),
    ),
    Provider.CALLRAIL: ProviderFields(
        "CallRail",
        _l("Tracked calls and call sources"),
        _l("Account ID"),
        {"api_key": _API_KEY, "signing_key": _l("Signing key")},
        "signing_key",
        tuple(f"callrail/{event}" for event in ("pre-call", "routing-complete", "post-call", "call-modified", "text")),
        ("company_id",),
    ),
    Provider.SHUNYA: ProviderFields(
        "Shunya",
        _l("Transcripts and analyses of calls and appointments"),
        _l("Company ID"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        "webhook_secret",
        ("shunya",),
    ),
    Provider.BILLING: ProviderFields(
        _l("Billing"),
        _l("Payments for your plan"),
        _l("Account ID"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        "webhook_secret",
        ("billing",),
    ),
}
