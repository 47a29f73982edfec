"""Query of the setup steps that an organization has done."""

from collections.abc import Sequence

from sqlalchemy import select

from app.declarations.setup_step import SetupStep
from app.extensions import db
from app.security.actor import Actor
from app.security.scope import unscoped


def are_done(actor: Actor, steps: Sequence[SetupStep]) -> Sequence[bool]:
    """Return whether each of `steps` is done, in one statement."""
    done = [step.is_done(actor) for step in steps]
    if not done:
        return ()
    return tuple(
        db.session.execute(unscoped(select(*done), why="each condition reads rows in the actor's scope")).one()
    )
