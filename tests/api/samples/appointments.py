"""Samples of appointments: a won one, one without recordings, a sales rep who is free, and a CSR who booked none."""

from datetime import timedelta
from typing import Any

from app.declarations.api import sample_id
from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import DAY, Factories

PLACES = {
    "reopenAppointment": {"appointment_id": sample_id("appointment", "won")},
    "deleteAppointment": {"appointment_id": sample_id("appointment", "unused")},
}


def fill(make: Factories, company: ApiCompany) -> None:
    make.user(company.organization, role=Role.SALES_REP, id=sample("user", "other sales_rep"))
    make.user(company.organization, role=Role.CSR, id=sample("user", "other csr"))
    theirs: dict[str, Any] = {"contact": company.contact, "csr_id": company.csr.id, "sales_rep_id": company.rep.id}
    earlier, later = DAY - timedelta(days=7), DAY + timedelta(days=7)
    make.appointment(
        company.organization,
        id=sample("appointment", "won"),
        scheduled_start_at=earlier,
        status="completed",
        completed_at=earlier,
        outcome="closed_won",
        outcome_at=earlier,
        deal_value=8450,
        **theirs,
    )
    make.appointment(company.organization, id=sample("appointment", "unused"), scheduled_start_at=later, **theirs)
