"""Each field declared as a fact is shown with its label among the facts of a record's page."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.declarations.field import Choice, Duration, Field, Kind, Moment, Money, Number, Phone, Tags, Text, YesOrNo
from app.declarations.resource import Resource
from app.features import FEATURES
from app.models import CallStatus, LeadStage, Role
from app.people.users.resource import USER
from app.work.appointments.resource import APPOINTMENT
from app.work.calls.resource import CALL
from app.work.contacts.resource import CONTACT_CARD
from app.work.knowledge.resource import KNOWLEDGE_ITEM
from app.work.leads.resource import LEAD
from app.work.phone_numbers.resource import PHONE_NUMBER
from tests.support.client import Client
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.pages import text_of

_RESOURCES = [one for feature in FEATURES for one in feature.resources if one.facts]
_KNOWN: dict[type[Kind], Any] = {
    Text: "Told here",
    Moment: datetime(2026, 3, 2, 15, 30, tzinfo=UTC),
    Duration: 95,
    Money: 120,
    Number: 7,
    Phone: "+15125550177",
    Tags: ["member"],
    YesOrNo: True,
}

#: Resources whose page shows facts, by the name of a row of the company.
_PAGES = {
    "appointment": APPOINTMENT,
    "call": CALL,
    "contact": CONTACT_CARD,
    "knowledge_item": KNOWLEDGE_ITEM,
    "lead": LEAD,
    "phone_number": PHONE_NUMBER,
    "user": USER,
}
_ROWS = {resource.name: name for name, resource in _PAGES.items()}

#: Other values that a record needs for all of its facts to be shown.
_BESIDES: dict[str, dict[str, Any]] = {
    "lead": {"stage": LeadStage.BOOKED},
    "call": {"status": CallStatus.MISSED, "answered_at": None, "duration_seconds": 0},
}


def _value(field: Field) -> Any:
    """Return a possible value of the field."""
    return next(iter(field.kind.kind)) if isinstance(field.kind, Choice) else _KNOWN[type(field.kind)]


@pytest.mark.parametrize("resource", _RESOURCES, ids=[one.name for one in _RESOURCES])
def test_every_fact_is_on_the_page(
    app: Flask, client: Client, company: Company, behind: Behind, resource: Resource
) -> None:
    row = company.rows[_ROWS.get(resource.name, resource.name)]
    stored = [one for one in resource.facts if one.attribute in resource.model.__table__.columns]
    unknown = [one for one in stored if getattr(row, one.attribute) in (None, "", [])]
    if unknown:
        behind.change(row, **_BESIDES.get(resource.name, {}), **{one.attribute: _value(one) for one in unknown})
    assert resource.page is not None
    endpoint, argument = resource.page
    with app.test_request_context():
        address = app.url_for(endpoint, **{argument: row.id})

    page = client.sign_in(company.people[Role.OWNER]).get(address)

    told = {text_of(term) for term in page.all(".//main//dl/dt")}
    assert {str(one.label) for one in resource.facts} - told == set()


@pytest.mark.parametrize("name", _PAGES)
def test_a_field_that_is_declared_a_fact_needs_no_template(
    app: Flask, client: Client, company: Company, name: str
) -> None:
    resource, row = _PAGES[name], company.rows[name]
    assert resource.page is not None
    endpoint, argument = resource.page
    with app.test_request_context():
        address = app.url_for(endpoint, **{argument: row.id})
    client.sign_in(company.people[Role.OWNER])
    fields = resource.fields
    planted = Field("planted", "Planted here", Moment(), shows="created_at", is_fact=True)
    object.__setattr__(resource, "fields", (*fields, planted))  # one object for the whole app, otherwise never changed
    try:
        page = client.get(address)
    finally:
        object.__setattr__(resource, "fields", fields)

    assert "Planted here" in {text_of(term) for term in page.all(".//main//dl/dt")}
