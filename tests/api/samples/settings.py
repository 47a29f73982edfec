"""Samples of knowledge items and phone numbers."""

from app.declarations.api import sample_id
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

PLACES = {"activatePhoneNumber": {"phone_number_id": sample_id("phone_number", "inactive")}}


def fill(make: Factories, company: ApiCompany) -> None:
    make.knowledge_item(company.organization, id=sample("knowledge_item"))
    make.phone_number(company.organization, id=sample("phone_number"))
    make.phone_number(company.organization, id=sample("phone_number", "inactive"), is_active=False)
