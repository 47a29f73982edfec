"""Origin of a request, as emails about an account state it: time, device and IP address."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.db.context import current_context
from app.errors import LazyText
from app.security.devices import device_of


@dataclass(frozen=True, slots=True)
class Origin:
    """The time of an act, with the device and the IP address of its request; both None without a request.

    The device is in words of ours: what a browser calls itself is never repeated.
    """

    at: datetime
    device: LazyText | None
    ip_address: str | None


def current_origin() -> Origin:
    """Return where the current act came from, by the same facts as the audit trail.

    A job has them from the request that asked for it; commands and scheduled jobs have none.
    """
    context = current_context()
    has_request = context.ip_address is not None or context.user_agent is not None
    return Origin(
        at=datetime.now(UTC),
        device=device_of(context.user_agent) if has_request else None,
        ip_address=context.ip_address,
    )
