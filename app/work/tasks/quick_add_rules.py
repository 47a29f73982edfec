# ruff: noqa: RUF001 - letters of three languages
"""Parsing of a task from one line: what, for whom and when, in English, Russian or Uzbek.

    read_line("Call Ruth about the plan @Tom tomorrow 9", …)
    → title "Call Ruth about the plan", assignee Tom, due tomorrow at 9:00

Only words with a certain meaning are removed from the title. A day or time is read at the end of the line, where people
write it, and at the beginning if it can't mean anything else. A month without a day is a name ("Call May Wong"), a bare
number isn't an hour, and text in quotes is left alone. A day without a time means the end of its working day.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed
from app.lists.choices import Choice
from app.models import TaskPriority
from app.work.tasks import quick_add_word_rules as words
from app.work.tasks.quick_add_contact_rules import names_in
from app.work.tasks.quick_add_time_rules import ITEMS, Reader, When, at_clock
from app.work.tasks.rules import END_OF_WORK, NewTaskInput

#: Due time of a task for which only the day is specified.
_LAST_MINUTE = time(23, 59)

_PRIORITIES = {"!": TaskPriority.HIGH, "!!": TaskPriority.URGENT, "!!!": TaskPriority.URGENT}


@dataclass(frozen=True, slots=True)
class Line:
    """The parts of a task that were read from a line.

    `unknown` is the text after an @ that matches no one, or several people, who are named in `several`. `names` are the
    parts of the title that can be the name of a contact.
    """

    title: str
    assignee: Choice | None
    due_at: datetime | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    unknown: str = ""
    several: tuple[str, ...] = ()
    names: tuple[str, ...] = field(default=(), compare=False)


def read_line(text: str, reader: Reader) -> Line:
    """Return the parts of a line; the title is "" if nothing to do is named."""
    tokens = _tokens(text)
    tokens, priority = _take_priority(tokens)
    tokens, who = _take_person(tokens, reader)
    tokens, due_at = _take_when(tokens, reader)
    title = " ".join(token.text for token in tokens).strip(" ,;–-")
    return replace(who, title=title, due_at=due_at, priority=priority, names=names_in(_runs(tokens)))


class _Token(NamedTuple):
    """A word or quoted text; quoted text is never interpreted."""

    text: str
    is_quoted: bool = False

    @property
    def key(self) -> str:
        """The word normalized for lookups in the word tables."""
        return re.sub("[ʻʼ‘’`´]", "'", self.text.casefold()).rstrip(",;")


_QUOTED = re.compile(r'(?<!\S)(?P<quoted>(?:"[^"]*"|“[^”]*”|«[^»]*»)[,.;:!?]*)(?!\S)|\S+')


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(found[0], is_quoted=found["quoted"] is not None)
        for found in _QUOTED.finditer(unicodedata.normalize("NFC", text))
    ]


def _runs(tokens: Sequence[_Token]) -> Iterator[list[str]]:
    """Yield the words of the title in runs without quoted text between them."""
    for is_quoted, run in groupby(tokens, key=lambda token: token.is_quoted):
        if not is_quoted:
            yield [token.text for token in run]


def _take_priority(tokens: list[_Token]) -> tuple[list[_Token], TaskPriority]:
    said = [token.text for token in tokens if token.text in _PRIORITIES]
    rest = [token for token in tokens if token.text not in _PRIORITIES]
    return rest, _PRIORITIES[max(said, key=len)] if said else TaskPriority.MEDIUM


def _take_person(tokens: list[_Token], reader: Reader) -> tuple[list[_Token], Line]:
    """Remove the first @name, with as many of the following words as identify one person."""
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
    """Return the people with this name (casefolded).

    If there is none and the name is a single word, returns those with the word as a part of their name, or else those
    with a part that begins with it.
    """
    names = [(person, person.name.casefold()) for person in people]
    exact = [person for person, name in names if name == typed]
    if exact or " " in typed:
        return exact
    parts = [person for person, name in names if typed in name.split()]
    return parts or [person for person, name in names if any(part.startswith(typed) for part in name.split())]


def _take_when(tokens: list[_Token], reader: Reader) -> tuple[list[_Token], datetime | None]:
    """Remove the longest end of the line that is a day or time.

    The beginning of the line adds the day or the time that the end doesn't contain.
    """
    rest, said = tokens, When()
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
                said = When(found.day or said.day, found.hour or said.hour, found.moment)
                break
    return rest, _moment_of(said, reader)


def _goes_with(first: When, last: When) -> bool:
    """Return whether the beginning and the end of a line can be combined.

    If the end has a day or a time, one must be the day and the other the time. Otherwise, the beginning must have a day
    or a moment.
    """
    if last == When():
        return first.day is not None or first.moment is not None
    if first.moment is not None:
        return False
    return not (first.day and last.day) and not (first.hour and last.hour)


def _read(tokens: Sequence[_Token], reader: Reader) -> When | None:
    """Return what the words mean if all of them belong to a day or time, otherwise None."""
    if not tokens or any(token.is_quoted for token in tokens):
        return None
    text, said = " ".join(token.key for token in tokens), When()
    text = text.rstrip(".!?") if not text.endswith(".m.") else text
    while text:
        for pattern, meaning in ITEMS:
            found = pattern.match(text)
            item = meaning(found, said, reader) if found else None
            if found and item is not None and not _clash(said, item):
                said = When(
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


def _clash(said: When, item: When) -> bool:
    """Return whether a day, a time of day or a moment is specified twice."""
    is_twice = bool((said.day and item.day) or (said.hour and item.hour))
    return is_twice or ((said.moment or item.moment) is not None and said != When() and item != When())


def _moment_of(said: When, reader: Reader) -> datetime | None:
    if said.moment is not None:
        return said.moment
    if said.day is None and said.hour is None:
        return None
    here = reader.now.astimezone(reader.zone)
    if said.day is None and said.hour is not None:
        day = here.date() + timedelta(days=int(said.hour <= here.time()))
        return at_clock(day, said.hour, reader.zone)
    day = said.day or here.date()
    usual = _LAST_MINUTE if day == here.date() and here.time() >= END_OF_WORK else END_OF_WORK
    return at_clock(day, said.hour or usual, reader.zone)


def task_of(line: Line, *, may_assign: bool, contact_id: UUID | None = None) -> NewTaskInput:
    """Return the task that was read from a line, about this contact.

    Raises ValidationFailed if nothing to do is named, the assignee is unknown, or the text is too long.
    """
    if line.unknown:
        raise ValidationFailed([FieldError("line", _who_is_that(line, may_assign=may_assign))])
    if not line.title:
        raise ValidationFailed([FieldError("line", _l("Enter what needs to be done."))])
    assignee_id = line.assignee.id if line.assignee else None
    said = {"title": line.title, "priority": line.priority, "due_at": line.due_at, "assigned_to_user_id": assignee_id}
    return NewTaskInput.of({**said, "contact_card_id": contact_id})


def _who_is_that(line: Line, *, may_assign: bool) -> LazyText:
    if line.several:
        names = ", ".join(line.several)
        return _l("“%(who)s” matches several people: %(names)s. Type more of the name.", who=line.unknown, names=names)
    if not may_assign:
        return _l("You can only add tasks for yourself. Remove “%(who)s”.", who=line.unknown)
    return _l("No one called “%(who)s” can be assigned tasks. Put it in quotes to use it as text.", who=line.unknown)
