"""`flask demo deliver`: a signed event, sent to the running server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from app.models import Organization, WebhookDelivery
from tests.support.browser import served
from tests.support.direct_access import Behind
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(slug="blue-ridge")


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running server whose platform has a secret for payments."""
    settings: Settings = app.config["SETTINGS"]
    with served(app) as address:
        values = {"billing_webhook_secret": "s" * 32, "public_url": address}
        monkeypatch.setitem(app.config, "SETTINGS", Settings.model_validate({**settings.model_dump(), **values}))
        yield address


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["demo", "deliver", "--organization", "blue-ridge", *arguments])
    return result.exit_code, result.output


@pytest.mark.usefixtures("server")
def test_a_payment_arrives_signed(app: Flask, organization: Organization, behind: Behind, tmp_path: Path) -> None:
    assert run(app, "billing") == (0, '200 {"status":"received"}\n')
    row = behind.one(WebhookDelivery)
    assert (row.organization_id, row.event_type, row.signature_ok) == (organization.id, "invoice.paid", True)

    file = tmp_path / "event.json"
    file.write_text('{"account": "another"}')
    code, output = run(app, "billing", str(file))
    assert code == 1
    assert "OTHER_ORGANIZATION" in output


@pytest.mark.usefixtures("organization")
def test_what_cannot_be_sent_is_said(app: Flask) -> None:
    assert run(app, "stripe")[1] == "Error: “stripe” is no path of a provider. Take one from docs/webhooks.md.\n"
    assert run(app, "vapi")[1] == "Error: No secret is set for vapi. Set one under Integrations.\n"
