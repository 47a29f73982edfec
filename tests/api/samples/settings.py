"""Samples of knowledge items, phone numbers and integrations."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from flask import Flask
from pydantic import SecretStr

from app.declarations.api import sample_id
from app.organization.providers.secret_rules import FormerSecret, Secret, seal_secrets
from tests.api.samples import ApiCompany, sample
from tests.support.database import SECRETS_KEY
from tests.support.factories import DAY, Factories

PLACES = {"activatePhoneNumber": {"phone_number_id": sample_id("phone_number", "inactive")}}


def fill(make: Factories, company: ApiCompany) -> None:
    make.knowledge_item(company.organization, id=sample("knowledge_item"))
    make.phone_number(company.organization, id=sample("phone_number"))
    make.phone_number(company.organization, id=sample("phone_number", "inactive"), is_active=False)
    make.integration(
        company.organization, id=sample("integration"), provider="shunya", secrets=_sealed(sample("integration"))
    )


def _sealed(integration_id: UUID) -> bytes:
    """Return the secrets of the integration, one of which replaced another that is still valid."""
    former = (FormerSecret("the first secret", DAY + timedelta(days=36_500)),)
    secrets = {"api_key": Secret("the key", DAY), "webhook_secret": Secret("the second secret", DAY, former)}
    app = Flask(__name__)
    app.config["SETTINGS"] = SimpleNamespace(secrets_key=SecretStr(SECRETS_KEY), secrets_old_keys=SecretStr(""))
    with app.app_context():
        return seal_secrets(integration_id, secrets, DAY)
