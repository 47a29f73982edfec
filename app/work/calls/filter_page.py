"""Labels for the filters of `/calls`: pickers, and chips for active filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.caches import HashableDict, memoize
from app.db.filters import NOBODY
from app.errors import LazyText as Text
from app.lists.choices import Choice
from app.lists.filter_words import chip_words, choices_of
from app.lists.listing import ChipText, people_options, words_of
from app.models import BookingStatus
from app.people.users.queries import csr_choices
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.labels import hour_label, objection_label, options, weekday_label, yes_or_no
from app.web.value_words import OBJECTIONS
from app.work.calls.filters import CallFilters
from app.work.calls.queries import find_name_of_contact, find_name_of_person, list_topics
from app.work.calls.resource import CALL, CALL_LIST

Option = tuple[str, str]

#: Pickers in the bar itself; the others are behind "More filters".
_FIRST = ("csr", "status", "booking_status")

#: How many combinations of people and topics are cached.
_MAX_CACHED = 1_000
_MANY = ("csr", "topic")

#: Options in addition to single values, which figures on dashboards link to.
_ALSO: dict[str, tuple[tuple[str, Text], ...]] = {
    "status": (("missed,voicemail", _l("Missed or voicemail")),),
    "booking_status": ((NOBODY, _l("Not set")),),
    "call_type": (("sales_call,visit_call", _l("Sales call or visit")),),
}


@dataclass(frozen=True, slots=True)
class Picker:
    """A select of the filter bar: its options with labels ("" for any), and the selected value.

    Without options, it is a text field.
    """

    name: str
    label: str
    options: tuple[Option, ...]
    value: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    """Values for the filter template. `kept` are filters without a picker, which are passed on unchanged."""

    first: tuple[Picker, ...]
    more: tuple[Picker, ...]
    kept: HashableDict[str, str]
    words: Mapping[str, ChipText]


def filter_bar_of(actor: Actor, filters: CallFilters) -> FilterBar:
    """Build the filter bar of a list, offering the people and topics that `actor` sees."""
    people = csr_choices(actor) if actor.sees_all(Permission.CALLS_READ) else (Choice(actor.user_id, actor.name),)
    words = _chip_words(actor, filters, people)
    given = filters.parameters()
    pickers = {
        name: Picker(name, str(words[name][0]), _complete(name, found, given.get(name, ""), words), given.get(name, ""))
        for name, found in _options(actor, people).items()
    }
    return FilterBar(
        first=tuple(picker for name, picker in pickers.items() if name in _FIRST),
        more=tuple(picker for name, picker in pickers.items() if name not in _FIRST),
        kept=HashableDict({name: value for name, value in given.items() if name not in pickers and name != "q"}),
        words=words,
    )


def offered_to(actor: Actor) -> Mapping[str, Sequence[Option]]:
    """Return the options of the CSR and topic pickers, which can be long lists, by picker.

    The result is empty for users who don't see all calls.
    """
    if not actor.sees_all(Permission.CALLS_READ):
        return {}
    return {name: found for name, found in _options(actor, csr_choices(actor)).items() if name in _MANY}


def _options(actor: Actor, people: tuple[Choice, ...]) -> Mapping[str, tuple[Option, ...]]:
    """Return the options of each picker. Users who only see their own calls have no CSR picker."""
    csrs = people if actor.sees_all(Permission.CALLS_READ) else None
    return _all_options(csrs, list_topics(actor), get_locale())


@memoize(_MAX_CACHED)
def _all_options(
    csrs: tuple[Choice, ...] | None, topics: tuple[str, ...], _locale: Locale
) -> Mapping[str, tuple[Option, ...]]:
    kinds = {
        name: (*options(kind), *((value, str(text)) for value, text in _ALSO.get(name, ())))
        for name in CALL_LIST.pickers
        if (kind := choices_of(CALL, name))
    }
    said = [("yes", yes_or_no(is_so=True)), ("no", yes_or_no(is_so=False))]
    found: dict[str, Sequence[Option]] = {
        **({} if csrs is None else {"csr": people_options(csrs)}),
        **kinds,
        "topic": [(topic, topic) for topic in topics],
        "objection": [(category, str(text)) for category, text in OBJECTIONS.items()],
        "marketing_source": (),
        "tag": (),
        **{name: said for name in CALL_LIST.pickers if CALL_LIST.is_yes_or_no(name)},
    }
    any_of_them = ("", _("Any"))
    return {name: (any_of_them, *found[name]) if found[name] else () for name in CALL_LIST.pickers if name in found}


def _complete(name: str, found: tuple[Option, ...], value: str, words: Mapping[str, ChipText]) -> tuple[Option, ...]:
    """Add the current value to the options if it isn't among them."""
    if not found or not value or any(option == value for option, _text in found):
        return found
    text_of = words[name][1]
    return (*found, (value, ", ".join(text_of(part) for part in value.split(","))))


def _chip_words(actor: Actor, filters: CallFilters, people: tuple[Choice, ...]) -> dict[str, ChipText]:
    booking = words_of(BookingStatus.__name__)

    def name_of(value: str, user_id: UUID | str | None) -> str:
        return dict(people_options(people)).get(value) or _name_of_person(actor, user_id)

    own: dict[str, Callable[[str], str]] = {
        "csr": lambda value: name_of(value, filters.csr),
        "rep": lambda value: name_of(value, filters.rep),
        "contact": lambda _value: _name_of_contact(actor, filters.contact),
        "objection": objection_label,
        "hour": lambda value: hour_label(int(value)),
        "weekday": lambda value: weekday_label(int(value)),
        "booking_status": lambda value: _("Not set") if value == NOBODY else booking(value),
    }
    return chip_words(CALL, CALL_LIST, own)


def _name_of_person(actor: Actor, user_id: UUID | str | None) -> str:
    name = find_name_of_person(actor, user_id) if isinstance(user_id, UUID) else None
    return name or _("Unknown")


def _name_of_contact(actor: Actor, contact_id: UUID | None) -> str:
    name = find_name_of_contact(actor, contact_id) if contact_id else None
    return name or _("Unknown")
