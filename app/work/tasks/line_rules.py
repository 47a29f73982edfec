# ruff: noqa: RUF001 - letters of three languages
"""A task in one line: what, for whom, and when, in words of English, Russian or Uzbek.

    read_line("Call Ruth about the plan @Tom tomorrow 9", …)
    → title "Call Ruth about the plan", assignee Tom, due tomorrow at 9:00

Only what is surely meant is taken out of the title. When is read at the end of the line, where people write it, and at
its beginning where it can be nothing else; a month without a day is a name ("Call May Wong"), a bare number is none of
the hours, and what stands in quotes stays. A day without an hour is the end of its working day.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed
from app.lists.choices import Choice
from app.models import TaskPriority
from app.work.tasks import line_word_rules as words
from app.work.tasks.rules import TaskValues

#: When something is due of which only the day is said.
END_OF_WORK = time(17)
_LAST_MINUTE = time(23, 59)

_PRIORITIES = {"!": TaskPriority.HIGH, "!!": TaskPriority.URGENT, "!!!": TaskPriority.URGENT}
_DAYS_OF_A_WEEK = 7
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_NOON = 12
#: Up to this hour, "at 3" is in the afternoon: nobody works at 3 at night.
_LAST_HOUR_OF_AFTERNOON = 6
#: Beyond these a number is no time to wait.
_MOST = {"minute": 1000, "hour": 200, "day": 1000, "week": 150}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: their language, the moment, the organization's zone, and who there is to give tasks to."""

    language: str
    now: datetime
    zone: ZoneInfo
    me: Choice | None
    people: Sequence[Choice] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What a line was read as. `unknown` is what stands behind an @ and is nobody; `several` are those it may be."""

    title: str
    assignee: Choice | None
    due_at: datetime | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    unknown: str = ""
    several: tuple[str, ...] = ()


class _When(NamedTuple):
    """What was said of a moment. `is_plain`: the day may be an ordinary word where it does not end the line."""

    day: date | None = None
    hour: time | None = None
    moment: datetime | None = None
    is_plain: bool = False


def read_line(text: str, reader: Reader) -> Line:
    """What `text` says; its title is "" where it says nothing to do."""
    tokens = _tokens(text)
    tokens, priority = _take_priority(tokens)
    tokens, who = _take_person(tokens, reader)
    tokens, due_at = _take_when(tokens, reader)
    title = " ".join(token.text for token in tokens).strip(" ,;–-")
    return replace(who, title=title, due_at=due_at, priority=priority)


class _Token(NamedTuple):
    """A word, and whether it may be read as more than that."""

    text: str
    is_quoted: bool = False

    @property
    def key(self) -> str:
        """As the words of the tables are written."""
        return re.sub("[ʻʼ‘’`´]", "'", self.text.casefold()).rstrip(",;")


_QUOTED = re.compile(r'(?<!\S)(?P<quoted>(?:"[^"]*"|“[^”]*”|«[^»]*»)[,.;:!?]*)(?!\S)|\S+')


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(found[0], is_quoted=found["quoted"] is not None)
        for found in _QUOTED.finditer(unicodedata.normalize("NFC", text))
    ]


def _take_priority(tokens: list[_Token]) -> tuple[list[_Token], TaskPriority]:
    said = [token.text for token in tokens if token.text in _PRIORITIES]
    rest = [token for token in tokens if token.text not in _PRIORITIES]
    return rest, _PRIORITIES[max(said, key=len)] if said else TaskPriority.MEDIUM


def _take_person(tokens: list[_Token], reader: Reader) -> tuple[list[_Token], Line]:
    """The first @name; behind it as many words as make one person of it."""
    for place, token in enumerate(tokens):
        if token.text[0] == "@" and len(token.text) > 1 and not token.is_quoted:
            return _person_at(tokens, place, reader)
    return tokens, Line("", reader.me)


def _person_at(tokens: list[_Token], place: int, reader: Reader) -> tuple[list[_Token], Line]:
    behind = [token.key for token in tokens[place : place + 3]]
    first = behind[0][1:].rstrip(".:!?")
    if first in words.ME:
        return tokens[:place] + tokens[place + 1 :], Line("", reader.me)
    several: list[Choice] = []
    for length in range(len(behind), 0, -1):
        typed = " ".join([first, *behind[1:length]])
        found = _people_called(typed, reader.people)
        if len(found) == 1:
            return tokens[:place] + tokens[place + length :], Line("", found[0])
        several = several or found
    rest = tokens[:place] + tokens[place + 1 :]
    names = tuple(person.name for person in several)
    return rest, Line("", None, unknown=tokens[place].text, several=names)


def _people_called(typed: str, people: Sequence[Choice]) -> list[Choice]:
    """Those of that name; else those with a name of theirs that begins so, if it is one word."""
    names = [(person, person.name.casefold()) for person in people]
    exact = [person for person, name in names if name == typed]
    if exact or " " in typed:
        return exact
    parts = [person for person, name in names if typed in name.split()]
    return parts or [person for person, name in names if any(part.startswith(typed) for part in name.split())]


def _take_when(tokens: list[_Token], reader: Reader) -> tuple[list[_Token], datetime | None]:
    """The longest end of the line that says when, and the beginning where it says what the end does not."""
    rest, said = tokens, _When()
    for start in range(len(tokens)):
        found = _read(tokens[start:], reader)
        if found is not None:
            rest, said = tokens[:start], found
            break
    if said.moment is None and (said.day is None or said.hour is None):
        for end in range(len(rest) - 1, 0, -1):
            found = _read(rest[:end], reader)
            if found is not None and not found.is_plain and _goes_with(found, said):
                rest = rest[end:]
                said = _When(found.day or said.day, found.hour or said.hour, found.moment)
                break
    return rest, _moment_of(said, reader)


def _goes_with(first: _When, last: _When) -> bool:
    """Whether one of them says the day and the other the hour, or only the first says anything."""
    if last == _When():
        return first.day is not None or first.moment is not None
    if first.moment is not None:
        return False
    return not (first.day and last.day) and not (first.hour and last.hour)


def _read(tokens: Sequence[_Token], reader: Reader) -> _When | None:
    """What the words mean, if all of them are of a day or an hour."""
    if not tokens or any(token.is_quoted for token in tokens):
        return None
    text, said = " ".join(token.key for token in tokens), _When()
    text = text.rstrip(".!?") if not text.endswith(".m.") else text
    while text:
        for pattern, meaning in _ITEMS:
            found = pattern.match(text)
            item = meaning(found, said, reader) if found else None
            if found and item is not None and not _clash(said, item):
                said = _When(
                    item.day or said.day,
                    item.hour or said.hour,
                    item.moment or said.moment,
                    (said.is_plain or item.is_plain) and not (said.hour or item.hour),
                )
                text = text[found.end() :].lstrip(" ,")
                break
        else:
            return None
    return said


def _clash(said: _When, item: _When) -> bool:
    """Whether a day, an hour or a moment is said twice."""
    is_twice = bool((said.day and item.day) or (said.hour and item.hour))
    return is_twice or ((said.moment or item.moment) is not None and said != _When() and item != _When())


def _moment_of(said: _When, reader: Reader) -> datetime | None:
    if said.moment is not None:
        return said.moment
    if said.day is None and said.hour is None:
        return None
    here = reader.now.astimezone(reader.zone)
    if said.day is None and said.hour is not None:
        day = here.date() + timedelta(days=int(said.hour <= here.time()))
        return _at(day, said.hour, reader.zone)
    day = said.day or here.date()
    usual = _LAST_MINUTE if day == here.date() and here.time() >= END_OF_WORK else END_OF_WORK
    return _at(day, said.hour or usual, reader.zone)


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The moment on the clocks of the zone; one that they leave out is as much later."""
    return datetime.combine(day, hour, zone).astimezone(UTC)


