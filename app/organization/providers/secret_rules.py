"""The secrets of an account, as one sealed piece of JSON: {name: {value, set_at}}.

Each row is sealed for itself, so that bytes copied from another row, or from another organization, do not open.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.models import Integration
from app.security.encryption import seal, unseal

#: Of a shorter one, its end would tell too much.
_MIN_WITH_END, _SHOWN = 12, 4


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret and when it was set."""

    value: str = field(repr=False)
    set_at: datetime

    @property
    def ending(self) -> str | None:
        """Its last four characters, for people to recognise it by; None of a short one."""
        return self.value[-_SHOWN:] if len(self.value) >= _MIN_WITH_END else None


def seal_secrets(integration_id: UUID, secrets: Mapping[str, Secret]) -> bytes:
    """As they are stored in that row."""
    kept = {name: {"value": secret.value, "set_at": secret.set_at.isoformat()} for name, secret in secrets.items()}
    return seal(json.dumps(kept), _purpose(integration_id))


def open_secrets(integration: Integration) -> dict[str, Secret]:
    """The secrets of an account; raises SecretUnreadable when the key they were sealed under is lost."""
    kept = json.loads(unseal(integration.secrets, _purpose(integration.id)))
    return {name: Secret(one["value"], datetime.fromisoformat(one["set_at"])) for name, one in kept.items()}


def _purpose(integration_id: UUID) -> str:
    return f"integration {integration_id}"
