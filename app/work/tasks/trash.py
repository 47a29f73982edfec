"""Deletion and restoring of tasks and suggested tasks."""

from app.declarations.deletable import Deletable
from app.security.permissions import Permission
from app.work.contacts.trash import OF_A_CONTACT
from app.work.tasks.resource import PENDING_ACTION, TASK

PENDING_ACTION_DELETION = Deletable(resource=PENDING_ACTION, permission=Permission.TASKS_DELETE, parents=OF_A_CONTACT)

#: Calls are never in the trash, and a task refers to a lead only through its appointment.
TASK_DELETION = Deletable(
    resource=TASK,
    permission=Permission.TASKS_DELETE,
    parents=OF_A_CONTACT,
    optional_parents={"appointment_id": "appointment"},
)
