"""Queries for the settings of the assistant."""

from app.extensions import db
from app.models import AiConfig
from app.security.actor import Actor
from app.security.rows import held
from app.security.scope import visible


def find_assistant(actor: Actor, *, lock: bool = False) -> AiConfig | None:
    """Return the organization's assistant, or None if it hasn't been set up.

    With `lock`, the row is refreshed and locked.
    """
    statement = visible(AiConfig, actor)
    return db.session.scalar(held(statement) if lock else statement)
