"""Rules for whom an admin can view as, and for how long."""

from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rank_rules import may_give

#: Long enough to look into a question; an admin who forgets to exit is soon back under their own name.
MAX_DURATION = timedelta(minutes=30)


class EndCause(StrEnum):
    """Reason why viewing as another person ended, as recorded in the audit trail."""

    BY_HAND = "by_hand"
    ANOTHER_PERSON = "another_person"
    TIME_IS_UP = "time_is_up"
    RIGHT_LOST = "right_lost"
    PERSON_GONE = "person_gone"


_SENTENCES: dict[EndCause, LazyText] = {
    EndCause.TIME_IS_UP: _l("View-as ended: the 30 minutes are up."),
    EndCause.RIGHT_LOST: _l("View-as ended: you can no longer view as that person."),
    EndCause.PERSON_GONE: _l("View-as ended: that person’s account is no longer active."),
}


def end_sentence(cause: EndCause) -> LazyText:
    """Return the message for a viewer whose view-as ended automatically."""
    return _SENTENCES[cause]


def has_no_more_rights_than(person: Actor, viewer: Actor) -> bool:
    """Return whether `person` neither ranks above `viewer` nor sees anything that `viewer` doesn't.

    A permission that the viewer has for their own rows only is not enough, even if the person's is limited too.
    """
    if not may_give(viewer.role, person.role):
        return False
    return all(viewer.sees_all(permission) for permission in person.permissions)


def end_cause_of(viewer: Actor, person: Actor | None, since: datetime, now: datetime) -> EndCause | None:
    """Return the reason why viewing as `person` has to end, or None while it can continue.

    `person` is None if no one can sign in as them anymore.
    """
    if now - since >= MAX_DURATION:
        return EndCause.TIME_IS_UP
    if person is None:
        return EndCause.PERSON_GONE
    may_look = viewer.may(Permission.USERS_VIEW_AS) and not viewer.lacks_second_factor
    if not may_look or not has_no_more_rights_than(person, viewer):
        return EndCause.RIGHT_LOST
    return None
