"""Rules that the database has for an organization's accounts with providers."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.db.constraints import translate
from app.models import Organization
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"provider": "callrail", "company_id": ""}, "company_id", "Use up to 200 characters."),
        ({"provider": "callrail", "company_id": "x" * 201}, "company_id", "Use up to 200 characters."),
        ({"provider": "shunya", "company_id": "C1"}, "company_id", "Only a CallRail account has a company ID."),
        (
            {"provider": "vapi", "webhook_authentication": "password"},
            "webhook_authentication",
            "Choose one of the options.",
        ),
        (
            {"provider": "vapi"},
            "webhook_authentication",
            "A VAPI account needs a type of webhook authentication; other accounts have none.",
        ),
        (
            {"provider": "twilio", "webhook_authentication": "bearer"},
            "webhook_authentication",
            "A VAPI account needs a type of webhook authentication; other accounts have none.",
        ),
    ],
)
def test_values_that_do_not_fit_the_provider_are_refused(
    make: Factories, organization: Organization, values: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.integration(organization, **values)

    error = translate(refused.value)
    assert error is not None
    assert [(wrong.field, str(wrong.message)) for wrong in error.field_errors] == [(field, sentence)]


def test_values_that_fit_the_provider_are_stored(make: Factories, organization: Organization) -> None:
    rows = [
        make.integration(organization, provider="callrail", company_id="x" * 200),
        make.integration(organization, provider="vapi", webhook_authentication="bearer"),
        make.integration(organization, provider="shunya"),
    ]

    assert {row.organization_id for row in rows} == {organization.id}
