"""Who coaches, who answers, and who says that it is done."""

from uuid import UUID

from app.security.actor import Actor
from app.security.permissions import Permission


def may_coach(actor: Actor) -> bool:
    """Whether `actor` writes coaching notes."""
    return actor.may(Permission.COACHING_WRITE)


def is_coached(csr_id: UUID | None, actor: Actor) -> bool:
    """Whether the coaching about a call is for `actor`: its CSR, who answers it and marks it as done."""
    return csr_id is not None and csr_id == actor.reference_id


def may_answer(csr_id: UUID | None, actor: Actor) -> bool:
    """Whether `actor` answers coaching that they see: its CSR, and whoever coaches."""
    return is_coached(csr_id, actor) or may_coach(actor)
