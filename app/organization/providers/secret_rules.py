"""Encryption of an account's secrets, as one piece of JSON, and how long a replaced one stays valid.

The JSON is {name: {value, set_at, former: [{value, valid_until}]}}. The encryption is bound to the row, so bytes copied
from another row or another organization can't be decrypted.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.models import Integration
from app.security.encryption import SecretUnreadable, seal, unseal

#: Time in which a new secret can be entered at the provider while requests with the former one are still accepted.
FORMER_VALID_FOR = timedelta(hours=72)
MAX_FORMER = 3
#: The end of a shorter secret would reveal too much of it.
_MIN_WITH_END, _SHOWN = 12, 4


@dataclass(frozen=True, slots=True)
class FormerSecret:
    """A replaced secret, and the time until which it is valid."""

    value: str = field(repr=False)
    valid_until: datetime

    @property
    def ending(self) -> str | None:
        """The last four characters, by which people recognize the secret; None if it is short."""
        return _ending_of(self.value)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, when it was set, and those that it replaced, newest first."""

    value: str = field(repr=False)
    set_at: datetime
    former: tuple[FormerSecret, ...] = ()

    @property
    def ending(self) -> str | None:
        """The last four characters, as of a former secret."""
        return _ending_of(self.value)

    def valid_former(self, now: datetime) -> tuple[FormerSecret, ...]:
        """Return the former secrets that are still valid, newest first."""
        return tuple(former for former in self.former if former.valid_until > now)

    def replaced(self, value: str, now: datetime) -> "Secret":
        """Return the secret with a new value; those that it replaces stay valid for a while, except the oldest."""
        former = (FormerSecret(self.value, now + FORMER_VALID_FOR), *self.valid_former(now))
        others = [secret for secret in former if secret.value != value]
        return Secret(value, now, tuple(others[:MAX_FORMER]))


def without_former(secrets: Mapping[str, Secret]) -> dict[str, Secret]:
    """Return the secrets without those that they replaced."""
    return {name: replace(secret, former=()) for name, secret in secrets.items()}


def seal_secrets(integration_id: UUID, secrets: Mapping[str, Secret], now: datetime) -> bytes:
    """Encrypt the secrets for storage in the row with this id, without former ones that are no longer valid."""
    stored = {
        name: {
            "value": secret.value,
            "set_at": secret.set_at.isoformat(),
            "former": [
                {"value": former.value, "valid_until": former.valid_until.isoformat()}
                for former in secret.valid_former(now)
            ],
        }
        for name, secret in secrets.items()
    }
    return seal(json.dumps(stored), _purpose(integration_id))


def open_secrets(integration: Integration) -> dict[str, Secret]:
    """Decrypt the secrets of an account.

    Raises SecretUnreadable if the key that encrypted them is lost.
    """
    stored = json.loads(unseal(integration.secrets, _purpose(integration.id)))
    return {
        name: Secret(secret["value"], datetime.fromisoformat(secret["set_at"]), _former(secret.get("former", ())))
        for name, secret in stored.items()
    }


def ends_of_former(row: Any, now: datetime) -> list[datetime]:
    """Return until when each of an account's former secrets is valid, latest first; none if they can't be decrypted.

    `row` has the `id` and the `secrets` of the account.
    """
    try:
        secrets = open_secrets(row)
    except SecretUnreadable:
        return []
    return [former.valid_until for secret in secrets.values() for former in secret.valid_former(now)]


def _former(stored: Iterable[Mapping[str, str]]) -> tuple[FormerSecret, ...]:
    return tuple(FormerSecret(former["value"], datetime.fromisoformat(former["valid_until"])) for former in stored)


def _ending_of(value: str) -> str | None:
    return value[-_SHOWN:] if len(value) >= _MIN_WITH_END else None


def _purpose(integration_id: UUID) -> str:
    return f"integration {integration_id}"
