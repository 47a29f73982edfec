"""Fields of an account and webhook paths, by provider."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.models import Provider


@dataclass(frozen=True, slots=True)
class ProviderFields:
    """A provider as its page shows it.

    `secrets` are labels by the name under which each is stored. `webhooks` are the paths below `/webhooks/` that the
    provider calls, each followed by the organization's key; they are shown once the app has a route for them.
    """

    label: LazyText
    purpose: LazyText
    account: LazyText
    secrets: Mapping[str, LazyText]
    webhooks: tuple[str, ...]


_API_KEY, _WEBHOOK_SECRET = _l("API key"), _l("Webhook secret")

CATALOGUE: Mapping[Provider, ProviderFields] = {
    Provider.TWILIO: ProviderFields(
        "Twilio",
        _l("Phone numbers, calls and text messages"),
        _l("Account SID"),
        {"auth_token": _l("Auth token")},
        ("twilio/voice", "twilio/recording", "twilio/sms"),
    ),
    Provider.VAPI: ProviderFields(
        "VAPI",
        _l("The assistant that answers calls"),
        _l("VAPI organization ID"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        ("vapi",),
    ),
    Provider.CALLRAIL: ProviderFields(
        "CallRail",
        _l("Tracked calls and call sources"),
        _l("Account ID"),
        {"api_key": _API_KEY, "signing_key": _l("Signing key")},
        ("callrail",),
    ),
    Provider.SHUNYA: ProviderFields(
        "Shunya",
        _l("Transcripts and analyses of calls and appointments"),
        _l("Company ID"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        ("shunya",),
    ),
    Provider.BILLING: ProviderFields(
        _l("Billing"),
        _l("Payments for your plan"),
        _l("Account ID"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        ("billing",),
    ),
}