# What each kind of words means. Each takes what its pattern found, what was said before it, and the reader; None: it
# is no day or hour after all.

_Meaning = Callable[["re.Match[str]", _When, Reader], "_When | None"]


def _today(reader: Reader) -> date:
    return reader.now.astimezone(reader.zone).date()


def _named_day(found: "re.Match[str]", _said: _When, reader: Reader) -> _When:
    return _When(_today(reader) + timedelta(days=words.DAYS[found["day"]]))


def _weekday(found: "re.Match[str]", _said: _When, reader: Reader) -> _When:
    """The next one, never today; with "next" that of the week to come."""
    today, wanted = _today(reader), words.WEEKDAYS[found["weekday"]]
    ahead = (wanted - today.weekday()) % _DAYS_OF_A_WEEK or _DAYS_OF_A_WEEK
    if found["next"]:
        ahead = _DAYS_OF_A_WEEK - today.weekday() + wanted
    return _When(today + timedelta(days=ahead), is_plain=not (found["next"] or found["before"] or found["behind"]))


def _next_week(_found: "re.Match[str]", _said: _When, reader: Reader) -> _When:
    today = _today(reader)
    return _When(today + timedelta(days=_DAYS_OF_A_WEEK - today.weekday()))


def _day_of_month(found: "re.Match[str]", _said: _When, reader: Reader) -> _When | None:
    return _date(reader, int(found["day"]), words.MONTHS[found["month"]], found["year"])


