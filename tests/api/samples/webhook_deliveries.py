"""Samples of webhook deliveries: one that failed, which can be replayed."""

from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories


def fill(make: Factories, company: ApiCompany) -> None:
    make.delivery(company.organization, id=sample("webhook_delivery"), status="dead", attempts=8)
