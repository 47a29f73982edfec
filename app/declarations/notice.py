"""Declarations of notifications, in the `notices.py` of the feature that sends them.

TASK_ASSIGNED = Notice(
    kind="task_assigned", label=_l("Tasks assigned to me"), icon="list-todo", about="task", …
)

notify(TASK_ASSIGNED, [NewNotification(task.assigned_to_user_id, sentence, link, task.id)])
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import LazyText
from app.security.permissions import Permission


class Way(StrEnum):
    """A channel of notifications; the values are stored in `users.notification_choices`."""

    PAGE = "page"
    MAIL = "mail"
    DIGEST = "digest"


#: Returns the channels of users in an organization, by their ids.
Decided: TypeAlias = Callable[[Session, UUID, Collection[UUID]], Mapping[UUID, frozenset[Way]]]


class Merge(StrEnum):
    """The unread notifications that become one: all of a kind, all of a kind about one record, or none."""

    KIND = "kind"
    RECORD = "record"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Act:
    """A button on an unread notification: its label, and its POST endpoint.

    The endpoint takes the id of the record as its argument `parameter`.
    """

    label: LazyText
    endpoint: str
    parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A kind of notification, for people with `permission`.

    `hint` explains it in the settings. `tone` is that of its icon: good, warn or bad.

    `ways` are the default channels, `offered` those that can be selected; if it is empty, the defaults always
    apply. The feature itself sends by the channels in `always`, whatever is selected. `about` is the name of the
    record's resource: people who can no longer see it are no longer notified. If several `merge` into one, `many`
    is their text with the number, and `many_link` the path to them; if None, that of the latest. People are not
    notified of their own actions, unless it `notifies_actor`: for the results of work that the person requested or
    the system does. Suspended people get no immediate email, unless the notice `mails_suspended_people`. `mail` is
    a separate kind of immediate email, one for each notification (`app.declarations.rendered_mail`). `decided`
    returns the defaults for people without a selection of their own. `act` is a button for an immediate action.
    """

    kind: str
    label: LazyText
    icon: str
    permission: Permission | None = None
    hint: LazyText | None = None
    tone: str = ""
    ways: frozenset[Way] = frozenset({Way.PAGE})
    offered: tuple[Way, ...] = tuple(Way)
    always: frozenset[Way] = frozenset()
    about: str | None = None
    merge: Merge = Merge.NEVER
    many: Callable[[int], str] | None = None
    many_link: str | None = None
    notifies_actor: bool = False
    mails_suspended_people: bool = False
    mail: str | None = None
    decided: Decided | None = None
    act: Act | None = None

    def defaults(
        self, session: Session, organization_id: UUID, people: Collection[UUID]
    ) -> Mapping[UUID, frozenset[Way]]:
        """Return the default channels of these people, in at most one statement.

        They apply to people who have not selected any.
        """
        decided = self.decided(session, organization_id, people) if self.decided and people else {}
        return {one: decided.get(one, self.ways) for one in people}

    def chosen(self, choices: Mapping[str, Any], default: frozenset[Way]) -> frozenset[Way]:
        """Return the channels selected in `choices`, a user's `users.notification_choices`, or else `default`."""
        named = choices.get(self.kind) if self.offered else None
        return default if named is None else frozenset(way for way in self.offered if way.value in named)