def _numbers(found: "re.Match[str]", _said: _When, reader: Reader) -> _When | None:
    day, month = int(found["day"]), int(found["month"])
    return _date(reader, day, month, found["year"])


def _slashed(found: "re.Match[str]", _said: _When, reader: Reader) -> _When | None:
    """With slashes the month comes first in English; 1/2 alone is a half."""
    first, second = found["first"], found["second"]
    if not found["year"] and not found["before"] and len(first + second) < len("0102"):
        return None
    month, day = (first, second) if reader.language == "en" else (second, first)
    return _date(reader, int(day), int(month), found["year"])


def _date(reader: Reader, day: int, month: int, year: str | None) -> _When | None:
    """Without a year, the next time that there is this day."""
    today = _today(reader)
    try:
        if year:
            number = int(year) if len(year) > len("26") else 2000 + int(year)
            return _When(date(number, month, day)) if _FIRST_YEAR <= number <= _LAST_YEAR else None
        found = date(today.year, month, day)
        return _When(found if found >= today else date(today.year + 1, month, day))
    except ValueError:
        return None


def _from_now(found: "re.Match[str]", _said: _When, reader: Reader) -> _When | None:
    typed = found["number"] or "one"
    number = words.NUMBERS[typed] if typed in words.NUMBERS else int(typed)
    return _ahead(number, words.UNITS[found["unit"]], reader)


def _half_an_hour(_found: "re.Match[str]", _said: _When, reader: Reader) -> _When | None:
    return _ahead(30, "minute", reader)


def _ahead(number: int, unit: str, reader: Reader) -> _When | None:
    if number > _MOST[unit]:
        return None
    if unit in ("minute", "hour"):
        # Hours that pass, whatever the clocks do meanwhile.
        passing = timedelta(minutes=number) if unit == "minute" else timedelta(hours=number)
        return _When(moment=(reader.now.astimezone(UTC) + passing).replace(second=0, microsecond=0))
    return _When(_today(reader) + timedelta(days=number * (_DAYS_OF_A_WEEK if unit == "week" else 1)))


def _clock(found: "re.Match[str]", _said: _When, reader: Reader) -> _When | None:
    """15:00, 3:30 pm; in English 3:30 is in the afternoon."""
    typed, half = found["hour"], found["half"]
    is_short = reader.language == "en" and not typed.startswith("0")
    return _hour(int(typed), int(found["minute"]), half, is_afternoon=is_short)


def _hour_alone(found: "re.Match[str]", said: _When, _reader: Reader) -> _When | None:
    """3pm, at 9; a number alone only behind a day."""
    if not (found["before"] or found["half"] or said.day is not None):
        return None
    return _hour(int(found["hour"]), 0, found["half"], is_afternoon=True)


#: Which half of the day.
_HALVES: Mapping[str, str] = {
    "am": "am", "a.m.": "am", "утра": "am", "pm": "pm", "p.m.": "pm", "дня": "pm", "вечера": "pm",
}  # fmt: skip


def _hour(hour: int, minute: int, half: str | None, *, is_afternoon: bool) -> _When | None:
    which = _HALVES.get((half or "").strip())
    if which is not None:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if which == "pm" else 0)
    elif is_afternoon and 1 <= hour <= _LAST_HOUR_OF_AFTERNOON:
        hour += _NOON
    try:
        return _When(hour=time(hour, minute))
    except ValueError:
        return None


