"""Looking through an organization for what the database cannot hold itself.

To add a check: declare it in the `integrity.py` of its feature (`app.declarations.checked`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.declarations.checked import Found
from app.declarations.registry import registry
from app.errors import Sentence

#: Told of by one check; how many there are is counted in any case.
MAX_FOUND = 100


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one check in an organization: `total` rows, the first MAX_FOUND of which are listed.

    One that `is_note` tells of nothing that is wrong.
    """

    check: str
    sentence: Sentence
    total: int
    found: Sequence[Found]
    is_note: bool = False


def check_organization(
    organization_id: UUID, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Report]:
    """Do every check in the organization of the context; reports of those that found something. Changes nothing.

    `tell` hears how many of how many checks are done. Needs the jobs' role where there are many rows.
    """
    reports = []
    checks = registry().checks
    for done, check in enumerate(checks.values(), start=1):
        portion = check.look(organization_id, MAX_FOUND)
        if portion.total:
            reports.append(Report(check.name, check.sentence, portion.total, portion.found, check.is_note))
        tell(done, len(checks))
    return reports
