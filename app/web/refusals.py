"""Counts of requests that found no slot, by organization, since this process started."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

_MAX_ORGANIZATIONS = 1000


@dataclass(frozen=True, slots=True)
class Refusals:
    """Number of an organization's refused requests, and the time of the last one.

    None in place of the organization stands for unidentified clients.
    """

    organization_id: UUID | None
    number: int
    last_at: datetime


_lock = threading.Lock()
_refusals: OrderedDict[UUID | None, Refusals] = OrderedDict()


def count_refusal(organization_id: UUID | None) -> None:
    """Count a refused request; if the table is full, drop the organization refused longest ago."""
    now = datetime.now(UTC)
    with _lock:
        before = _refusals.get(organization_id, Refusals(organization_id, 0, now))
        _refusals[organization_id] = replace(before, number=before.number + 1, last_at=now)
        _refusals.move_to_end(organization_id)
        if len(_refusals) > _MAX_ORGANIZATIONS:
            _refusals.popitem(last=False)


def list_refusals() -> Sequence[Refusals]:
    """Return the refusals of all organizations, the most frequent first."""
    with _lock:
        return sorted(_refusals.values(), key=lambda one: one.number, reverse=True)
