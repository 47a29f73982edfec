"""Addresses below `/webhooks/` that providers call, each with the organization's webhook key (docs/webhooks.md).

The body is read as it arrived, before a form parser changes it. Shunya's and the payment provider's accounts of the
platform send no key.
"""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID
from xml.sax.saxutils import escape

from flask import Response, current_app, jsonify, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.config import Settings
from app.db.transaction import keep_refusal
from app.errors import OtherOrganization, SignatureInvalid, UnsupportedMediaType
from app.models import Provider
from app.organization.webhooks.event_rules import content_of, parameters_of
from app.organization.webhooks.receive_service import (
    Outcome,
    ProviderRequest,
    enter_organization_of,
    receive,
    receive_for_platform,
)
from app.organization.webhooks.views import webhooks
from app.security.guard import public
from app.security.requesters import Requester, known_requesters
from app.web.concurrency_limit import Lane, in_lane
from app.web.errors import answer
from app.web.form_token import without_form_token
from app.web.maintenance import open_during_maintenance
from app.web.request_limits import accepts_large_bodies
from app.web.webhook_rates import count_delivery

_FORM, _JSON, _TWIML = "application/x-www-form-urlencoded", "application/json", "text/xml; charset=utf-8"
_EMPTY, _BUSY = "<Response/>", "<Response><Reject/></Response>"
#: Paths of Twilio whose answer tells it what to do with a call.
_CALLS = ("webhooks.receive_voice", "webhooks.receive_dial")

ReceivingView: TypeAlias = Callable[..., Response | HTTPException]


def _digest_of_address() -> bytes | None:
    key = (request.view_args or {}).get("webhook_key")
    return _digest_of(key) if key else None


def _digest_of(webhook_key: str) -> bytes:
    return sha256(f"webhook key {webhook_key}".encode()).digest()


def _for_providers(lane: Lane) -> Callable[[ReceivingView], ReceivingView]:
    """Open a view to the servers of providers: without form token, during maintenance, with large bodies.

    What it stores of a request that is not accepted is committed.
    """

    def mark(view: ReceivingView) -> ReceivingView:
        @wraps(view)
        def keeping(**parameters: str) -> Response | HTTPException:
            try:
                return view(**parameters)
            except (SignatureInvalid, OtherOrganization) as error:
                keep_refusal()
                return answer(error)

        for decorate in (without_form_token, accepts_large_bodies, open_during_maintenance, public):
            decorate(keeping)
        return in_lane(lane, _digest_of_address)(keeping)

    return mark


@webhooks.post("/webhooks/twilio/voice/<webhook_key>")
@_for_providers(Lane.VOICE)
def receive_voice(webhook_key: str) -> Response:
    """Store a call that begins or continues, and answer what to do with it."""
    _receive_uncounted(webhook_key)
    return Response(_BUSY, content_type=_TWIML)


@webhooks.post("/webhooks/twilio/dial/<webhook_key>")
@_for_providers(Lane.VOICE)
def receive_dial(webhook_key: str) -> Response:
    """Store the end of a dialed call, and answer what to do with the caller."""
    _receive_uncounted(webhook_key)
    return Response(_EMPTY, content_type=_TWIML)


@webhooks.post("/webhooks/twilio/sms/<webhook_key>")
@_for_providers(Lane.WEBHOOKS)
def receive_sms(webhook_key: str) -> Response:
    """Store an inbound text, and answer that there is no reply."""
    _receive(webhook_key)
    return Response(_EMPTY, content_type=_TWIML)


@webhooks.post("/webhooks/twilio/status/<webhook_key>")
@webhooks.post("/webhooks/twilio/recording/<webhook_key>")
@webhooks.post("/webhooks/twilio/message-status/<webhook_key>")
@_for_providers(Lane.WEBHOOKS)
def receive_status(webhook_key: str) -> Response:
    """Store the state of a call, a recording or a text; Twilio expects no content."""
    _receive(webhook_key)
    return Response(status=204)


@webhooks.post("/webhooks/callrail/pre-call/<webhook_key>")
@webhooks.post("/webhooks/callrail/routing-complete/<webhook_key>")
@webhooks.post("/webhooks/callrail/post-call/<webhook_key>")
@webhooks.post("/webhooks/callrail/call-modified/<webhook_key>")
@webhooks.post("/webhooks/callrail/text/<webhook_key>")
@webhooks.post("/webhooks/vapi/<webhook_key>")
@webhooks.post("/webhooks/shunya/<webhook_key>")
@webhooks.post("/webhooks/billing/<webhook_key>")
@_for_providers(Lane.WEBHOOKS)
def receive_event(webhook_key: str) -> Response:
    return _outcome(_receive(webhook_key))


@webhooks.post("/webhooks/shunya")
@webhooks.post("/webhooks/billing")
@_for_providers(Lane.WEBHOOKS)
def receive_platform_event() -> Response:
    return _outcome(receive_for_platform(_provider_request(), count_delivery))


@webhooks.after_request
def answer_in_twiml(response: Response) -> Response:
    """Replace the JSON of an error of a call by TwiML, which Twilio shows in its debugger.

    It is no error handler: one of the blueprint would precede those of the app for its pages, too.
    """
    if request.endpoint in _CALLS and response.is_json:
        sentence = response.get_json()["error"]["message"]
        response.set_data(f"<Response><Say>{escape(sentence)}</Say></Response>")
        response.content_type = _TWIML
    return response


def _receive(webhook_key: str) -> Outcome:
    return receive(_provider_request(), _enter_organization(webhook_key), count_delivery)


def _receive_uncounted(webhook_key: str) -> Outcome:
    return receive(_provider_request(), _enter_organization(webhook_key))


def _enter_organization(webhook_key: str) -> UUID:
    """Continue in the organization of the key, and remember it as the requester of this address."""
    organization_id = enter_organization_of(webhook_key)
    known_requesters().remember(_digest_of(webhook_key), Requester(organization_id, organization_id))
    return organization_id


def _provider_request() -> ProviderRequest:
    """Read the request. Raises UnsupportedMediaType and InvalidJson."""
    provider, path = _matched_address()
    is_form = provider is Provider.TWILIO
    _refuse_other_types(_FORM if is_form else _JSON)
    body = request.get_data()
    return ProviderRequest(
        provider,
        path,
        _url(),
        {name.lower(): value for name, value in request.headers.items()},
        body,
        content_of(provider, body),
        parameters_of(body) if is_form else (),
    )


def _matched_address() -> tuple[Provider, str]:
    """Return the provider of the route, and its part between the provider and the key, or ''."""
    provider, *rest = str(request.url_rule).removeprefix("/webhooks/").split("/")
    return Provider(provider), rest[0] if len(rest) > 1 else ""


def _refuse_other_types(expected: str) -> None:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype != expected or encoding not in ("", "identity"):
        raise UnsupportedMediaType(_l("Send the body uncompressed, as %(type)s.", type=expected))


def _url() -> str:
    """Return the address as the provider knows it: below the public URL, with the path as it was sent."""
    settings: Settings = current_app.config["SETTINGS"]
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return f"{settings.address}{request.path}{query}"


def _outcome(outcome: Outcome) -> Response:
    return jsonify(status=outcome)
