"""One company at work: its people, lines, rep schedule and event queue, shared by the whole simulation."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from app.security.permissions import Role
from demo.absences import Absences
from demo.audio import Sound
from demo.catalogue import SERVICES
from demo.companies import Company
from demo.conversations.slots import Desk, Times, Window, facts, next_weekday
from demo.event_queue import EventQueue
from demo.households import Household, Neighborhood
from demo.opening_hours import OpeningHours
from demo.people import Employee, hire, of_role
from demo.rep_schedule import RepSchedule
from demo.seeding import Ids, stream

DAYS = 365
#: A call that begins before now − this has ended by now.
LAST_CALLS = timedelta(minutes=25)
_FOUNDED_BEFORE = timedelta(days=30)


class Office:
    """A company between the first day of the demonstration and `now`.

    The random stream `chance` serves all simulated events, in the order in which they happen.
    """

    def __init__(self, company: Company, seed: int, now: datetime) -> None:
        now = now.astimezone(UTC)
        self.company = company
        self.seed = seed
        self.now = now
        self.first_day: date = now.astimezone(company.timezone).date() - timedelta(days=DAYS)
        self.founded = datetime.combine(self.first_day, time(9), company.timezone).astimezone(UTC) - _FOUNDED_BEFORE
        self.chance: random.Random = self.stream("history")
        self.rhythm: random.Random = self.stream("rhythm")
        self.ids = Ids(self.stream("ids"))
        self.organization_id: UUID = self.ids.at(self.founded)
        self.main_line_id: UUID = self.ids.at(self.founded)
        self.staff: Sequence[Employee] = hire(company, self.ids, self.founded)
        self._people = {employee.id: employee for employee in self.staff}
        self.csrs = of_role(self.staff, Role.CSR)
        self.reps = {rep.id: rep for rep in of_role(self.staff, Role.SALES_REP)}
        today = now.astimezone(company.timezone).date()
        self.absences = Absences(self.staff, self.first_day, today, self.stream("absences"))
        self.hours = OpeningHours(company.hours, company.timezone)
        self.event_queue = EventQueue()
        self.rep_schedule = RepSchedule(tuple(self.reps), company.timezone, self.absences, self.stream("diary"))
        self.neighborhood = Neighborhood(company, self.stream("households"), self.ids)
        self.sounds: list[Sound] = []
        self.takes: set[str] = set()
        self._busy_until: dict[UUID, datetime] = {}

    def stream(self, name: str) -> random.Random:
        """Return a separate random stream of this company, for anything that doesn't depend on the calls."""
        return stream(self.seed, self.company.slug, name)

    def person(self, user_id: UUID | None) -> Employee | None:
        """Return the person with this ID, if they are on the staff."""
        return self._people.get(user_id) if user_id else None

    def local(self, at: datetime) -> datetime:
        """Convert `at` to the company's time zone."""
        return at.astimezone(self.company.timezone)

    def in_opening_hours(self, at: datetime) -> datetime:
        """Return `at` if the company is open then, else a random time after its next opening."""
        opening = self.hours.next_open(at)
        return at if opening == at else opening + timedelta(minutes=self.chance.uniform(5, 540))

    def shortly_before(self, start: datetime) -> datetime:
        """Return a time during opening hours shortly before an appointment.

        It is on the previous business day if the appointment is early.
        """
        at = start - timedelta(hours=self.chance.uniform(0.7, 4))
        closing = self.hours.last_open(at)
        return at if closing == at else closing - timedelta(hours=self.chance.uniform(0.5, 5))

    def free_csr(self, at: datetime, preferred: UUID | None = None) -> Employee | None:
        """Return a CSR who is on shift and not on a call at `at`, if there is one.

        The CSR with the ID `preferred` is returned if they are free.
        """
        local = self.local(at)
        off, day = self.absences, local.date()
        free = [
            csr for csr in self.csrs if csr.is_on_shift(local) and self.is_free(csr, at) and not off.is_off(csr.id, day)
        ]
        for csr in free:
            if csr.id == preferred:
                return csr
        return self.chance.choice(free) if free else None

    def is_free(self, employee: Employee, at: datetime) -> bool:
        """Return whether `employee` is not on the phone at `at`."""
        return self._busy_until.get(employee.id, at) <= at

    def occupy(self, employee: Employee, until: datetime) -> None:
        """Mark `employee` as busy until shortly after the call, while they write it up."""
        self._busy_until[employee.id] = until + timedelta(seconds=20)

    def facts(self, household: Household, employee: Employee | None, at: datetime, visit: Window) -> dict[str, str]:
        """Return the slots of a conversation between `household` and `employee`.

        `employee` is None for the assistant; `visit` is the appointment window that is offered.
        """
        local = self.local(at)
        agent = employee.first if employee else self.company.assistant
        desk = Desk(
            agent=agent,
            intro=agent if employee else f"{agent}, the automated assistant",
            company=self.company.spoken_name,
            fee=self.company.fee,
            rep=self._rep_of(household).first,
            tech=self.chance.choice(self.company.technicians),
            far_zip=self.chance.choice(self.company.far_zips),
            trades=self.company.trades,
        )
        times = Times(
            at=local,
            visit=visit,
            offer=self._other_window(local, visit),
            earlier=self._earlier_window(household, local, visit),
            follow_up=next_weekday(local.date(), self.chance.randint(1, 4)),
        )
        service = SERVICES.get(household.topic)
        need = service.need if service else "a repair"
        return facts(household.party(), desk, times, past_job=household.job, need=need)

    def _rep_of(self, household: Household) -> Employee:
        """Return the rep of the household's appointment, or any rep."""
        rep_id = household.visit.sales_rep_id if household.visit else None
        return self.reps[rep_id] if rep_id else self.chance.choice(tuple(self.reps.values()))

    def _other_window(self, local: datetime, visit: Window) -> Window:
        other = self.rep_schedule.any_window(local, (0, 3))
        while other == visit:
            other = self.rep_schedule.any_window(local, (1, 6))
        return other

    def _earlier_window(self, household: Household, local: datetime, visit: Window) -> Window:
        """Return the window of the booked appointment, or a made-up one for scripts that mention it."""
        if household.visit is None:
            return self._other_window(local, visit)
        start, end = household.visit.scheduled_start_at, household.visit.scheduled_end_at
        return Window(self.local(start), self.local(end))
