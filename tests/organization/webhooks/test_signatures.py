"""Signatures of providers: over the body as it arrived, with a time that is recent."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.organization.webhooks import signature_rules as rules
from demo import signing
from tests.support.real_data import shared_data

__all__ = ["shared_data"]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECRET = "s3cret-of-the-account"
BODY = '{"name": "Zoë", "spaces":  2}'.encode()
PARAMETERS = [("CallSid", "CA1"), ("From", "+15125550100"), ("Digits", "2"), ("Digits", "1"), ("Digits", "1")]


def twilio_signature(url: str) -> str:
    unique = b"CallSid=CA1&From=%2B15125550100&Digits=1&Digits=2"
    return signing.twilio(SECRET, url, unique)["X-Twilio-Signature"]


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        ("https://a.example/webhooks/x?b=1", "https://a.example/webhooks/x?b=1"),
        ("https://a.example/webhooks/x", "https://a.example:443/webhooks/x"),
        ("https://a.example:8443/webhooks/x", "https://a.example/webhooks/x"),
        ("http://a.example/x", "http://a.example:80/x"),
        ("http://a.example:8000/x", "http://a.example:8000/x"),
    ],
)
def test_twilio_signs_the_address_with_or_without_its_port(called: str, signed: str) -> None:
    assert rules.is_signed_by_twilio(SECRET, called, PARAMETERS, twilio_signature(signed))
    assert not rules.is_signed_by_twilio(SECRET, called + "/", PARAMETERS, twilio_signature(signed))


def test_another_value_secret_or_signature_is_not_twilios() -> None:
    url = "https://a.example/x"
    signature = twilio_signature(url)

    assert not rules.is_signed_by_twilio(SECRET, url, [*PARAMETERS, ("To", "")], signature)
    assert not rules.is_signed_by_twilio(SECRET + "x", url, PARAMETERS, signature)
    assert not rules.is_signed_by_twilio(SECRET, url, PARAMETERS, "")
    assert not rules.is_signed_by_twilio(SECRET, url, PARAMETERS, "ünicode\udcff")


@pytest.mark.real_data
def test_the_vectors_of_twilios_own_libraries_are_verified(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "webhooks" / "twilio" / "signature-vectors.json").read_text())["vectors"]

    def parameters(vector: dict[str, Any]) -> list[tuple[str, str]]:
        values = {name: value if isinstance(value, list) else [value] for name, value in vector["params"].items()}
        return [(name, value) for name, several in values.items() for value in several]

    forms = [vector for vector in vectors if vector["params"] is not None]
    assert len(forms) == 7
    for vector in forms:
        is_signed = rules.is_signed_by_twilio("12345", vector["url"], parameters(vector), vector["signature"])
        assert is_signed == vector["valid"], vector["name"]


def test_vapi_and_callrail_sign_the_bytes_of_the_body() -> None:
    vapi, callrail = signing.vapi(SECRET, BODY)["X-Vapi-Signature"], signing.callrail(SECRET, BODY)["Signature"]

    assert rules.is_signed_by_vapi(SECRET, BODY, vapi.upper())
    assert rules.is_signed_by_callrail(SECRET, BODY, callrail)
    for changed in (BODY.replace(b"  ", b" "), BODY + b"\n", b""):
        assert not rules.is_signed_by_vapi(SECRET, changed, vapi)
        assert not rules.is_signed_by_callrail(SECRET, changed, callrail)


@pytest.mark.parametrize(
    ("authorization", "is_right"),
    [
        (f"Bearer {SECRET}", True),
        (f"bearer  {SECRET} ", True),
        (SECRET, False),
        (f"Basic {SECRET}", False),
        ("Bearer ", False),
        ("", False),
        (f"Bearer {SECRET[:-1]}", False),
    ],
)
def test_a_bearer_token_is_the_secret(authorization: str, is_right: bool) -> None:
    assert rules.is_bearer_of(SECRET, authorization) is is_right


@pytest.mark.parametrize(("age", "is_recent"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)])
def test_shunya_and_billing_sign_a_recent_time(age: int, is_recent: bool) -> None:
    signed_at = (NOW - timedelta(seconds=age)).timestamp()
    headers = signing.shunya(SECRET, BODY, signed_at)

    assert is_recent is rules.is_signed_by_shunya(
        SECRET, BODY, headers["X-Shunya-Signature"], headers["X-Shunya-Timestamp"], NOW
    )
    header = signing.billing(SECRET, BODY, signed_at)["X-Billing-Signature"]
    assert rules.is_signed_by_billing(SECRET, BODY, header, NOW) is is_recent


def test_a_time_that_was_not_signed_does_not_count() -> None:
    old = signing.shunya(SECRET, BODY, NOW.timestamp() - 3_600)
    now = signing.shunya("other", BODY, NOW.timestamp())["X-Shunya-Timestamp"]

    assert not rules.is_signed_by_shunya(SECRET, BODY, old["X-Shunya-Signature"], now, NOW)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e12", "٣", "9" * 400, " 1"])
def test_what_is_no_time_is_refused(timestamp: str) -> None:
    assert not rules.is_signed_by_shunya(SECRET, BODY, "", timestamp, NOW)
    assert not rules.is_signed_by_billing(SECRET, BODY, f"t={timestamp},v1=", NOW)


def test_billing_may_sign_with_two_secrets_at_once_but_names_one_time() -> None:
    seconds = NOW.timestamp()
    new = signing.billing("new", BODY, seconds)["X-Billing-Signature"]
    old = signing.billing(SECRET, BODY, seconds)["X-Billing-Signature"].partition(",")[2]

    assert rules.is_signed_by_billing(SECRET, BODY, f"{new}, {old}", NOW)
    assert not rules.is_signed_by_billing(SECRET, BODY, f"t=1,{new}", NOW)
    assert not rules.is_signed_by_billing(SECRET, BODY, old, NOW)
