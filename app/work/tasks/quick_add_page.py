"""Display of the task that was parsed from a line: while typing, and after it was added."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import pgettext

from app.errors import ValidationFailed
from app.models import TaskPriority
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web import formatting
from app.web.labels import label
from app.web.render_context import current_render_context
from app.work.tasks.quick_add_queries import read_as
from app.work.tasks.quick_add_rules import Line, task_of


@dataclass(frozen=True, slots=True)
class LineReading:
    """The parsed task that is shown below the field.

    `refusal` is the reason why the task can't be added.
    """

    at: datetime
    line: Line | None = None
    refusal: str = ""


def line_reading(actor: Actor, text: str, now: datetime) -> LineReading:
    """Parse `text` as a task for `actor` at `now`, with the reason if the task can't be added.

    The result is empty if nothing was typed.
    """
    if not text.strip():
        return LineReading(now)
    line = read_as(actor, text, now)
    try:
        task_of(line, may_assign=actor.may(Permission.TASKS_ASSIGN))
    except ValidationFailed as refusal:
        return LineReading(now, line, str(refusal.fields[0].message))
    return LineReading(now, line)


def added_text(line: Line) -> str:
    """Return the message about the task that was added."""
    parts = [line.title]
    if line.assignee is not None:
        parts.append(_("for %(name)s", name=line.assignee.name))
    if line.due_at is not None:
        parts.append(pgettext("task", "due %(time)s", time=_written(line.due_at)))
    if line.priority is not TaskPriority.MEDIUM:
        parts.append(label(line.priority, "TaskPriority"))
    return str(_("Added: %(task)s.", task=" · ".join(parts)))


def _written(moment: datetime) -> str:
    context = current_render_context()
    return formatting.date_and_clock(formatting.in_zone(moment, context.zone), context.locale, context.now)
