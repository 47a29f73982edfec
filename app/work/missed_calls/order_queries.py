"""The order in which to call missed callers, wherever the queue is worked from the top."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import DateTime, and_, bindparam, case, func, or_, select

from app.db.orders import Order
from app.db.paging import Selection
from app.models import MissedCallEntry, Organization
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.list_of import OrderOf
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.rules import opened_at

#: Tabs with callers to call, in the order in which to call them.
WORKED = (Tab.TO_DO, Tab.MINE)


class QueueGroup(IntEnum):
    """Groups of waiting callers, in the order in which to call them.

    - OVERDUE_TODAY: not attempted, and the deadline has passed since the company opened today; longest overdue first.
      It is empty outside business hours.
    - IN_TIME: not attempted, with the deadline ahead; soonest first.
    - TRY_AGAIN: attempted, and the time of the next attempt has passed, or none is scheduled; longest waiting first.
    - OVERDUE_EARLIER: not attempted, and overdue since before; newest first.
    - LATER: attempted, with the next attempt ahead; soonest first.
    """

    OVERDUE_TODAY = 1
    IN_TIME = 2
    TRY_AGAIN = 3
    OVERDUE_EARLIER = 4
    LATER = 5


_NOW: Any = bindparam("queue_now", type_=DateTime(timezone=True))
#: When the company opened today; NULL outside business hours.
_OPENED: Any = bindparam("queue_opened", type_=DateTime(timezone=True))

_DUE = MissedCallEntry.sla_due_at
_IS_TRIED = MissedCallEntry.attempts > 0
_NEXT_TRY = func.coalesce(MissedCallEntry.next_attempt_at, MissedCallEntry.last_attempt_at, _DUE)
_GROUP: Any = case(
    (and_(_IS_TRIED, MissedCallEntry.next_attempt_at > _NOW), QueueGroup.LATER.value),
    (_IS_TRIED, QueueGroup.TRY_AGAIN.value),
    (_DUE >= _NOW, QueueGroup.IN_TIME.value),
    (_DUE >= _OPENED, QueueGroup.OVERDUE_TODAY.value),
    else_=QueueGroup.OVERDUE_EARLIER.value,
)
_IS_OLD = and_(~_IS_TRIED, _DUE < _NOW, or_(_OPENED.is_(None), _DUE < _OPENED))
_ORDER = (
    _GROUP,
    # For callers overdue since before; NULL, so without effect, in the other groups.
    case((_IS_OLD, _DUE)).desc(),
    case((_IS_OLD, MissedCallEntry.first_missed_at)).desc(),
    case((_IS_TRIED, _NEXT_TRY), else_=_DUE),
    MissedCallEntry.first_missed_at,
    MissedCallEntry.id,
)


def order_for(filters: EntryFilters) -> OrderOf | None:
    """Return the order in which to call the entries that match `filters`; None if the tab is not for calling."""
    return queue_order if filters.tab in WORKED else None


def queue_order(actor: Actor, now: datetime) -> Order:
    """Return the order in which to call waiting entries; rows have their QueueGroup as `queue_group`."""
    [(hours,)] = _business_hours.rows(actor)
    values = {"queue_now": now, "queue_opened": opened_at(now, hours, actor.timezone)}
    return Order("queue", _ORDER, values, (_GROUP.label("queue_group"),))


@compiled_query
def _business_hours(actor: Actor) -> Selection:
    return select(Organization.business_hours).where(Organization.id == actor.organization_id)
