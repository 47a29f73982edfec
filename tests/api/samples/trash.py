"""Samples of the trash: a deletion by the manager."""

from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories


def fill(make: Factories, company: ApiCompany) -> None:
    task = make.task(company.organization, title="Send the quote")
    make.deletion(task, id=sample("deletion_batch"), deleted_by=company.people[Role.MANAGER].id)
