"""Mending what can be mended by a rule: each row by itself, recorded in the trail like any change. Nobody is deleted.

What is mended is declared with the checks (`app.declarations.checked`), so that a repair mends exactly what one finds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from app.db.transaction import translated_integrity_errors
from app.declarations.checked import Check, Found, Mend
from app.declarations.registry import registry
from app.errors import DomainError, Sentence
from app.extensions import db
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.organization_queries import lock_organization

#: Of one check in one go; the next run takes the next ones.
MAX_REPAIRED = 10_000

#: The rule of the last owner speaks at the commit; here it has to be asked for each row.
_SPEAK_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what was done (or is to be done by somebody), and why."""

    resource: str
    id: UUID | None
    detail: str
    why: Sentence
    what: str


@dataclass(slots=True)
class Outcome:
    """`findings` need a person, `errors` are what the database or a rule refused."""

    repaired: list[Line] = field(default_factory=list)
    findings: list[Line] = field(default_factory=list)
    errors: list[Line] = field(default_factory=list)


def repair(
    subject: str,
    organization_id: UUID,
    outcome: Outcome,
    *,
    clear_past_due: bool = False,
    most: int = MAX_REPAIRED,
    actor: Actor | None = None,
) -> None:
    """Mend what `subject` names in the organization of the context, and add to `outcome` what came of it.

    At most `most` rows of each check. Flushes only: who calls it keeps it or rolls back. What one row refuses is undone
    for that row alone, and so is what `actor` may not do; None is the system.
    """
    lock_organization(organization_id)
    for mend in registry().repairs[subject].mends:
        found = mend.check.look(organization_id, most).found
        if mend.unless_asked is not None and not clear_past_due:
            outcome.findings += [_line(mend.check, one, mend.unless_asked) for one in found]
            continue
        for one in found:
            with _refusals(outcome, mend.check, one):
                _mend(mend, organization_id, one, outcome, actor)


def _mend(mend: Mend, organization_id: UUID, found: Found, outcome: Outcome, actor: Actor | None) -> None:
    broken = unscoped(mend.model, why="what a check has found is mended, whosever it is")
    row = db.session.get(broken, (organization_id, found.id), with_for_update=True)
    if row is not None:
        mend.by(row, actor)
        db.session.flush()
        db.session.execute(_SPEAK_NOW)
        outcome.repaired.append(_line(mend.check, found, mend.done))


@contextmanager
def _refusals(outcome: Outcome, check: Check, found: Found) -> Iterator[None]:
    try:
        with translated_integrity_errors():
            yield
    except DomainError as error:
        outcome.errors.append(_line(check, found, error.sentence))


def _line(check: Check, found: Found, what: Sentence) -> Line:
    return Line(found.resource, found.id, found.detail, check.sentence, str(what))
