"""What people call the kinds of what can be deleted, and how many of each there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, Sentence
from app.trash import rules
from app.trash.kinds import KINDS
from app.trash.rules import State


@dataclass(frozen=True, slots=True)
class Words:
    """One of a kind, several of it, so and so many (`counted` takes the number and how it is written), and its icon."""

    one: Sentence
    several: Sentence
    counted: Callable[[int, str], str]
    icon: str


_WORDS: Mapping[str, Words] = {
    "organization": Words(
        _l("Organization"),
        _l("Organizations"),
        lambda n, count: ngettext("%(count)s organization", "%(count)s organizations", n, count=count),
        "building",
    ),
    "user": Words(
        _l("Person"),
        _l("People"),
        lambda n, count: ngettext("%(count)s person", "%(count)s people", n, count=count),
        "user",
    ),
    "knowledge_item": Words(
        _l("Answer"),
        _l("Answers"),
        lambda n, count: ngettext("%(count)s answer", "%(count)s answers", n, count=count),
        "circle-question-mark",
    ),
    "phone_number": Words(
        _l("Number of the organization"),
        _l("Numbers of the organization"),
        lambda n, count: ngettext(
            "%(count)s number of the organization", "%(count)s numbers of the organization", n, count=count
        ),
        "phone",
    ),
    "subscription": Words(
        _l("Subscription"),
        _l("Subscriptions"),
        lambda n, count: ngettext("%(count)s subscription", "%(count)s subscriptions", n, count=count),
        "credit-card",
    ),
    "contact_card": Words(
        _l("Contact"),
        _l("Contacts"),
        lambda n, count: ngettext("%(count)s contact", "%(count)s contacts", n, count=count),
        "contact-round",
    ),
    "contact_phone": Words(
        _l("Phone number"),
        _l("Phone numbers"),
        lambda n, count: ngettext("%(count)s phone number", "%(count)s phone numbers", n, count=count),
        "smartphone",
    ),
    "lead": Words(
        _l("Lead"), _l("Leads"), lambda n, count: ngettext("%(count)s lead", "%(count)s leads", n, count=count), "flag"
    ),
    "appointment": Words(
        _l("Appointment"),
        _l("Appointments"),
        lambda n, count: ngettext("%(count)s appointment", "%(count)s appointments", n, count=count),
        "calendar-check",
    ),
    "recording_session": Words(
        _l("Recording"),
        _l("Recordings"),
        lambda n, count: ngettext("%(count)s recording", "%(count)s recordings", n, count=count),
        "headphones",
    ),
    "pending_action": Words(
        _l("Suggested task"),
        _l("Suggested tasks"),
        lambda n, count: ngettext("%(count)s suggested task", "%(count)s suggested tasks", n, count=count),
        "sparkles",
    ),
    "task": Words(
        _l("Task"),
        _l("Tasks"),
        lambda n, count: ngettext("%(count)s task", "%(count)s tasks", n, count=count),
        "list-todo",
    ),
    "event": Words(
        _l("Event"),
        _l("Events"),
        lambda n, count: ngettext("%(count)s event", "%(count)s events", n, count=count),
        "calendar",
    ),
    "call_note": Words(
        _l("Call note"),
        _l("Call notes"),
        lambda n, count: ngettext("%(count)s call note", "%(count)s call notes", n, count=count),
        "message-square",
    ),
}

STATES: Mapping[State, Sentence] = {
    State.IN_TRASH: _l("In the trash"),
    State.RESTORED: _l("Restored"),
    State.PURGED: _l("Removed for good"),
}

#: What is asked for where a row's value is in the way, by its column.
NEW_VALUES: Mapping[str, Sentence] = {
    "email": _l("New e-mail address"),
    "number": _l("New number"),
    "phone": _l("New number"),
}


def words_of_kind(resource: str) -> Words:
    """The words of a kind; one that is not known any more is called by its name."""
    return _WORDS.get(resource) or Words(resource, resource, lambda _n, count: f"{count} {resource}", "trash-2")


def kind_name(resource: str) -> str:
    """One of a kind: "Task"."""
    return str(words_of_kind(resource).one)


def in_words(counts: Mapping[str, int]) -> str:
    """1 contact, 2 phone numbers, 3 tasks: what belongs to others after it."""
    known = [resource for resource in KINDS if resource in counts]
    order = [*known, *sorted(set(counts) - set(known))]
    return ", ".join(words_of_kind(name).counted(counts[name], f"{counts[name]:,}") for name in order if counts[name])


def size_in_words(number: int) -> str:
    """5,000 items, of whatever kind."""
    return str(ngettext("%(count)s item", "%(count)s items", number, count=f"{number:,}"))


def time_left(purge_after: datetime, now: datetime) -> str:
    """In how many days it is removed for good."""
    days = rules.days_left(purge_after, now)
    if days == 0:
        return str(_("now due"))
    return str(ngettext("in %(num)s day", "in %(num)s days", days))


def in_use(error: IntegrityError) -> Conflict:
    """What to raise when rows that stay still refer to what was to be removed."""
    table = getattr(getattr(error.orig, "diag", None), "table_name", None)
    what = next((_WORDS[kind.resource].several for kind in KINDS.values() if kind.model.__tablename__ == table), None)
    if what is None:
        return Conflict(None, _l("It can’t be removed yet: something that stays still refers to it."))
    return Conflict(
        None, _l("It can’t be removed yet, others still refer to it: %(what)s. Remove those first.", what=what)
    )
