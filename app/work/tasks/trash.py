"""How tasks and suggested tasks are deleted and come back."""

from app.declarations.deletable import Deletable
from app.security.permissions import Permission
from app.work.contacts.trash import OF_A_CONTACT
from app.work.tasks.resource import PENDING_ACTION, TASK

PENDING_ACTION_DELETION = Deletable(resource=PENDING_ACTION, permission=Permission.TASKS_DELETE, parents=OF_A_CONTACT)

#: A call is never in the trash, and a lead is known to a task by its appointment only.
TASK_DELETION = Deletable(
    resource=TASK,
    permission=Permission.TASKS_DELETE,
    parents=OF_A_CONTACT,
    optional_parents={"appointment_id": "appointment"},
)
