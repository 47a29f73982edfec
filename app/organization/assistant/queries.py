"""Reading how the assistant is set up."""

from app.extensions import db
from app.models import AiConfig
from app.security.actor import Actor
from app.security.scope import visible


def find_assistant(actor: Actor, *, lock: bool = False) -> AiConfig | None:
    """The assistant of the organization; None while nobody has set one up. With `lock` it is held and read anew."""
    statement = visible(AiConfig, actor)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)
