"""Samples of missed calls: one that waits, with an attempt, and one whose claim has just ended."""

from datetime import UTC, datetime, timedelta

from app.declarations.api import sample_id
from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

PLACES = {"releaseMissedCall": {"missed_call_entry_id": sample_id("missed_call_entry", "claimed")}}
#: Sales reps book, but don't see missed calls.
REFUSED = {("bookMissedCall", Role.SALES_REP): 403}


def fill(make: Factories, company: ApiCompany) -> None:
    entry = make.missed_entry(company.organization, id=sample("missed_call_entry"))
    make.attempt(entry, company.csr, id=sample("missed_call_attempt"))
    make.missed_entry(
        company.organization,
        id=sample("missed_call_entry", "claimed"),
        status="claimed",
        claimed_by=company.csr.id,
        claim_expires_at=datetime.now(UTC) - timedelta(minutes=1),
    )
