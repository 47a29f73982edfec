"""Occupation of a person: a CSR takes calls, a sales rep visits customers.

It decides who is credited with work and which work counts as a person's own, never what they can do; that is decided by
permissions. Only people of the organization have an occupation: guests and programs have none, whatever their role.

All functions are pure.
"""

from app.security.actor import Actor
from app.security.permissions import Role


def is_csr(actor: Actor) -> bool:
    """Return whether the actor works as a CSR, who is credited with calls and what comes of them."""
    return actor.reference_id is not None and actor.role is Role.CSR


def is_sales_rep(actor: Actor) -> bool:
    """Return whether the actor works as a sales rep, who attends appointments instead of booking them for others."""
    return actor.reference_id is not None and actor.role is Role.SALES_REP
