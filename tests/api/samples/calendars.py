"""Samples of calendars, events and suggested tasks of the CSR, and a calendar that is shared with everyone."""

from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

#: A sales rep sees neither the calendar of a CSR nor an event that is not theirs.
REFUSED = {
    (operation, Role.SALES_REP): 404 for operation in ("getCalendar", "updateCalendar", "getEvent", "updateEvent")
}


def fill(make: Factories, company: ApiCompany) -> None:
    calendar = make.calendar(company.organization, id=sample("calendar"), owner_user_id=company.csr.id)
    make.calendar(company.organization, id=sample("calendar", "shared"), name="Everyone")
    make.event(
        company.organization, company.csr, id=sample("event"), calendar_id=calendar.id, title="Visit of the installer"
    )
    make.pending_action(
        company.organization,
        contact=company.contact,
        id=sample("pending_action"),
        assigned_to_user_id=company.csr.id,
        created_by=company.rep.id,
    )
