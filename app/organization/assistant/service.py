"""Changes to the settings of the assistant.

They are stored here as the organization wants them. The provider's integration sends them to the provider; it finds
unsent changes by `version`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.errors import AlreadyExists
from app.extensions import db
from app.models import AiConfig
from app.organization.assistant.queries import find_assistant
from app.organization.assistant.rules import NOT_THERE, checked
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row
from app.tenancy.organization_queries import lock_organization


def save_assistant(actor: Actor, given: Mapping[str, Any], *, version: int) -> AiConfig:
    """Change the assistant, or set it up; of two concurrent requests, the second one is a change.

    `version` is NOT_THERE if the assistant didn't exist when the form was opened. Saving the current values changes
    nothing. Raises Forbidden, VersionConflict and ValidationFailed.
    """
    actor.requires(Permission.AI_CONFIG_UPDATE)
    lock_organization(actor.organization_id)  # because there may be no row to lock yet
    values = checked(given, actor.country)
    there = find_assistant(actor, lock=True)
    if there is None:
        return _set_up(actor, values)
    now = {name: getattr(there, name) for name in values}
    if now == values:
        return there
    there.refuse_stale(version, now)
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(there, name, value)
    return there


def hold_assistant(actor: Actor, assistant_id: UUID) -> AiConfig:
    """Return the assistant, locked after its organization, as `save_assistant` does. Raises NotFound."""
    lock_organization(actor.organization_id)
    return get_row(actor, AiConfig, assistant_id, named="ai_config", lock=True)


def set_up_assistant(actor: Actor, given: Mapping[str, Any]) -> AiConfig:
    """Set up the assistant. Raises AlreadyExists if there is one, and the errors of `save_assistant`."""
    actor.requires(Permission.AI_CONFIG_UPDATE)
    lock_organization(actor.organization_id)
    if find_assistant(actor) is not None:
        raise AlreadyExists
    return _set_up(actor, checked(given, actor.country))


def _set_up(actor: Actor, values: Mapping[str, Any]) -> AiConfig:
    row = AiConfig(organization_id=actor.organization_id, id=uuid7(), version=NOT_THERE + 1, **values)
    with translated_integrity_errors():
        db.session.add(row)
    return row
