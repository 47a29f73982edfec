"""Encryption of an account's secrets, as one piece of JSON: {name: {value, set_at}}.

The encryption is bound to the row, so bytes copied from another row or another organization can't be decrypted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.models import Integration
from app.security.encryption import seal, unseal

#: The end of a shorter secret would reveal too much of it.
_MIN_WITH_END, _SHOWN = 12, 4


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, and when it was set."""

    value: str = field(repr=False)
    set_at: datetime

    @property
    def ending(self) -> str | None:
        """The last four characters, by which people recognize the secret; None if it is short."""
        return self.value[-_SHOWN:] if len(self.value) >= _MIN_WITH_END else None


def seal_secrets(integration_id: UUID, secrets: Mapping[str, Secret]) -> bytes:
    """Encrypt the secrets for storage in the row with this id."""
    kept = {name: {"value": secret.value, "set_at": secret.set_at.isoformat()} for name, secret in secrets.items()}
    return seal(json.dumps(kept), _purpose(integration_id))


def open_secrets(integration: Integration) -> dict[str, Secret]:
    """Decrypt the secrets of an account.

    Raises SecretUnreadable if the key that encrypted them is lost.
    """
    kept = json.loads(unseal(integration.secrets, _purpose(integration.id)))
    return {name: Secret(one["value"], datetime.fromisoformat(one["set_at"])) for name, one in kept.items()}


def _purpose(integration_id: UUID) -> str:
    return f"integration {integration_id}"
