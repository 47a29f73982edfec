"""Whose pages an admin may look at, and for how long."""

from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rank_rules import may_give

#: Long enough to see what somebody asks about; who forgets to end it is back at their own work soon.
MAX_DURATION = timedelta(minutes=30)


class EndCause(StrEnum):
    """Why a look at somebody's pages is over, as the audit trail has it."""

    BY_HAND = "by_hand"
    ANOTHER_PERSON = "another_person"
    TIME_IS_UP = "time_is_up"
    RIGHT_LOST = "right_lost"
    PERSON_GONE = "person_gone"


_SENTENCES: dict[EndCause, Sentence] = {
    EndCause.TIME_IS_UP: _l("You see your own pages again: the 30 minutes are over."),
    EndCause.RIGHT_LOST: _l("You see your own pages again: you may not see those of that person any more."),
    EndCause.PERSON_GONE: _l("You see your own pages again: that person’s account is not active any more."),
}


def end_sentence(cause: EndCause) -> Sentence:
    """What somebody reads whose look on has ended by itself."""
    return _SENTENCES[cause]


def has_no_more_rights_than(person: Actor, viewer: Actor) -> bool:
    """Whether `person` is not above `viewer`, and sees nothing that `viewer` does not see themselves.

    What the person sees of their own rows only is not among those of a viewer who sees theirs only.
    """
    if not may_give(viewer.role, person.role):
        return False
    return all(viewer.sees_all(permission) for permission in person.permissions)


def end_cause_of(viewer: Actor, person: Actor | None, since: datetime, now: datetime) -> EndCause | None:
    """Why a look at `person`, who is None when nobody may sign in as them any more, is over; None while it is not."""
    if now - since >= MAX_DURATION:
        return EndCause.TIME_IS_UP
    if person is None:
        return EndCause.PERSON_GONE
    may_look = viewer.may(Permission.USERS_VIEW_AS) and not viewer.lacks_second_factor
    if not may_look or not has_no_more_rights_than(person, viewer):
        return EndCause.RIGHT_LOST
    return None
