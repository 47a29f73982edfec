"""Samples of calendars and suggested tasks: one of the CSR, which everyone who manages calendars can change."""

from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

#: A sales rep does not see the calendar of a CSR.
REFUSED = {(operation, Role.SALES_REP): 404 for operation in ("getCalendar", "updateCalendar")}


def fill(make: Factories, company: ApiCompany) -> None:
    make.calendar(company.organization, id=sample("calendar"), owner_user_id=company.csr.id)
    make.pending_action(
        company.organization,
        contact=company.contact,
        id=sample("pending_action"),
        assigned_to_user_id=company.csr.id,
        created_by=company.rep.id,
    )
