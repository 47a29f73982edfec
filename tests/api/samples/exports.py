"""Samples of exports: one of the owner, which nobody else sees."""

from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

_OTHERS = (Role.SUPPORT, Role.MANAGER, Role.EXEC, Role.ADMIN)
REFUSED = {
    **{(operation, role): 404 for operation in ("getExport", "deleteExport") for role in _OTHERS},
    # Support exports the audit trail only.
    ("createExport", Role.SUPPORT): 403,
}


def fill(make: Factories, company: ApiCompany) -> None:
    make.export_of_calls(company.people[Role.OWNER], id=sample("export"))
