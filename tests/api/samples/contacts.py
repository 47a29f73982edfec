"""Samples of contacts: one without calls and appointments can be deleted."""

from app.declarations.api import sample_id
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

PLACES = {"deleteContact": {"contact_card_id": sample_id("contact_card", "unused")}}


def fill(make: Factories, company: ApiCompany) -> None:
    make.contact(company.organization, id=sample("contact_card", "unused"))
