"""Declaration of the tasks feature."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.declarations.place import Counted, Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.tasks import (
    api,
    bulk,
    change_views,
    integrity,
    open_work,
    privacy,
    resource,
    task_views,
    trash,
    views,
)
from app.work.tasks.notices import TASK_ASSIGNED
from app.work.tasks.panel import TASK_PANEL

FEATURE = Feature(
    blueprint=views.tasks,
    pages=(
        views,
        change_views,
        task_views,
    ),
    bulk=(bulk.COMPLETE_TASKS, bulk.ASSIGN_TASKS, bulk.SNOOZE_TASKS, bulk.MOVE_TASKS, bulk.DELETE_TASKS),
    exports=(list_export(resource.TASK, resource.TASK_LIST),),
    navigation=(
        Place(Group.WORK, "tasks.index", _l("Tasks"), "list-todo", Permission.TASKS_READ, "t", counted=Counted.TASKS),
    ),
    commands=(
        Command(
            label=_l("New task"),
            endpoint="tasks.new",
            icon="plus",
            permission=Permission.TASKS_WRITE,
            words=_l("add to do reminder follow-up"),
        ),
    ),
    panels=(TASK_PANEL,),
    notices=(TASK_ASSIGNED,),
    api=api.API,
    resources=(
        resource.TASK,
        resource.PENDING_ACTION,
    ),
    deletes=(
        trash.TASK_DELETION,
        trash.PENDING_ACTION_DELETION,
    ),
    checks=(
        integrity.ASSIGNEE,
        integrity.ASSIGNEE_INACTIVE,
        integrity.OVERDUE,
        integrity.SUGGESTED,
    ),
    repairs=(integrity.REPAIR,),
    works=(
        open_work.TASKS,
        open_work.ACTIONS,
    ),
    personal=privacy.PERSONAL,
)
