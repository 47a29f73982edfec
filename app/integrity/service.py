"""Looking through an organization for what the database cannot hold itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import LazyString

from app.integrity.file_checks import FILE_CHECKS
from app.integrity.findings import Check, Found
from app.integrity.people_checks import PEOPLE_CHECKS
from app.integrity.schema_checks import SCHEMA_CHECKS
from app.integrity.work_checks import WORK_CHECKS

#: Told of by one check; how many there are is counted in any case.
MOST_FOUND = 100

CHECKS: dict[str, Check] = {check.name: check for check in (*PEOPLE_CHECKS, *WORK_CHECKS, *SCHEMA_CHECKS, *FILE_CHECKS)}


@dataclass(frozen=True, slots=True)
class Report:
    """What one check found in an organization: `total` rows, the first MOST_FOUND of which are listed."""

    check: str
    sentence: LazyString
    total: int
    found: Sequence[Found]


def check_organization(
    organization_id: UUID, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Report]:
    """Do every check in the organization of the context; reports of those that found something. Changes nothing.

    `tell` hears how many of how many checks are done. Needs the jobs' role where there are many rows.
    """
    reports = []
    for done, check in enumerate(CHECKS.values(), start=1):
        portion = check.look(organization_id, MOST_FOUND)
        if portion.total:
            reports.append(Report(check.name, check.sentence, portion.total, portion.found))
        tell(done, len(CHECKS))
    return reports
