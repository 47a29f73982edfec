"""Facts that fill the slots of a script's lines, worded as a person would say them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

NOON = 12
EVENING = 17
_WEEK = 7
_TEENS = range(11, 14)

SLOTS = frozenset(
    {
        "agent", "intro", "company", "daypart", "fee", "rep", "tech",
        "first", "last", "full", "spelled", "street", "city", "zip", "far_zip", "phone", "partner",
        "visit", "visit_day", "visit_window", "visit_date", "first_offer", "first_day", "old_visit",
        "follow_up", "past_job", "need", "trades",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """Start and end of an appointment, in the company's time zone."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """The caller, as far as a conversation mentions them."""

    first: str
    last: str
    street: str
    city: str
    zip: str
    phone: str
    partner: str
    known: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The company's side of a call. `intro` is how the agent introduces themselves."""

    agent: str
    intro: str
    company: str
    fee: str
    rep: str
    tech: str
    far_zip: str
    trades: str


@dataclass(frozen=True, slots=True)
class Times:
    """Times that a call mentions: `at` is local, `offer` was turned down, `earlier` was booked before."""

    at: datetime
    visit: Window
    offer: Window
    earlier: Window
    follow_up: date


def facts(party: Party, desk: Desk, times: Times, *, past_job: str, need: str) -> dict[str, str]:
    """Return every slot that any script can use, except a script's own choices.

    `past_job` is the subject of an earlier call, `need` what the caller wants now ("no hot water").
    """
    today = times.at.date()
    visit_day = spoken_day(times.visit.start.date(), today)
    visit_window = spoken_window(times.visit)
    return {
        "agent": desk.agent,
        "intro": desk.intro,
        "company": desk.company,
        "daypart": daypart(times.at),
        "fee": desk.fee,
        "rep": desk.rep,
        "tech": desk.tech,
        "first": party.first,
        "last": party.last,
        "full": f"{party.first} {party.last}",
        "spelled": "-".join(letter for letter in party.last.upper() if letter.isalpha()),
        "street": party.street,
        "city": party.city,
        "zip": party.zip,
        "far_zip": desk.far_zip,
        "phone": spoken_phone(party.phone),
        "partner": party.partner,
        "visit": f"{visit_day} {visit_window}",
        "visit_day": visit_day,
        "visit_window": visit_window,
        "visit_date": ordinal(times.visit.start.day),
        "first_offer": f"{spoken_day(times.offer.start.date(), today)} {spoken_window(times.offer)}",
        "first_day": f"{times.offer.start:%A}",
        "old_visit": f"{spoken_day(times.earlier.start.date(), today)} {spoken_window(times.earlier)}",
        "follow_up": spoken_day(times.follow_up, today),
        "past_job": past_job,
        "need": need,
        "trades": desk.trades,
    }


def resolve(choices: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Fill the slots in choices, which can refer to other facts ("my {partner} isn't sure")."""
    return {name: text.format_map(known) for name, text in choices.items()}


def daypart(at: datetime) -> str:
    """Return the part of the day for a greeting: morning, afternoon or evening."""
    if at.hour < NOON:
        return "morning"
    return "afternoon" if at.hour < EVENING else "evening"


def spoken_day(day: date, today: date) -> str:
    """Return `today`, `tomorrow`, a weekday within the week, or a weekday with its date."""
    ahead = (day - today).days
    if ahead in {0, 1}:
        return "tomorrow" if ahead else "today"
    if 1 < ahead < _WEEK:
        return f"{day:%A}"
    return f"{day:%A} the {ordinal(day.day)}"


def spoken_window(window: Window) -> str:
    """Return a window in the form `between 8 and 10`."""
    return f"between {_clock(window.start)} and {_clock(window.end)}"


def spoken_phone(number: str) -> str:
    """Return a number as people say it: `512-555-0142` for `+15125550142`."""
    digits = number.removeprefix("+1")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def ordinal(number: int) -> str:
    """Return a day of the month as people say it: `14th`, `21st`."""
    if number % 100 in _TEENS:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def next_weekday(day: date, ahead: int) -> date:
    """Return the day `ahead` days later, moved to Monday if it is a Sunday."""
    later = day + timedelta(days=ahead)
    return later + timedelta(days=1) if later.isoweekday() == _WEEK else later


def _clock(moment: datetime) -> str:
    hour = moment.hour % NOON or NOON
    return f"{hour}:{moment:%M}" if moment.minute else str(hour)
