"""Samples of leads: one without appointments, whose stage can be set and which has no rep yet."""

from app.declarations.api import sample_id
from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

_FREE = {"lead_id": sample_id("lead", "without appointments")}
PLACES = {"setLeadStage": _FREE, "assignLead": _FREE}
#: The sales rep sees only leads that are theirs.
REFUSED = {("setLeadStage", Role.SALES_REP): 404}


def fill(make: Factories, company: ApiCompany) -> None:
    make.lead(company.organization, id=sample("lead", "without appointments"), csr_id=company.csr.id)
