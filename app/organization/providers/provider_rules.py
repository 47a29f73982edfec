"""What each provider wants to know of an account, and where it sends what happens there."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.models import Provider


@dataclass(frozen=True, slots=True)
class ProviderFields:
    """A provider as its page shows it.

    `secrets` are labels by the name that each is kept under, `webhooks` the paths below `/webhooks/` that it calls,
    each followed by the organization's key: one is shown as soon as the app has a route for it.
    """

    label: Sentence
    purpose: Sentence
    account: Sentence
    secrets: Mapping[str, Sentence]
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
        _l("Organization id at VAPI"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        ("vapi",),
    ),
    Provider.CALLRAIL: ProviderFields(
        "CallRail",
        _l("Tracked calls and where callers come from"),
        _l("Account id"),
        {"api_key": _API_KEY, "signing_key": _l("Signing key")},
        ("callrail",),
    ),
    Provider.SHUNYA: ProviderFields(
        "Shunya",
        _l("Transcripts and analyses of calls and visits"),
        _l("Company id"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        ("shunya",),
    ),
    Provider.BILLING: ProviderFields(
        _l("Billing"),
        _l("Payments of your plan"),
        _l("Account id"),
        {"api_key": _API_KEY, "webhook_secret": _WEBHOOK_SECRET},
        ("billing",),
    ),
}
