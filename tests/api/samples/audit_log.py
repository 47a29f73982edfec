"""Samples of the audit trail: an entry that the CSR caused."""

from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories


def fill(make: Factories, company: ApiCompany) -> None:
    make.entry(company.organization, company.csr, id=sample("audit"))
