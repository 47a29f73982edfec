"""Unbooked calls: their most severe objection, and whether a text followed them up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.models import Call, Organization, User
from app.work.calls.follow_up_queries import is_followed_up, list_reasons
from tests.support.factories import DAY, Factories
from tests.support.work import at_work
from tests.work.conftest import ActorOf


@pytest.mark.parametrize(
    ("categories", "severities", "expected"),
    [
        (["price", "timing", "trust"], ["low", "high", "medium"], "timing"),
        (["price", "timing"], ["medium", "medium"], "price"),
        (["price", "timing"], [None, "low"], "timing"),
        (["price"], [None], "price"),
        ([], [], None),
    ],
)
def test_the_gravest_objection_is_the_reason(
    app: Flask,
    make: Factories,
    organization: Organization,
    csr: User,
    call: Call,
    actor_of: ActorOf,
    categories: Sequence[str],
    severities: Sequence[str | None],
    expected: str | None,
) -> None:
    found = zip(categories, severities, strict=True)
    make.analysis(call, objections=[{"category": category, "severity": severity} for category, severity in found])

    with at_work(app, organization.id):
        assert list_reasons(actor_of(csr), [call.id]).get(call.id) == expected


def test_the_reason_of_a_call_of_others_is_not_told(
    app: Flask, make: Factories, organization: Organization, csr: User, colleague: User, actor_of: ActorOf
) -> None:
    call = make.call(organization, csr=colleague)
    make.analysis(call, objections=[{"category": "price", "severity": "low"}])

    with at_work(app, organization.id):
        assert list_reasons(actor_of(csr), [call.id]) == {}
        assert list_reasons(actor_of(colleague), [call.id]) == {call.id: "price"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ({"status": "sent", "created_at": DAY - timedelta(hours=1), "sent_at": DAY + timedelta(hours=1)}, True),
        ({"status": "sent", "created_at": DAY - timedelta(hours=2), "sent_at": DAY - timedelta(hours=1)}, False),
        ({"status": "queued", "created_at": DAY + timedelta(hours=1)}, False),
    ],
    ids=["sent after the call", "sent before it", "not sent"],
)
def test_a_text_follows_a_call_up_once_it_is_sent(
    app: Flask,
    make: Factories,
    organization: Organization,
    csr: User,
    actor_of: ActorOf,
    text: dict[str, Any],
    expected: bool,
) -> None:
    contact = make.contact(organization)
    call = make.call(organization, csr=csr, contact_card_id=contact.id, started_at=DAY, booking_status="not_booked")
    sms = {"channel": "sms", "to_address": "+12125550142", "subject": None}
    make.message(organization, contact_card_id=contact.id, **sms, **text)

    with at_work(app, organization.id):
        assert is_followed_up(actor_of(csr), call.id) is expected
