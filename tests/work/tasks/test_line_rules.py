# ruff: noqa: RUF001 - letters of three languages
"""Parsing of a task from a line in three languages, including text that only looks like a date."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from app.lists.choices import Choice
from app.models import TaskPriority
from app.work.tasks.quick_add_rules import Line, read_line
from app.work.tasks.quick_add_time_rules import Reader

ZONE = ZoneInfo("America/New_York")
SOME = UUID(int=1)


def person(name: str) -> Choice:
    return Choice(uuid5(SOME, name), name)


ME = person("Maya Torres")
PEOPLE = (
    ME,
    person("Tom Okafor"),
    person("Ruth Vale"),
    person("Ruth Berg"),
    person("José Ñandú"),
    person("Али Каримов"),
)
#: A Friday, 2:41 PM.
NOW = datetime(2026, 11, 20, 14, 41, tzinfo=ZONE)


def read(text: str, language: str = "en", now: datetime = NOW) -> Line:
    return read_line(text, Reader(language, now, ZONE, ME, PEOPLE))


def due(line: Line) -> str | None:
    """Return the due time in the time zone of the tests."""
    return line.due_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if line.due_at else None


ENGLISH = [
    ("Call Ruth Delgado tomorrow 9", "Call Ruth Delgado", "2026-11-21 09:00"),
    ("Call Ruth today", "Call Ruth", "2026-11-20 17:00"),
    ("Call Ruth tomorrow", "Call Ruth", "2026-11-21 17:00"),
    ("Call Ruth day after tomorrow at 10:15", "Call Ruth", "2026-11-22 10:15"),
    ("Send the offer fri 3pm", "Send the offer", "2026-11-27 15:00"),
    ("Send the offer Friday", "Send the offer", "2026-11-27 17:00"),
    ("Send the offer on Monday at 8:30 am", "Send the offer", "2026-11-23 08:30"),
    ("Send the offer by Tuesday", "Send the offer", "2026-11-24 17:00"),
    ("Send the offer next Friday", "Send the offer", "2026-11-27 17:00"),
    ("Send the offer next Monday", "Send the offer", "2026-11-23 17:00"),
    ("Send the offer next week", "Send the offer", "2026-11-23 17:00"),
    ("Check the heater in 2 hours", "Check the heater", "2026-11-20 16:41"),
    ("Check the heater in an hour", "Check the heater", "2026-11-20 15:41"),
    ("Check the heater in half an hour", "Check the heater", "2026-11-20 15:11"),
    ("Check the heater in 45 min", "Check the heater", "2026-11-20 15:26"),
    ("Check the heater in 3 days", "Check the heater", "2026-11-23 17:00"),
    ("Check the heater in two weeks at 9", "Check the heater", "2026-12-04 09:00"),
    ("Check the heater at 4", "Check the heater", "2026-11-20 16:00"),
    ("Check the heater at 9", "Check the heater", "2026-11-21 09:00"),
    ("Check the heater 3:30", "Check the heater", "2026-11-20 15:30"),
    ("Check the heater 15:30", "Check the heater", "2026-11-20 15:30"),
    ("Check the heater 3 p.m.", "Check the heater", "2026-11-20 15:00"),
    ("Check the heater 12am", "Check the heater", "2026-11-21 00:00"),
    ("Check the heater 12 pm tomorrow", "Check the heater", "2026-11-21 12:00"),
    ("Check the heater tomorrow morning", "Check the heater", "2026-11-21 09:00"),
    ("Check the heater Monday afternoon", "Check the heater", "2026-11-23 14:00"),
    ("Check the heater tonight", "Check the heater", "2026-11-20 19:00"),
    ("Check the heater in the morning", "Check the heater", "2026-11-21 09:00"),
    ("Check the heater by end of day", "Check the heater", "2026-11-20 17:00"),
    ("Inspect the roof Dec 3", "Inspect the roof", "2026-12-03 17:00"),
    ("Inspect the roof on December 3rd at 2pm", "Inspect the roof", "2026-12-03 14:00"),
    ("Inspect the roof 3 December", "Inspect the roof", "2026-12-03 17:00"),
    ("Inspect the roof March 4", "Inspect the roof", "2027-03-04 17:00"),
    ("Inspect the roof March 4, 2028", "Inspect the roof", "2028-03-04 17:00"),
    ("Inspect the roof 2026-12-03 14:30", "Inspect the roof", "2026-12-03 14:30"),
    ("Inspect the roof 12/15", "Inspect the roof", "2026-12-15 17:00"),
    ("Inspect the roof by 12/5", "Inspect the roof", "2026-12-05 17:00"),
    ("Inspect the roof 1/5/2027", "Inspect the roof", "2027-01-05 17:00"),
    ("Inspect the roof, tomorrow.", "Inspect the roof", "2026-11-21 17:00"),
    ("Tomorrow call Ruth at 3pm", "call Ruth", "2026-11-21 15:00"),
    ("On Monday call Ruth", "call Ruth", "2026-11-23 17:00"),
    ("Friday 3pm call Ruth", "call Ruth", "2026-11-27 15:00"),
    ("In 2 hours call Ruth", "call Ruth", "2026-11-20 16:41"),
]

RUSSIAN = [
    ("Позвонить Анне завтра в 15:00", "Позвонить Анне", "2026-11-21 15:00"),
    ("Завтра в 15:00 позвонить Анне", "позвонить Анне", "2026-11-21 15:00"),
    ("Позвонить Анне сегодня", "Позвонить Анне", "2026-11-20 17:00"),
    ("Позвонить Анне послезавтра в 9", "Позвонить Анне", "2026-11-22 09:00"),
    ("Отправить смету в пятницу", "Отправить смету", "2026-11-27 17:00"),
    ("Отправить смету до пятницы", "Отправить смету", "2026-11-27 17:00"),
    ("Отправить смету к понедельнику", "Отправить смету", "2026-11-23 17:00"),
    ("Отправить смету в следующий вторник в 10:30", "Отправить смету", "2026-11-24 10:30"),
    ("Отправить смету во вторник утром", "Отправить смету", "2026-11-24 09:00"),
    ("Отправить смету пт 15:00", "Отправить смету", "2026-11-27 15:00"),
    ("Отправить смету на следующей неделе", "Отправить смету", "2026-11-23 17:00"),
    ("Отправить смету через 2 часа", "Отправить смету", "2026-11-20 16:41"),
    ("Отправить смету через час", "Отправить смету", "2026-11-20 15:41"),
    ("Отправить смету через полчаса", "Отправить смету", "2026-11-20 15:11"),
    ("Отправить смету через 3 дня", "Отправить смету", "2026-11-23 17:00"),
    ("Отправить смету через неделю", "Отправить смету", "2026-11-27 17:00"),
    ("Отправить смету завтра в 9 утра", "Отправить смету", "2026-11-21 09:00"),
    ("Отправить смету завтра в 7 вечера", "Отправить смету", "2026-11-21 19:00"),
    ("Отправить смету завтра днём", "Отправить смету", "2026-11-21 14:00"),
    ("Отправить смету 3 декабря", "Отправить смету", "2026-12-03 17:00"),
    ("Отправить смету 03.12", "Отправить смету", "2026-12-03 17:00"),
    ("Отправить смету 3.12.2026 в 14:00", "Отправить смету", "2026-12-03 14:00"),
    ("Отправить смету в 3:30", "Отправить смету", "2026-11-21 03:30"),
    ("Отправить смету до конца дня", "Отправить смету", "2026-11-20 17:00"),
]

UZBEK = [
    ("Annaga qoʻngʻiroq qilish ertaga 15:00", "Annaga qoʻngʻiroq qilish", "2026-11-21 15:00"),
    ("ertaga soat 15:00 da Annaga qoʻngʻiroq qilish", "Annaga qoʻngʻiroq qilish", "2026-11-21 15:00"),
    ("Taklif yuborish bugun", "Taklif yuborish", "2026-11-20 17:00"),
    ("Taklif yuborish indinga", "Taklif yuborish", "2026-11-22 17:00"),
    ("Taklif yuborish juma kuni", "Taklif yuborish", "2026-11-27 17:00"),
    ("Taklif yuborish juma kuni soat 10 da", "Taklif yuborish", "2026-11-27 10:00"),
    ("Taklif yuborish keyingi dushanba", "Taklif yuborish", "2026-11-23 17:00"),
    ("Taklif yuborish keyingi hafta", "Taklif yuborish", "2026-11-23 17:00"),
    ("Taklif yuborish 2 soatdan keyin", "Taklif yuborish", "2026-11-20 16:41"),
    ("Taklif yuborish bir soatdan so'ng", "Taklif yuborish", "2026-11-20 15:41"),
    ("Taklif yuborish yarim soatdan soʻng", "Taklif yuborish", "2026-11-20 15:11"),
    ("Taklif yuborish 3 kundan keyin", "Taklif yuborish", "2026-11-23 17:00"),
    ("Taklif yuborish ertaga ertalab", "Taklif yuborish", "2026-11-21 09:00"),
    ("Taklif yuborish ertaga tushdan keyin", "Taklif yuborish", "2026-11-21 14:00"),
    ("Taklif yuborish 3-dekabr", "Taklif yuborish", "2026-12-03 17:00"),
    ("Taklif yuborish 3 dekabr kuni", "Taklif yuborish", "2026-12-03 17:00"),
    ("Taklif yuborish 03.12.2026", "Taklif yuborish", "2026-12-03 17:00"),
]


@pytest.mark.parametrize(("text", "title", "when"), ENGLISH)
def test_english(text: str, title: str, when: str) -> None:
    assert (read(text).title, due(read(text))) == (title, when)


@pytest.mark.parametrize(("text", "title", "when"), RUSSIAN)
def test_russian(text: str, title: str, when: str) -> None:
    assert (read(text, "ru").title, due(read(text, "ru"))) == (title, when)


@pytest.mark.parametrize(("text", "title", "when"), UZBEK)
def test_uzbek(text: str, title: str, when: str) -> None:
    assert (read(text, "uz").title, due(read(text, "uz"))) == (title, when)


@pytest.mark.parametrize(("text", "title", "when"), RUSSIAN[:3] + UZBEK[:3])
def test_words_of_another_language_than_ones_own_are_read_too(text: str, title: str, when: str) -> None:
    assert (read(text).title, due(read(text))) == (title, when)


@pytest.mark.parametrize(
    "text",
    [
        "Call May Wong",
        "Call May",
        "Second floor",
        "Measure the second floor",
        "Friday report for Ruth",
        "Sun Valley inspection",
        "Mon Repos: check the gate",
        "March Electric, invoice",
        "Good morning",
        "Order 2 filters",
        "Order a 1/2 inch valve",
        "Order a valve 1/2",
        "Order a valve 3/4",
        "Change the filter, model 9",
        "Change the filter 25:00",
        "Change the filter 12/45",
        "Change the filter Feb 30",
        "Change the filter 31.02",
        "Change the filter 99.99",
        "Change the filter in 99999 days",
        "Mark it",
        "Позвонить Маю Петрову",
        "Среда обитания: проверить",
        "Второй этаж",
        "Juma Karimovga xabar berish",
        'Prepare "Black Friday"',
        "Подготовить «Чёрную пятницу завтра»",
        "Ask about “tomorrow”",
        "Today's specials",
    ],
)
def test_what_only_looks_like_a_date_stays_in_the_title(text: str) -> None:
    assert read(text) == Line(text, ME)


def test_the_end_of_today_is_midnight_when_the_working_day_is_over() -> None:
    assert due(read("Call Ruth today", now=NOW.replace(hour=18))) == "2026-11-20 23:59"


def test_the_same_weekday_is_the_next_one() -> None:
    assert due(read("Call Ruth friday 4pm")) == "2026-11-27 16:00"


class TestClocksThatChange:
    """Due times around clock changes.

    In New York, clocks go forward on March 8, 2026, and back on November 1, both at 2 AM.
    """

    def test_hours_are_those_that_pass(self) -> None:
        before = datetime(2026, 3, 8, 1, 30, tzinfo=ZONE)
        assert due(read("Check in 2 hours", now=before)) == "2026-03-08 04:30"
        back = datetime(2026, 11, 1, 0, 30, tzinfo=ZONE)
        assert due(read("Check in 2 hours", now=back)) == "2026-11-01 01:30"

    def test_days_are_those_of_the_calendar(self) -> None:
        before = datetime(2026, 3, 7, 12, tzinfo=ZONE)
        assert due(read("Check tomorrow 9am", now=before)) == "2026-03-08 09:00"
        assert due(read("Check in 2 days at 9", now=before)) == "2026-03-09 09:00"

    def test_an_hour_that_there_is_not_is_as_much_later(self) -> None:
        before = datetime(2026, 3, 7, 12, tzinfo=ZONE)
        assert due(read("Check tomorrow 02:30", now=before)) == "2026-03-08 03:30"

    def test_of_an_hour_that_there_is_twice_it_is_the_first(self) -> None:
        before = datetime(2026, 10, 31, 12, tzinfo=ZONE)
        line = read("Check tomorrow 01:30", now=before)
        assert line.due_at is not None
        assert line.due_at.isoformat() == "2026-11-01T05:30:00+00:00"


class TestPeople:
    @pytest.mark.parametrize(
        ("text", "name", "title"),
        [
            ("Call Anna @Tom", "Tom Okafor", "Call Anna"),
            ("Call Anna @tom tomorrow", "Tom Okafor", "Call Anna"),
            ("Call Anna tomorrow @tom", "Tom Okafor", "Call Anna"),
            ("@Tom Okafor call Anna", "Tom Okafor", "call Anna"),
            ("@Tom, call Anna", "Tom Okafor", "call Anna"),
            ("Call Anna @Oka", "Tom Okafor", "Call Anna"),
            ("Call Anna @Ruth Berg", "Ruth Berg", "Call Anna"),
            ("Call Anna @josé", "José Ñandú", "Call Anna"),
            ("Позвонить @Али", "Али Каримов", "Позвонить"),
            ("Call Anna @me", "Maya Torres", "Call Anna"),
            ("Call Anna", "Maya Torres", "Call Anna"),
            ("Write to ada@tom.example", "Maya Torres", "Write to ada@tom.example"),
            ('Ask "@Tim" on the wall', "Maya Torres", 'Ask "@Tim" on the wall'),
        ],
    )
    def test_who(self, text: str, name: str, title: str) -> None:
        line = read(text)
        assert (line.assignee and line.assignee.name, line.title) == (name, title)

    def test_somebody_unknown_is_told(self) -> None:
        assert read("Call Anna @Tim tomorrow") == Line("Call Anna", None, read("x tomorrow").due_at, unknown="@Tim")

    def test_several_of_a_name_are_named(self) -> None:
        line = read("Call Anna @Ruth")
        assert (line.assignee, line.unknown, line.several) == (None, "@Ruth", ("Ruth Vale", "Ruth Berg"))


@pytest.mark.parametrize(
    ("text", "priority", "title"),
    [
        ("Call Anna !", TaskPriority.HIGH, "Call Anna"),
        ("!! Call Anna tomorrow", TaskPriority.URGENT, "Call Anna"),
        ("Call Anna now!", TaskPriority.MEDIUM, "Call Anna now!"),
        ("Call Anna", TaskPriority.MEDIUM, "Call Anna"),
    ],
)
def test_priority(text: str, priority: TaskPriority, title: str) -> None:
    assert (read(text).priority, read(text).title) == (priority, title)


@pytest.mark.parametrize("text", ["", "   ", "tomorrow 9", "@Tom", "!", "@Tom tomorrow !!", "—"])
def test_nothing_to_do_has_no_title_left(text: str) -> None:
    assert read(text).title in ("", "—")


@pytest.mark.parametrize(
    "text", ["@", "@@", "@@Tom", '"', '""', "«", "\u202e@Tom 9", "९:३०", "٣pm", "in ٣ hours", "٥ May"]
)
def test_odd_texts_are_read_without_a_fault(text: str) -> None:
    read(text)


@pytest.mark.real_data
@pytest.mark.parametrize("language", ["en", "ru", "uz"])
def test_hostile_strings_are_read_without_a_fault(shared_data: Path, language: str) -> None:
    strings: list[str] = json.loads((shared_data / "naughty" / "blns.json").read_text())

    for text in [*strings, *(f"{one} tomorrow 9" for one in strings), *(f"@{one}" for one in strings)]:
        line = read(text, language)
        assert len(line.title) <= len(text)
