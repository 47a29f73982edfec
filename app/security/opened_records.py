"""Records that a page shows without naming them in its route, such as one that is open in a list."""

from collections.abc import Sequence
from uuid import UUID

from flask import g

_OPENED = "switchboard_opened_records"


def note_opened(resource_type: str, record_id: UUID) -> None:
    """Note that this request shows a record, so that it is recorded if the person views as another."""
    setattr(g, _OPENED, [*list_opened(), (resource_type, record_id)])


def list_opened() -> Sequence[tuple[str, UUID]]:
    """Return type and id of the records noted during this request."""
    opened: Sequence[tuple[str, UUID]] = g.get(_OPENED, ())
    return opened
