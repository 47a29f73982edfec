"""Reading a line as whoever types it means it: their language and clocks, and whom they may give tasks to."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.lists.choices import Choice
from app.people.users.queries import list_colleagues
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.tasks.line_moment_rules import Reader
from app.work.tasks.line_rules import Line, read_line
from app.work.tasks.rules import DOERS


def assignable(actor: Actor) -> Sequence[Choice]:
    """To whom `actor` may give a task, by name: for whom assigning is, anybody who can finish it, else oneself."""
    if actor.may(Permission.TASKS_ASSIGN):
        return [Choice(one.id, one.name) for one in list_colleagues(actor, (), DOERS)]
    return [me] if (me := oneself(actor)) else []


def oneself(actor: Actor) -> Choice | None:
    """As an assignee; None for a guest, whom no row names."""
    return Choice(actor.user_id, actor.name) if actor.reference_id else None


def read_as(actor: Actor, text: str, now: datetime) -> Line:
    """What `text` means for `actor` at `now`."""
    people = assignable(actor) if "@" in text else ()
    return read_line(text, Reader(actor.language, now, ZoneInfo(actor.timezone), oneself(actor), people))
