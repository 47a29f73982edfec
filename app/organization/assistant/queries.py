"""Queries for the settings of the assistant."""

from sqlalchemy import select

from app.extensions import db
from app.models import AiConfig
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import held
from app.security.scope import visible


def find_assistant(actor: Actor, *, lock: bool = False) -> AiConfig | None:
    """Return the organization's assistant, or None if it hasn't been set up.

    With `lock`, the row is refreshed and locked.
    """
    statement = visible(AiConfig, actor)
    return db.session.scalar(held(statement) if lock else statement)


#: The organization's assistant, with all its settings.
assistant_record = ListOf(
    AiConfig,
    select(
        AiConfig.id,
        AiConfig.assistant_name,
        AiConfig.greeting,
        AiConfig.voice,
        AiConfig.language,
        AiConfig.model,
        AiConfig.temperature,
        AiConfig.max_call_minutes,
        AiConfig.business_hours,
        AiConfig.escalation_number,
        AiConfig.enabled,
        AiConfig.created_at,
        AiConfig.updated_at,
        AiConfig.version,
    ),
    narrow=lambda _filters, _actor, _now: (),
    sorts=(),
)
