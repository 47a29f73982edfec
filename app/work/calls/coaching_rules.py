"""Rules for writing, answering and completing coaching notes."""

from uuid import UUID

from app.security.actor import Actor
from app.security.permissions import Permission


def may_coach(actor: Actor) -> bool:
    """Return whether `actor` can write coaching notes."""
    return actor.may(Permission.COACHING_WRITE)


def is_coached(csr_id: UUID | None, actor: Actor) -> bool:
    """Return whether `actor` is the CSR of the call, who answers its coaching and marks it as done."""
    return csr_id is not None and csr_id == actor.reference_id


def may_answer(csr_id: UUID | None, actor: Actor) -> bool:
    """Return whether `actor` can answer coaching that they see: the call's CSR, and anyone who can coach."""
    return is_coached(csr_id, actor) or may_coach(actor)
