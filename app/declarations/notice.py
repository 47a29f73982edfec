"""What people are told of: each kind is declared by the feature that tells it, in its `notices.py`.

TASK_ASSIGNED = Notice(kind="task_assigned", label=_l("Tasks given to me"), icon="list-todo", about="task", …)

notify(TASK_ASSIGNED, [Telling(task.assigned_to_user_id, sentence, link, task.id)])
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Sentence
from app.security.permissions import Permission


class Way(StrEnum):
    """Where somebody wants to be told; the names stand in `users.notification_choices`."""

    PAGE = "page"
    MAIL = "mail"
    DIGEST = "digest"


#: Of an organization, by the ids of some of its people.
Decided: TypeAlias = Callable[[Session, UUID, Collection[UUID]], Mapping[UUID, frozenset[Way]]]


class Merge(StrEnum):
    """What becomes one while it is unread: all of a kind, all of a kind about one record, or nothing."""

    KIND = "kind"
    RECORD = "record"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Act:
    """A button beside a notification, as long as it is unread: what it says, and the endpoint that it posts to, whose
    `parameter` is the record that is told of."""

    label: Sentence
    endpoint: str
    parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A kind of notification, for those who have `permission`; `hint` says more of it where it is chosen. `tone` is
    that of its icon: good, warn or bad.

    `ways` are those of who has chosen nothing, `offered` those that can be chosen. `about` names the resource that it
    tells of: who may not see the record any more is not told any more. Of several that `merge` into one, `many` says
    how many; `many_link` is the path that leads to them, None: that of the last. What one did oneself is told to nobody
    but who `tells_actor`: what came of work that somebody has asked for, or of what nobody does. Who is suspended gets
    no mail at once, unless the notice `mails_who_is_kept_out`. `mail` names a mail of its own for whoever wants it at
    once, one for each thing told (`app.declarations.letter`). `decided` finds the ways that the organization has
    decided on for people who have chosen nothing themselves. `act` is what can be done about it at once.
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
    decided: Decided | None = None
    act: Act | None = None

    def defaults(
        self, session: Session, organization_id: UUID, people: Collection[UUID]
    ) -> Mapping[UUID, frozenset[Way]]:
        """The ways of these people as long as they choose nothing themselves; at most one statement."""
        decided = self.decided(session, organization_id, people) if self.decided and people else {}
        return {one: decided.get(one, self.ways) for one in people}

    def chosen(self, choices: Mapping[str, Any], default: frozenset[Way]) -> frozenset[Way]:
        """The ways of somebody with these `users.notification_choices`, who else has those of `defaults`."""
        named = choices.get(self.kind)
        return default if named is None else frozenset(way for way in self.offered if way.value in named)
