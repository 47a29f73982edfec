"""Display of the task that was parsed from a line: while typing, and after it was added."""

from collections.abc import Sequence
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
from app.work.tasks.quick_add_contact_rules import NO_CONTACT, NamedContact
from app.work.tasks.quick_add_queries import find_named, read_as
from app.work.tasks.quick_add_rules import Line, task_of


@dataclass(frozen=True, slots=True)
class LineReading:
    """The parsed task that is shown below the field.

    `refusal` is the reason why the task can't be added. `about` is the only contact that the title names; if it names
    several, they are `offered`, and `chosen` is the value of the choice.
    """

    at: datetime
    line: Line | None = None
    refusal: str = ""
    about: NamedContact | None = None
    offered: Sequence[NamedContact] = ()
    chosen: str = NO_CONTACT


def line_reading(actor: Actor, text: str, now: datetime, chosen: str = NO_CONTACT) -> LineReading:
    """Parse `text` as a task for `actor` at `now`, with the reason if the task can't be added.

    `chosen` is the contact that was chosen among several. The result is empty if nothing was typed.
    """
    if not text.strip():
        return LineReading(now)
    line = read_as(actor, text, now)
    try:
        task_of(line, may_assign=actor.may(Permission.TASKS_ASSIGN))
    except ValidationFailed as refusal:
        return LineReading(now, line, str(refusal.fields[0].message))
    named = find_named(actor, line)
    if len(named) > 1:
        return LineReading(now, line, offered=named, chosen=chosen)
    return LineReading(now, line, about=named[0] if named else None)


def added_text(line: Line, about: NamedContact | None) -> str:
    """Return the message about the task that was added, and the contact that it is about."""
    parts = [line.title]
    if about is not None:
        parts.append(_("about %(name)s", name=about.name))
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
