"""CallRail, which reports calls of one organization."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.models import Organization, Provider, WebhookDelivery
from app.organization.webhooks.event_rules import read_event
from app.organization.webhooks.process_service import process_due
from tests.support.direct_access import Behind
from tests.support.factories import Factories

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
CALLER, TRACKED = "+15125550111", "+15125550199"

Report = Callable[..., WebhookDelivery]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def report(app: Flask, make: Factories, organization: Organization, behind: Behind) -> Report:
    """Function that has an event about a call processed, and returns its delivery."""

    def run(kind: str = "post-call", **values: Any) -> WebhookDelivery:
        body = json.dumps(call_of(**values)).encode()
        event = read_event(Provider.CALLRAIL, kind, body, json.loads(body))
        known = behind.rows(WebhookDelivery, external_id=event.id)
        if known:  # CallRail repeats nothing, but people replay
            behind.change(known[0], status="received", next_attempt_at=START, processed_at=None)
        delivery = (
            known[0]
            if known
            else make.delivery(organization, provider="callrail", event_type=kind, external_id=event.id, body=body)
        )
        with app.app_context(), jobs_role(), use_context(Context()):
            process_due()
        return behind.one(WebhookDelivery, id=delivery.id)

    return run


def call_of(**values: Any) -> dict[str, Any]:
    """Return a call as CallRail describes it: inbound, and neither answered nor recorded unless `values` say so."""
    return {
        "resource_id": "CAL1",
        "id": 1234567,
        "direction": "inbound",
        "answered": False,
        "voicemail": False,
        "customer_phone_number": CALLER,
        "customer_name": "Ruth Delgado",
        "customer_city": "Austin",
        "customer_state": "TX",
        "tracking_phone_number": TRACKED,
        "start_time": START.isoformat(),
        "duration": 45,
        **values,
    }
