"""Calendars: weekly meetings, one-to-ones, and time off."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from app.models import EventStatus
from app.models.calendar import CalendarColor
from app.security.permissions import Role
from demo.absences import Absences
from demo.office import Office
from demo.people import Employee, of_role
from demo.rows import AttendeeRow, CalendarRow, EventRow

_BACK, _AHEAD = 60, 30
_MONDAY, _TUESDAY, _WEDNESDAY = 0, 1, 2
_TEAM_AT, _REPS_AT, _LEADERS_AT = time(8), time(7, 15), time(16)
_MEETING, _SHORT = timedelta(minutes=45), timedelta(minutes=25)
_ONE_TO_ONE_FROM = 9
_SLOTS_A_DAY, _DAYS_OF_ONE_TO_ONES = 12, 4
_PLANNED_BEFORE = timedelta(days=20)
_ABOUT = {"meeting": "Last week’s numbers, and who is where.", "coaching": "Two calls listened to together."}


class Calendars:
    """Calendars of one company and their events around today."""

    def __init__(self, office: Office, absences: Absences) -> None:
        self._office = office
        self._absences = absences
        self._shared = self._calendar("Office", CalendarColor.BLUE)
        self._off = self._calendar("Time off", CalendarColor.GRAY)
        self._coaching = self._calendar("Coaching", CalendarColor.VIOLET)
        self._managers = of_role(office.staff, Role.MANAGER)

    def rows(self) -> Iterator[CalendarRow | EventRow | AttendeeRow]:
        yield from (self._shared, self._off, self._coaching)
        yield from self._days_off()
        today = self._office.local(self._office.now).date()
        for offset in range(-_BACK, _AHEAD + 1):
            yield from self._meetings(today + timedelta(days=offset))

    def _meetings(self, day: date) -> Iterator[EventRow | AttendeeRow]:
        office = self._office
        for manager in self._managers:
            team = [person for person in office.staff if person.manager_id == manager.id]
            reps = [person for person in team if person.member.role is Role.SALES_REP]
            csrs = [person for person in team if person.member.role is Role.CSR]
            if day.weekday() == _MONDAY and csrs:
                yield from self._meet(day, _TEAM_AT, _SHORT, "Start of the week", manager, csrs, self._shared.id)
            if day.weekday() == _MONDAY and reps:
                yield from self._meet(day, _REPS_AT, _SHORT, "Sales round", manager, reps, self._shared.id)
            yield from self._one_to_ones(day, manager, csrs)
        leaders = [person for person in office.staff if person.member.role in {Role.EXEC, Role.OWNER}]
        if day.weekday() == _WEDNESDAY and leaders:
            yield from self._meet(
                day, _LEADERS_AT, _MEETING, "Numbers of the week", leaders[0], [*leaders[1:], *self._managers], None
            )

    def _one_to_ones(self, day: date, manager: Employee, csrs: list[Employee]) -> Iterator[EventRow | AttendeeRow]:
        """Yield the manager's one-to-ones on `day`; each CSR has a fixed slot every other week."""
        if day.weekday() not in range(_TUESDAY, _TUESDAY + _DAYS_OF_ONE_TO_ONES):
            return
        week = day.isocalendar().week
        for number, csr in enumerate(csrs):
            weekday, slot = _TUESDAY + number % _DAYS_OF_ONE_TO_ONES, number // _DAYS_OF_ONE_TO_ONES
            if weekday == day.weekday() and number % 2 == week % 2 and slot < _SLOTS_A_DAY:
                at = time(_ONE_TO_ONE_FROM + slot // 2, 30 * (slot % 2))
                yield from self._meet(day, at, _SHORT, f"One-to-one: {csr.first}", manager, [csr], self._coaching.id)

    def _meet(
        self,
        day: date,
        at: time,
        length: timedelta,
        title: str,
        organizer: Employee,
        others: list[Employee],
        calendar_id: UUID | None,
    ) -> Iterator[EventRow | AttendeeRow]:
        """Yield a meeting of the people who are not off that day.

        Yields nothing if the organizer or all others are off.
        """
        present = [person for person in others if not self._absences.is_off(person.id, day)]
        if self._absences.is_off(organizer.id, day) or not present:
            return
        start = datetime.combine(day, at, self._office.company.timezone).astimezone(UTC)
        kind = "coaching" if calendar_id == self._coaching.id else "meeting"
        event = self._event(kind, title, start, start + length, organizer, calendar_id or self._shared.id)
        yield event
        for person in present:
            yield AttendeeRow(
                organization_id=event.organization_id,
                id=self._office.ids.at(event.created_at),
                event_id=event.id,
                user_id=person.id,
                created_at=event.created_at,
            )

    def _days_off(self) -> Iterator[EventRow]:
        zone = self._office.company.timezone
        for absence in self._absences.all:
            start, end = (
                datetime.combine(day, time(0), zone).astimezone(UTC)
                for day in (absence.first, absence.last + timedelta(days=1))
            )
            yield self._event("time_off", absence.reason, start, end, absence.person, self._off.id)

    def _event(
        self, kind: str, title: str, start: datetime, end: datetime, organizer: Employee, calendar_id: UUID
    ) -> EventRow:
        office = self._office
        planned_at = min(max(start - _PLANNED_BEFORE, office.founded), office.now)
        return EventRow(
            organization_id=office.organization_id,
            id=office.ids.at(planned_at),
            type=kind,
            title=title,
            start_at=start,
            end_at=end,
            timezone=str(office.company.timezone),
            description=_ABOUT.get(kind),
            location=None if kind == "time_off" else "Meeting room",
            organizer_id=organizer.id,
            calendar_id=calendar_id,
            # Coaching is confirmed only in its own week.
            status=EventStatus.TENTATIVE if kind == "coaching" and start > office.now else EventStatus.CONFIRMED,
            created_by=organizer.id,
            created_by_label=organizer.member.name,
            created_at=planned_at,
        )

    def _calendar(self, name: str, color: CalendarColor) -> CalendarRow:
        office = self._office
        return CalendarRow(
            organization_id=office.organization_id,
            id=office.ids.at(office.founded),
            name=name,
            owner_user_id=None,
            color=color,
            created_at=office.founded,
        )
