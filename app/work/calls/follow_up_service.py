"""One click that has somebody follow up a call that did not book."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.models import BookingStatus, Task
from app.people.users.queries import find_roles
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls.detail_queries import get_call
from app.work.calls.follow_up_queries import is_followed_up
from app.work.tasks import service as tasks
from app.work.tasks.detail_queries import find_task
from app.work.tasks.group_rules import morning_of
from app.work.tasks.rules import DOERS, OPEN, NewTaskInput


def follow_up(actor: Actor, call_id: UUID, task_id: UUID, now: datetime) -> Task:
    """A task for tomorrow morning, on the organization's clocks: for the CSR of the call who works here, else for
    oneself.

    `task_id` is made with the button: pressed twice, it is one task, and of two who press it at once the second is
    told. Raises Forbidden, NotFound, ValidationFailed where one may not give tasks to others, and Conflict where the
    call did book after all, or something follows it already.
    """
    actor.requires(Permission.TASKS_WRITE)
    call = get_call(actor, call_id, lock=True)
    there = find_task(actor, task_id)
    if there is not None and there.call_id == call_id and there.created_by == actor.reference_id:
        if there.status in OPEN:
            return there
        raise Conflict(None, _l("That task is not open any more. Open the page again to give another one."))
    if call.booking_status != BookingStatus.NOT_BOOKED:
        raise Conflict(None, _l("This call counts as unbooked no more."))
    if is_followed_up(actor, call_id):
        raise Conflict(None, _l("Somebody follows this call up already."))
    given = NewTaskInput(
        title=_("Follow up: the call did not book"),
        due_at=morning_of(now.astimezone(ZoneInfo(actor.timezone)) + timedelta(days=1)),
        assigned_to_user_id=_who(actor, call.csr_id),
        call_id=call_id,
    )
    return tasks.create(actor, task_id, given)


def _who(actor: Actor, csr_id: UUID | None) -> UUID | None:
    """Nobody where the call has no CSR who is here, and a guest follows up."""
    roles = find_roles(actor.organization_id, [csr_id]) if csr_id else {}
    return csr_id if csr_id and roles.get(csr_id) in DOERS else actor.reference_id
