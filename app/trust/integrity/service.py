"""Checks of an organization for damage that the database cannot prevent itself.

To add a check: declare it in the `integrity.py` of its feature (`app.declarations.checked`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.declarations.checked import Found
from app.declarations.registry import registry
from app.errors import LazyText

#: Findings listed per check; the total is counted in any case.
MAX_FOUND = 100


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of one check in an organization: `total` rows, of which the first MAX_FOUND are listed.

    With `is_note`, the findings are for information: nothing is wrong.
    """

    check: str
    sentence: LazyText
    total: int
    found: Sequence[Found]
    is_note: bool = False


def check_organization(
    organization_id: UUID, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Report]:
    """Run every check in the organization of the context and return reports of those that found something.

    Changes nothing. `tell` is called with the number of completed checks and the total. Requires the worker's database
    role if there are many rows.
    """
    reports = []
    checks = registry().checks
    for done, check in enumerate(checks.values(), start=1):
        portion = check.find(organization_id, MAX_FOUND)
        if portion.total:
            reports.append(Report(check.name, check.sentence, portion.total, portion.found, check.is_note))
        tell(done, len(checks))
    return reports
