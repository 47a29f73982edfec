"""Samples of what the work is set up with: knowledge and phone numbers."""

from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories


def fill(make: Factories, company: ApiCompany) -> None:
    make.knowledge_item(company.organization, id=sample("knowledge_item"))
    make.phone_number(company.organization, id=sample("phone_number"))
