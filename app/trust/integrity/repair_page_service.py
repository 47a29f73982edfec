"""Repairs requested on the repair page: previewed first, then executed and recorded under the user's name."""

from collections.abc import Mapping, Sequence

from app.audit.actions import Action
from app.audit.record import record_read
from app.db.transaction import dry_run
from app.declarations.registry import registry
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.integrity.repair_service import Outcome, repair
from app.trust.integrity.service import Report, check_organization

#: Limit per check and request; the next request continues with the rest.
MAX_AT_ONCE = 200


def preview_repairs(actor: Actor, *, clear_past_due: bool) -> Mapping[str, Outcome]:
    """Return, by subject, what each repair would do and what would be refused.

    Each repair is executed and rolled back.
    """
    actor.requires(Permission.SYSTEM_REPAIR)
    outcomes = {}
    for subject in registry().repairs:
        with dry_run():
            outcomes[subject] = _run(actor, subject, clear_past_due=clear_past_due)
    return outcomes


def apply_repair(actor: Actor, subject: str, *, clear_past_due: bool) -> Outcome:
    """Run a repair and return its outcome; rows that a rule refuses don't affect the others.

    Raises RateLimited: a repair can be run again and again without changing anything.
    """
    actor.requires(Permission.SYSTEM_REPAIR)
    outcome = _run(actor, subject, clear_past_due=clear_past_due)
    counts = {"repaired": len(outcome.repaired), "refused": len(outcome.errors)}
    record_read(Action.ORGANIZATION_REPAIRED, "organization", actor.organization_id, {"subject": subject, **counts})
    return outcome


def list_findings(actor: Actor) -> Sequence[Report]:
    """Return a report of each check that found something."""
    actor.requires(Permission.SYSTEM_REPAIR)
    return check_organization(actor.organization_id)


def _run(actor: Actor, subject: str, *, clear_past_due: bool) -> Outcome:
    outcome = Outcome()
    repair(subject, actor.organization_id, outcome, clear_past_due=clear_past_due, most=MAX_AT_ONCE, actor=actor)
    return outcome
