"""Samples of recordings of the sales rep: one that is ready, and one of another rep to be stopped by managers."""

from app.declarations.api import sample_id
from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import DAY, Factories

PLACES = {"stopRecordingSession": {"recording_session_id": sample_id("recording_session", "open")}}
#: A sales rep does not see the recording of another rep.
REFUSED = {("stopRecordingSession", Role.SALES_REP): 404}


def fill(make: Factories, company: ApiCompany) -> None:
    ready = make.recording(company.appointment, company.rep, id=sample("recording_session"))
    make.recording_part(ready, id=sample("recording_part"))
    other = make.user(company.organization, role=Role.SALES_REP)
    visit = make.appointment(company.organization, contact=company.contact, sales_rep_id=other.id)
    still_open = {"status": "recording", "ended_at": None, "duration_seconds": None}
    running = make.recording(visit, other, id=sample("recording_session", "open"), started_at=DAY, **still_open)
    make.recording_part(running)
