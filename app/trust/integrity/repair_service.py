"""Repairs that follow a rule, made row by row and recorded in the trail like any other change.

No repair deletes a user. Repairs are declared with the checks (`app.declarations.checked`), so that a repair fixes
exactly what a check finds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from app.db.transaction import translated_integrity_errors
from app.declarations.checked import Check, Found, RepairStep
from app.declarations.registry import registry
from app.errors import DomainError, LazyText
from app.extensions import db
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.organization_queries import lock_organization

#: Limit per check and run; the next run continues with the rest.
MAX_REPAIRED = 10_000

#: The constraint on the last owner is deferred to the commit; here it is checked for each row.
_SPEAK_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")


@dataclass(frozen=True, slots=True)
class Line:
    """A row in a repair's outcome: what is wrong with it (`why`), and what was done, or why not (`what`)."""

    resource: str
    id: UUID | None
    detail: str
    why: LazyText
    what: str


@dataclass(slots=True)
class Outcome:
    """Result of a repair.

    `findings` have to be handled by a person; `errors` were refused by the database or a rule, or because the actor
    lacks a permission.
    """

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
    """Repair what `subject` names in the context's organization, and collect the results in `outcome`.

    Repairs at most `most` rows per check. A step that has to be requested only runs with `clear_past_due`; otherwise
    its rows become findings. It only flushes: the caller commits or rolls back. If a row is refused, or `actor` lacks
    the permission for it, only that row is rolled back. `actor` is None for the system.
    """
    lock_organization(organization_id)
    for step in registry().repairs[subject].steps:
        found = step.check.find(organization_id, most).found
        if step.unless_requested is not None and not clear_past_due:
            outcome.findings += [_line(step.check, one, step.unless_requested) for one in found]
            continue
        for one in found:
            with _refusals(outcome, step.check, one):
                _repair(step, organization_id, one, outcome, actor)


def _repair(step: RepairStep, organization_id: UUID, found: Found, outcome: Outcome, actor: Actor | None) -> None:
    broken = unscoped(step.model, why="repairs what an integrity check has found, regardless of record scope")
    row = db.session.get(broken, (organization_id, found.id), with_for_update=True)
    if row is not None:
        step.by(row, actor)
        db.session.flush()
        db.session.execute(_SPEAK_NOW)
        outcome.repaired.append(_line(step.check, found, step.done))


@contextmanager
def _refusals(outcome: Outcome, check: Check, found: Found) -> Iterator[None]:
    try:
        with translated_integrity_errors():
            yield
    except DomainError as error:
        outcome.errors.append(_line(check, found, error.sentence))


def _line(check: Check, found: Found, what: LazyText) -> Line:
    return Line(found.resource, found.id, found.detail, check.sentence, str(what))
