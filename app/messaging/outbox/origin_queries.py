"""The origin of a request as emails about an account state it: time, device and IP address."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.db.context import current_context
from app.errors import LazyText
from app.security.devices import device_of


@dataclass(frozen=True, slots=True)
class Origin:
    """The time of an action, with the device and IP address of its request, None without a request.

    The device is described in our own words; what the browser calls itself is never repeated.
    """

    at: datetime
    device: LazyText | None
    ip_address: str | None


def current_origin() -> Origin:
    """Return the origin of the current action, by the same facts as the audit trail.

    A job has the device and IP address of the request that enqueued it; commands and scheduled jobs have none.
    """
    context = current_context()
    has_request = context.ip_address is not None or context.user_agent is not None
    return Origin(
        at=datetime.now(UTC),
        device=device_of(context.user_agent) if has_request else None,
        ip_address=context.ip_address,
    )
