"""Context for parsing a line: the actor's language and time zone, and the people to assign tasks to."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.lists.choices import Choice
from app.people.users.queries import list_colleagues
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.tasks.quick_add_rules import Line, read_line
from app.work.tasks.quick_add_time_rules import Reader
from app.work.tasks.rules import DOERS


def assignable(actor: Actor) -> Sequence[Choice]:
    """Return the people to whom `actor` can assign a task, by name.

    An actor with the permission to assign tasks can choose anyone who can complete tasks, others only themselves.
    """
    if actor.may(Permission.TASKS_ASSIGN):
        return [Choice(one.id, one.name) for one in list_colleagues(actor, (), DOERS)]
    return [me] if (me := own_choice(actor)) else []


def own_choice(actor: Actor) -> Choice | None:
    """Return the actor as an assignee, or None for a guest, whom rows can't refer to."""
    return Choice(actor.user_id, actor.name) if actor.reference_id else None


def read_as(actor: Actor, text: str, now: datetime) -> Line:
    """Parse `text` as a task at `now`, for the language, the time zone and the colleagues of `actor`."""
    people = assignable(actor) if "@" in text else ()
    return read_line(text, Reader(actor.language, now, ZoneInfo(actor.timezone), own_choice(actor), people))
