"""Results of Shunya, delivered to one organization."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.models import Call, Organization, ProviderTask, WebhookDelivery
from app.organization.webhooks.process_service import process_due
from tests.support.direct_access import Behind
from tests.support.factories import Factories

RESULT: dict[str, Any] = {
    "analyzed_at": "2026-11-20T10:00:00Z",
    "model": "shunya-4",
    "transcript": {
        "language": "en-US",
        "confidence": 0.93,
        "turns": [
            {"speaker": "agent", "start": 0.0, "end": 3.2, "text": "Comfort Heating."},
            {"speaker": "customer", "start": 3.5, "end": 9.0, "text": "My furnace is cold."},
        ],
    },
    "analysis": {
        "summary": "The furnace is cold.",
        "topic": "Furnace repair",
        "sentiment": "negative",
        "sentiment_score": -0.4,
        "booking_status": "booked",
        "qualification_status": "hot",
        "primary_intent": "Repair",
        "risks": ["May call a competitor"],
        "objections": [{"category": "price", "text": "That is a lot.", "severity": "high", "turn": 1, "start": 3.5}],
        "sop_score": 88,
        "sop_stages_completed": ["greeting"],
        "sop_stages_missed": ["closing"],
        "pending_actions": [{"category": "call_back", "text": "Call back", "due_at": "2026-12-02"}],
        "missed_opportunities": [{"title": "Service plan", "quote": "My furnace is cold.", "turn": 1}],
        "confidence": 0.88,
        "property": {"type": "house", "year_built": 1998},
    },
}

Deliver = Callable[..., WebhookDelivery]


def result_with(**changes: Any) -> dict[str, Any]:
    """Return RESULT with other values, those of the analysis replaced one by one."""
    analysis = {**RESULT["analysis"], **changes.pop("analysis", {})}
    return {**RESULT, "analysis": analysis, **changes}


@pytest.fixture
def call(make: Factories, organization: Organization) -> Call:
    """A CSR's call with a contact and a lead."""
    contact = make.contact(organization)
    lead = make.lead(organization, contact=contact)
    return make.call(organization, csr=make.user(organization), contact_card_id=contact.id, lead_id=lead.id)


@pytest.fixture
def task(make: Factories, call: Call) -> ProviderTask:
    """The task about the call, which Shunya has."""
    return make.provider_task(
        call, external_task_id="shu_1", status="sent", attempts=1, next_attempt_at=datetime.now(UTC)
    )


@pytest.fixture
def deliver(app: Flask, make: Factories, organization: Organization, behind: Behind) -> Deliver:
    """Function that has an event of Shunya processed, and returns its delivery."""

    def run(
        result: Any = None, kind: str = "task.completed", task_id: str = "shu_1", **content: Any
    ) -> WebhookDelivery:
        body = {"event": kind, "task_id": task_id, "result": RESULT if result is None else result, **content}
        delivery = make.delivery(
            organization, provider="shunya", event_type=kind, body=json.dumps(body).encode(), correlation_id="c-1"
        )
        with app.app_context(), jobs_role(), use_context(Context()):
            process_due()
        return behind.one(WebhookDelivery, id=delivery.id)

    return run
