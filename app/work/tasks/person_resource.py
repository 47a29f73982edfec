"""Tasks as shown on the page of their contact."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.declarations.person import ContactReference, Facts, TimelineEntry, TimelineFilter
from app.models import Task, TaskStatus, User
from app.security.scope import unscoped
from app.web.drawing import when
from app.web.labels import label
from app.work.tasks.rules import OPEN

_Assignee = aliased(User, name="assignee_of_line")

_TONES = {"completed": "good", "cancelled": "neutral", "in_progress": "info"}


def _words(facts: Facts) -> TimelineEntry:
    due = datetime.fromisoformat(facts["due_at"]) if facts["due_at"] else None
    parts = []
    if facts["who"]:
        parts.append(_("for %(name)s", name=facts["who"]))
    if due is not None:
        parts.append(Markup(_("due %(time)s")) % {"time": when(due)})  # noqa: S704 - our own sentence
    back = datetime.fromisoformat(facts["snoozed_until"]) if facts["snoozed_until"] else None
    now = datetime.now(UTC)
    is_snoozed = back is not None and back > now
    is_late = due is not None and facts["status"] in OPEN and due < now and not is_snoozed
    is_new = facts["status"] == TaskStatus.PENDING
    return TimelineEntry(
        facts["title"],
        "list-todo",
        detail=Markup(", ").join(parts),
        state=_("Overdue") if is_late else "" if is_new else label(facts["status"], "TaskStatus"),
        tone="warn" if is_late else _TONES.get(facts["status"], "neutral"),
    )


TASK_PERSON = ContactReference(
    card=Task.contact_card_id,
    at=Task.created_at,
    story=TimelineFilter.TASKS,
    facts=lambda _actor: {
        "title": Task.title,
        "status": Task.status,
        "due_at": Task.due_at,
        "snoozed_until": Task.snoozed_until,
        "who": _Assignee.name,
    },
    joined=lambda selection: unscoped(
        selection.outerjoin(_Assignee, refers_to(_Assignee, Task, Task.assigned_to_user_id)),
        why="joins names to rows that are scoped",
    ),
    words=_words,
    open=lambda: is_any_of(Task.status, OPEN),
)