def _part(found: "re.Match[str]", said: _When, reader: Reader) -> _When | None:
    word = found["part"]
    if word in words.PARTS_OF_A_DAY:
        return _When(hour=time(words.PARTS_OF_A_DAY[word])) if said.day is not None else None
    is_today = word.startswith("this") or word in ("tonight", "eod")
    return _When(_today(reader) if is_today and said.day is None else None, time(words.PARTS[word]))


_ON = r"(?P<before>on |by |this |в |во |к |до |на )?"
_AT = r"(?P<before>at |by |@ ?|в |к |до |soat |soat: )?"
_END = r"(?=[ ,]|$)"
_UZ = r"(?: ?(?:da|ga|gacha))?"
_YEAR = r"(?P<year>\d{4})?"


def _item(pattern: str, meaning: _Meaning) -> "tuple[re.Pattern[str], _Meaning]":
    return re.compile(pattern + _END), meaning


_MONTH = rf"(?P<month>{words.any_of(words.MONTHS)})"
_UNIT = rf"(?P<unit>{words.any_of(words.UNITS)})"
_NUMBER = rf"(?:(?P<number>\d{{1,4}}|{words.any_of(words.NUMBERS)}) )?"

_ITEMS = (
    _item(rf"(?:on |by |на |до |к )?(?P<day>{words.any_of(words.DAYS)})(?:gacha)?", _named_day),
    _item(
        rf"{_ON}(?P<next>next |следующий |следующую |следующее |следующей |keyingi |kelasi )?"
        rf"(?P<weekday>{words.any_of(words.WEEKDAYS)})(?P<behind> kuni|gacha| kunigacha)?",
        _weekday,
    ),
    _item(words.any_of(words.NEXT_WEEK), _next_week),
    _item(rf"{_ON}{_MONTH}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? {_YEAR})?", _day_of_month),
    _item(rf"{_ON}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: |-){_MONTH}(?: kuni|gacha|da)?(?:,? {_YEAR})?", _day_of_month),
    _item(rf"{_ON}(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})", _numbers),
    _item(rf"{_ON}(?P<day>\d{{1,2}})\.(?P<month>\d{{2}})(?:\.(?P<year>\d{{4}}|\d{{2}}))?", _numbers),
    _item(rf"{_ON}(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})(?:/(?P<year>\d{{4}}|\d{{2}}))?", _slashed),
    _item(r"in half an hour|через полчаса|yarim soatdan (?:keyin|so'ng)", _half_an_hour),
    _item(rf"in {_NUMBER}{_UNIT}", _from_now),
    _item(rf"через {_NUMBER}{_UNIT}", _from_now),
    _item(rf"{_NUMBER}{_UNIT} (?:keyin|so'ng)", _from_now),
    _item(rf"{_AT}(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?P<half> ?(?:{words.any_of(_HALVES)}))?{_UZ}", _clock),
    _item(rf"(?P<part>{words.any_of([*words.PARTS, *words.PARTS_OF_A_DAY])})", _part),
    _item(rf"{_AT}(?P<hour>\d{{1,2}})(?P<half> ?(?:{words.any_of(_HALVES)}))?{_UZ}", _hour_alone),
)


def task_of(line: Line, *, may_assign: bool) -> TaskValues:
    """The task that was read. Raises ValidationFailed where nothing is to be done, or nobody is called so."""
    if line.unknown:
        raise ValidationFailed([FieldError("line", _who_is_that(line, may_assign=may_assign))])
    if not line.title:
        raise ValidationFailed([FieldError("line", _l("Write what is to be done."))])
    return TaskValues(line.title, None, line.priority, line.due_at, line.assignee.id if line.assignee else None)


def _who_is_that(line: Line, *, may_assign: bool) -> Sentence:
    if line.several:
        names = ", ".join(line.several)
        return _l("“%(who)s” may be one of several: %(names)s. Write more of the name.", who=line.unknown, names=names)
    if not may_assign:
        return _l("You can add tasks for yourself only: leave “%(who)s” out.", who=line.unknown)
    return _l("Nobody here who can have tasks is called “%(who)s”. In quotes it is no name.", who=line.unknown)
