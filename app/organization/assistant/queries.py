"""Reading how the assistant is set up."""

from app.extensions import db
from app.models import AiConfig
from app.security.actor import Actor
from app.security.rows import held
from app.security.scope import visible


def find_assistant(actor: Actor, *, lock: bool = False) -> AiConfig | None:
    """The assistant of the organization; None while nobody has set one up. With `lock` it is held and read anew."""
    statement = visible(AiConfig, actor)
    return db.session.scalar(held(statement) if lock else statement)
