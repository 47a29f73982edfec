"""Samples of calls: an unclassified one with a note, a transcript and an analysis, and one credited to nobody."""

from app.declarations.api import sample_id
from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

PLACES = {"assignCall": {"call_id": sample_id("call", "of nobody")}}
#: The sales rep did not write the note.
REFUSED = {("updateCallNote", Role.SALES_REP): 403, ("deleteCallNote", Role.SALES_REP): 403}


def fill(make: Factories, company: ApiCompany) -> None:
    make.call(company.organization, id=sample("call", "of nobody"))
    make.note(company.call, company.csr, id=sample("call_note"))
    make.transcript(company.call)
    make.analysis(company.call)
