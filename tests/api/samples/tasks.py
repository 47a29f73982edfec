"""Samples of tasks: of the CSR and created by the sales rep, open and completed, and an unassigned one."""

from datetime import UTC, datetime

from app.declarations.api import sample_id
from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

PLACES = {
    "pauseTask": {"task_id": sample_id("task", "in_progress")},
    "reopenTask": {"task_id": sample_id("task", "completed")},
    "assignTask": {"task_id": sample_id("task", "unassigned")},
}
#: The sales rep does not see the unassigned task.
REFUSED = {("assignTask", Role.SALES_REP): 404}


def fill(make: Factories, company: ApiCompany) -> None:
    csr, rep, organization = company.csr, company.rep, company.organization
    make.task(organization, id=sample("task"), assignee=csr, created_by=rep.id)
    make.task(organization, id=sample("task", "in_progress"), assignee=csr, created_by=rep.id, status="in_progress")
    make.task(
        organization,
        id=sample("task", "completed"),
        assignee=csr,
        created_by=rep.id,
        status="completed",
        completed_at=datetime.now(UTC),
    )
    make.task(organization, id=sample("task", "unassigned"), created_by=csr.id)
