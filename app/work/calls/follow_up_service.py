"""One-click assignment of a follow-up for a call that didn't book."""

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
    """Create a task to follow up a call tomorrow morning, in the organization's time zone.

    It is assigned to the CSR of the call if they are an active user who can do tasks, or else to the actor. `task_id`
    is generated with the button: pressing it twice creates one task, and the second of two users gets a Conflict.
    Raises Forbidden, NotFound, and ValidationFailed if the actor can't assign tasks to others. Also raises Conflict if
    the call's booking status isn't "not booked", if the call already has a follow-up, or if the task that the button
    created is no longer open.
    """
    actor.requires(Permission.TASKS_WRITE)
    call = get_call(actor, call_id, lock=True)
    there = find_task(actor, task_id)
    if there is not None and there.call_id == call_id and there.created_by == actor.reference_id:
        if there.status in OPEN:
            return there
        raise Conflict(None, _l("The follow-up task you added is no longer open. Reload the page to add another."))
    if call.booking_status != BookingStatus.NOT_BOOKED:
        raise Conflict(None, _l("This call’s booking status has changed, so it no longer needs follow-up."))
    if is_followed_up(actor, call_id):
        raise Conflict(None, _l("Someone is already following up on this call."))
    given = NewTaskInput(
        title=_("Follow up on unbooked call"),
        due_at=morning_of(now.astimezone(ZoneInfo(actor.timezone)) + timedelta(days=1)),
        assigned_to_user_id=_who(actor, call.csr_id),
        call_id=call_id,
    )
    return tasks.create(actor, task_id, given)


def _who(actor: Actor, csr_id: UUID | None) -> UUID | None:
    """Return the call's CSR if they can do tasks, or else the actor, or None for a guest."""
    roles = find_roles(actor.organization_id, [csr_id]) if csr_id else {}
    return csr_id if csr_id and roles.get(csr_id) in DOERS else actor.reference_id
