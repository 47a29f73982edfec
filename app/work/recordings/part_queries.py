"""Queries for the parts of recordings."""

from sqlalchemy import func, select

from app.db.paging import Sort
from app.models import RecordingPart
from app.security.list_of import ListOf

_RECORD = select(
    RecordingPart.id,
    RecordingPart.number,
    RecordingPart.bytes,
    func.encode(RecordingPart.sha256, "hex").label("sha256"),
    RecordingPart.received_at,
)

#: The parts of recordings that `actor` can see, in their order.
part_records = ListOf(
    RecordingPart,
    _RECORD,
    narrow=lambda _filters, _actor, _now: (),
    sorts=(
        Sort(
            "number",
            RecordingPart.number,
            RecordingPart.id,
            descending=False,
            value_of=lambda row: row.number,
            parse=int,
        ),
    ),
)
