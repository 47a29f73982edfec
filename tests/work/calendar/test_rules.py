"""Calendar layout, overlapping entries, moved entries, and the iCalendar format."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.periods import LATEST, moment_at
from app.work.calendar.entry_rules import (
    Entry,
    EntryKind,
    clashes_among,
    day_of,
    moved,
    step_to,
    taken_of,
    week_of,
)
from app.work.calendar.ical_rules import IcalEvent, IcalStatus, calendar_text, escaped, folded

NEW_YORK = ZoneInfo("America/New_York")
SOMEBODY = uuid4()
DAY = date(2026, 3, 18)


def entry(start: str, end: str, day: date = DAY, who: UUID = SOMEBODY, **values: object) -> Entry:
    moments = (datetime.combine(day, time.fromisoformat(clock), NEW_YORK).astimezone(UTC) for clock in (start, end))
    first, last = moments
    return Entry(kind=EntryKind.EVENT, start=first, end=last, person_ids=frozenset({who}), id=uuid4(), **values)  # type: ignore[arg-type]


class TestDays:
    def test_rows_are_quarters_of_the_clock(self) -> None:
        [part] = day_of(DAY, NEW_YORK, [entry("09:00", "10:30")]).parts

        assert (part.first_row, part.rows, part.lane, part.lanes) == (36, 6, 0, 1)

    def test_what_meets_stands_side_by_side(self) -> None:
        day = day_of(
            DAY,
            NEW_YORK,
            [entry("09:00", "11:00"), entry("10:00", "12:00"), entry("11:00", "12:00"), entry("13:00", "14:00")],
        )

        assert [(part.lane, part.lanes) for part in day.parts] == [(0, 2), (1, 2), (0, 2), (0, 1)]

    def test_what_goes_over_midnight_has_a_part_of_each_day(self) -> None:
        over = Entry(
            kind=EntryKind.EVENT,
            start=datetime(2026, 3, 19, 2, tzinfo=UTC),
            end=datetime(2026, 3, 19, 6, tzinfo=UTC),
            person_ids=frozenset(),
        )
        [evening] = day_of(DAY, NEW_YORK, [over]).parts
        [night] = day_of(DAY + timedelta(days=1), NEW_YORK, [over]).parts

        assert (evening.first_row, evening.rows, evening.ends_after) == (88, 8, True)
        assert (night.first_row, night.rows, night.begins_before) == (0, 8, True)

    def test_what_ends_just_before_midnight_goes_to_the_end_of_the_day(self) -> None:
        late, later = entry("20:00", "23:50"), entry("23:00", "23:46")

        parts = day_of(DAY, NEW_YORK, [late, later]).parts

        assert [(one.first_row, one.rows, one.lane, one.lanes) for one in parts] == [(80, 16, 0, 2), (92, 4, 1, 2)]

    def test_what_meets_is_taken_once_and_each_day_has_its_own_part(self) -> None:
        over = Entry(
            kind=EntryKind.EVENT,
            start=datetime(2026, 3, 19, 2, tzinfo=UTC),
            end=datetime(2026, 3, 19, 6, tzinfo=UTC),
            person_ids=frozenset(),
        )
        tentative = entry("13:00", "14:00", is_taking=False)
        others = [over, tentative, entry("09:00", "12:00"), entry("10:00", "11:00"), entry("11:30", "12:30")]

        assert taken_of(day_of(DAY, NEW_YORK, others)) == timedelta(hours=5, minutes=30)
        assert taken_of(day_of(DAY + timedelta(days=1), NEW_YORK, others)) == timedelta(hours=2)

    def test_steps_end_where_calendars_do(self) -> None:
        last_week = week_of(LATEST, "monday")

        assert step_to(LATEST - timedelta(days=7), last_week) == LATEST - timedelta(days=7)
        assert step_to(LATEST + timedelta(days=7), last_week) is None
        assert step_to(LATEST + timedelta(days=1), [LATEST - timedelta(days=7)]) == LATEST

    @pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (DAY, 24)])
    def test_a_day_has_its_hours(self, day: date, hours: int) -> None:
        whole = day_of(day, NEW_YORK, [])

        assert whole.end - whole.start == timedelta(hours=hours)
        assert whole.is_changed_clocks == (hours != 24)

    def test_weeks_begin_as_the_organization_says(self) -> None:
        assert week_of(DAY, "monday")[0] == date(2026, 3, 16)
        assert week_of(DAY, "sunday")[0] == date(2026, 3, 15)
        assert week_of(date(2026, 3, 15), "sunday")[0] == date(2026, 3, 15)
        assert DAY in week_of(DAY, "sunday")


class TestClashes:
    def test_of_one_person_and_of_what_takes_time(self) -> None:
        one, other = entry("09:00", "11:00"), entry("10:00", "12:00")
        tentative = entry("09:00", "12:00", is_taking=False)
        of_another = entry("09:00", "12:00", who=uuid4())
        after = entry("12:00", "13:00")

        assert clashes_among([after, other, tentative, of_another, one]) == [(one, other)]


class TestMoving:
    def test_it_lasts_as_long(self) -> None:
        start, end = moved(*_span("09:00", "10:30"), NEW_YORK, DAY + timedelta(days=2), time(14))

        assert (start, end) == (datetime(2026, 3, 20, 18, tzinfo=UTC), datetime(2026, 3, 20, 19, 30, tzinfo=UTC))

    def test_without_a_time_it_keeps_its_own_on_the_clock_of_that_day(self) -> None:
        start, _end = moved(*_span("09:00", "10:30", date(2026, 3, 6)), NEW_YORK, date(2026, 3, 9), None)

        assert start.astimezone(NEW_YORK).time() == time(9)

    def test_of_an_hour_that_comes_twice_the_known_moment_says_which(self) -> None:
        second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

        assert moment_at(date(2026, 11, 1), time(1, 30), NEW_YORK, second) == second
        assert moment_at(date(2026, 11, 1), time(1, 30), NEW_YORK) == second - timedelta(hours=1)
        assert moment_at(date(2026, 11, 1), time(1, 15), NEW_YORK, second) == second - timedelta(minutes=75)

    def test_whole_days_stay_whole_where_one_has_23_hours(self) -> None:
        first = datetime(2026, 3, 5, 5, tzinfo=UTC)

        start, end = moved(first, first + timedelta(days=2), NEW_YORK, date(2026, 3, 7), None)

        assert [moment.astimezone(NEW_YORK).isoformat() for moment in (start, end)] == [
            "2026-03-07T00:00:00-05:00",
            "2026-03-09T00:00:00-04:00",
        ]


def _span(start: str, end: str, day: date = DAY) -> tuple[datetime, datetime]:
    one = entry(start, end, day)
    return one.start, one.end


class TestIcalendar:
    def test_an_event_as_the_standard_writes_it(self) -> None:
        event = IcalEvent(
            uid="1@switchboard.example",
            start=datetime(1997, 9, 3, 16, 30, tzinfo=UTC),
            end=datetime(1997, 9, 3, 19, tzinfo=UTC),
            summary="Annual Employee Review",
            status=IcalStatus.CONFIRMED,
            changed=datetime(1997, 9, 1, 13, tzinfo=UTC),
            created=datetime(1997, 8, 1, 13, tzinfo=UTC),
        )

        text = calendar_text("Blue Ridge Air", [event])

        assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
        assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")
        for line in ("DTSTAMP:19970901T130000Z", "DTSTART:19970903T163000Z", "DTEND:19970903T190000Z", "TRANSP:OPAQUE"):
            assert f"\r\n{line}\r\n" in text

    def test_a_day_is_a_date(self) -> None:
        event = IcalEvent(
            uid="2@switchboard.example",
            start=date(2007, 6, 28),
            end=date(2007, 7, 9),
            summary="Festival",
            status=IcalStatus.TENTATIVE,
            changed=datetime(2007, 4, 23, 12, 34, 32, tzinfo=UTC),
            created=datetime(2007, 4, 23, 12, 34, 32, tzinfo=UTC),
        )

        assert "\r\nDTSTART;VALUE=DATE:20070628\r\nDTEND;VALUE=DATE:20070709\r\n" in calendar_text("A", [event])

    def test_the_standards_own_example_of_escaping(self) -> None:
        text = "Project XYZ Final Review\nConference Room - 3B\nCome Prepared."

        assert escaped(text) == "Project XYZ Final Review\\nConference Room - 3B\\nCome Prepared."
        assert escaped("a;b,c\\d\r\ne\x00\x0b") == "a\\;b\\,c\\\\d\\ne"

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
    @example("Überprüfung der Dachrinnenöfen für Frau Müller, Straße am Südhöhenweg über die Brücke")
    @example("🏠" * 40)
    def test_lines_have_75_octets_at_most_and_lose_nothing(self, text: str) -> None:
        line = f"SUMMARY:{escaped(text)}"
        pieces = list(folded(line))

        assert all(len(piece.encode()) <= 75 for piece in pieces)
        assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
        assert all(piece[0] == " " for piece in pieces[1:])
        assert not any("\r" in piece or "\n" in piece for piece in pieces)
