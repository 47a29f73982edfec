"""Samples of the organization's settings: its assistant, its subscription, and an invoice."""

from datetime import timedelta

from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import DAY, Factories

#: There can be only one assistant, and the samples have it.
REFUSED = {("createAiConfig", role): 409 for role in (Role.ADMIN, Role.OWNER)}


def fill(make: Factories, company: ApiCompany) -> None:
    make.assistant(company.organization, id=sample("ai_config"))
    make.subscription(
        company.organization,
        id=sample("subscription"),
        plan="professional",
        scheduled_plan="starter",
        scheduled_for=DAY + timedelta(days=31),
    )
    make.invoice(company.organization, id=sample("invoice"))
