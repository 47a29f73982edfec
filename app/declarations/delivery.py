"""Declaration of what an event of a provider changes (docs/webhooks.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.models import IgnoredReason, Provider


@dataclass(frozen=True, slots=True)
class DeliveredEvent:
    """A verified event of a provider: its ID and type, and its body, a JSON object or the values of a form."""

    organization_id: UUID
    provider: Provider
    type: str
    id: str
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of a record, such as ("subscription", …, "payment.failed")."""

    resource_type: str
    resource_id: UUID
    action: str

    def to_json(self) -> dict[str, str]:
        """Return the effect as it is stored with its delivery."""
        return {
            "resource_type": self.resource_type,
            "resource_id": str(self.resource_id),
            "action": self.action,
        }


class DeliveryIgnored(Exception):
    """An event that turns out to have no effect while it is processed."""

    def __init__(self, reason: IgnoredReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DeliveryHandler:
    """Processing of some types of events of a provider.

    `handle` runs in the transaction of one delivery, which it doesn't commit, and returns its effects; none if there
    was nothing left to change. It can raise DeliveryIgnored. After any other error, the delivery is tried again.
    """

    provider: Provider
    types: frozenset[str]
    handle: Callable[[DeliveredEvent], Sequence[Effect]]
