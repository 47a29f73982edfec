"""Requests that found no slot, by organization, counted since this process started."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

_MAX_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Refusals:
    """Number of an organization's refused requests, and the time of the last; None stands for unidentified clients."""

    organization_id: UUID | None
    number: int
    last_at: datetime


_lock = threading.Lock()
_kept: OrderedDict[UUID | None, Refusals] = OrderedDict()


def count_refusal(organization_id: UUID | None) -> None:
    """Count a request; if the table is full, the organization refused longest ago is dropped."""
    now = datetime.now(UTC)
    with _lock:
        before = _kept.get(organization_id, Refusals(organization_id, 0, now))
        _kept[organization_id] = replace(before, number=before.number + 1, last_at=now)
        _kept.move_to_end(organization_id)
        if len(_kept) > _MAX_KEPT:
            _kept.popitem(last=False)


def list_refusals() -> Sequence[Refusals]:
    """Return the refusals of all organizations, most first."""
    with _lock:
        return sorted(_kept.values(), key=lambda one: one.number, reverse=True)
