"""Notifications about tasks."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

TASK_ASSIGNED = Notice(
    kind="task_assigned",
    label=_l("Tasks assigned to me"),
    permission=Permission.TASKS_READ,
    icon="list-todo",
    about="task",
    merge=Merge.KIND,
    many=lambda n: ngettext("%(num)s task was assigned to you", "%(num)s tasks were assigned to you", n),
    many_link="/tasks?assignee=me&status=pending,in_progress",
)
