"""What people are told of: each kind is declared by the feature that tells it, in its `notices.py`.

TASK_ASSIGNED = Notice(kind="task_assigned", label=_l("Tasks given to me"), icon="list-todo", about="task", …)

notify(TASK_ASSIGNED, [Telling(task.assigned_to_user_id, sentence, link, task.id)])
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.errors import Sentence
from app.security.permissions import Permission


class Way(StrEnum):
    """Where somebody wants to be told; the names stand in `users.notification_choices`."""

    PAGE = "page"
    MAIL = "mail"
    DIGEST = "digest"


class Merge(StrEnum):
    """What becomes one while it is unread: all of a kind, all of a kind about one record, or nothing."""

    KIND = "kind"
    RECORD = "record"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A kind of notification, for those who have `permission`; `hint` says more of it where it is chosen. `tone` is
    that of its icon: good, warn or bad.

    `ways` are those of who has chosen nothing, `offered` those that can be chosen. `about` names the resource that it
    tells of: who may not see the record any more is not told any more. Of several that `merge` into one, `many` says
    how many; `many_link` is the path that leads to them, None: that of the last. What one did oneself is told to nobody
    but who `tells_actor`: what came of work that somebody has asked for, or of what nobody does. Who is suspended gets
    no mail at once, unless the notice `mails_who_is_kept_out`. `mail` names a mail of its own for whoever wants it at
    once, one for each thing told (`app.declarations.letter`).
    """

    kind: str
    label: Sentence
    icon: str
    permission: Permission | None = None
    hint: Sentence | None = None
    tone: str = ""
    ways: frozenset[Way] = frozenset({Way.PAGE})
    offered: tuple[Way, ...] = tuple(Way)
    about: str | None = None
    merge: Merge = Merge.NEVER
    many: Callable[[int], str] | None = None
    many_link: str | None = None
    tells_actor: bool = False
    mails_who_is_kept_out: bool = False
    mail: str | None = None

    def chosen(self, choices: Mapping[str, Any]) -> frozenset[Way]:
        """The ways of somebody with these `users.notification_choices`."""
        named = choices.get(self.kind)
        return self.ways if named is None else frozenset(way for way in self.offered if way.value in named)
