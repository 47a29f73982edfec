"""A company with hundreds of random rows, including rows that the metrics must not count.

The rows are of every kind that the metrics use. Some are close to daylight saving changes in both hemispheres, some are
within a second of the edges of the period, some belong to people who left, and some are deleted, canceled or imported.
Another company has rows of the same kinds.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import (
    Appointment,
    Base,
    Call,
    CallAnalysis,
    Lead,
    MissedCallAttempt,
    MissedCallEntry,
    Organization,
    RecordingSession,
    Role,
    User,
)
from app.periods import Period, midnight, resolve_period
from tests.support.factories import Factories

#: Daylight saving time begins in New York on 8 March, and ends (by half an hour) on Lord Howe Island on 5 April.
FIRST_DAY, LAST_DAY = date(2026, 3, 2), date(2026, 4, 12)
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
_EARLIEST, _LATEST = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC)

_OBJECTIONS = ("distance", "price", "spouse", "timing", "trust", "urgency")

#: One of this many answered calls has an unknown waiting time.
_EVERY_FEW = 4

#: Ordered so that referenced rows come first.
_KINDS = (Lead, Call, CallAnalysis, Appointment, RecordingSession, MissedCallEntry, MissedCallAttempt)

Row = TypeVar("Row", bound=Base)


@dataclass
class RandomCompany:
    """A company with random rows; `team` is the manager's team, and the CSR "Gone" was deleted."""

    organization: Organization
    staff: dict[Role, User]
    csrs: list[User]
    reps: list[User]
    team: list[User]
    rows: list[Base] = field(default_factory=list)

    @property
    def period(self) -> Period:
        """Six weeks that contain the daylight saving changes."""
        return resolve_period(
            "custom", now=NOW, timezone=self.organization.timezone, first_day=FIRST_DAY, last_day=LAST_DAY
        )


def make_random_company(make: Factories, engine: Engine, timezone: str) -> RandomCompany:
    """Create the company in `timezone`, and another one; a time zone always yields the same rows."""
    company = _make(make, engine, timezone, seed=1)
    _make(make, engine, timezone, seed=2)
    return company


def _make(make: Factories, engine: Engine, timezone: str, seed: int) -> RandomCompany:
    organization = make.organization(timezone=timezone, rescue_window_days=7)
    staff: dict[Role, User] = {
        role: make.user(organization, role=role) for role in Role if role not in (Role.CSR, Role.SALES_REP)
    }
    manager = staff[Role.MANAGER]
    csrs = [
        make.user(organization, name="Maya", manager_id=manager.id),
        make.user(organization, name="Tom"),
        make.user(organization, name="Gone", manager_id=manager.id, deleted_at=NOW),
        make.user(organization, name="Newcomer"),
    ]
    reps = [make.user(organization, Role.SALES_REP, name=name, manager_id=boss) for name, boss in _reps(manager)]
    team = [csrs[0], reps[0], manager]
    company = RandomCompany(organization, staff, csrs, reps, team)
    _Rows(company, make, Random(seed)).fill()  # noqa: S311 - reproducible, not secret
    with Session(engine, expire_on_commit=False) as session, session.begin():
        for kind in _KINDS:
            session.add_all(row for row in company.rows if isinstance(row, kind))
            session.flush()
    return company


def _reps(manager: User) -> list[tuple[str, Any]]:
    return [("Ann", manager.id), ("Bob", None), ("Zoe", None)]


class _Rows:
    """Generator of the rows of one company."""

    def __init__(self, company: RandomCompany, make: Factories, random: Random) -> None:
        self._company = company
        self._make = make
        self._random = random
        # People without any rows must appear in the tables as well.
        self._csrs: list[User | None] = [*company.csrs[:3], None]
        self._reps: list[User | None] = [*company.reps[:2], None]
        zone = ZoneInfo(company.organization.timezone)
        first, after = midnight(FIRST_DAY, zone), midnight(LAST_DAY + timedelta(days=1), zone)
        second = timedelta(seconds=1)
        self._edges = [first, first - second, after, after - second, midnight(date(2026, 3, 8), zone)]

    def fill(self) -> None:
        """Create all rows of the company."""
        contact = self._make.contact(self._company.organization)
        leads = [self._lead(number, contact.id) for number in range(60)]
        calls = [self._call(leads) for _ in range(500)]
        for call in calls:
            if self._maybe(0.5):
                self._add(self._analysis(call))
        appointments = [self._appointment(number, contact.id, leads) for number in range(160)]
        visits = iter([call for call in calls if call.call_type == "visit_call"])
        for appointment in appointments:
            if appointment.sales_rep_id and self._maybe(0.5):
                self._recording(appointment, next(visits, None))
        for call in calls:
            if call.status in ("missed", "voicemail") and self._maybe(0.8):
                self._entry(call, leads)

    def _lead(self, number: int, contact_id: Any) -> Lead:
        imported = self._maybe(0.2)
        stage = self._one("new", "qualified", "booked", "pending", "pending", "dead")
        is_won = stage == "booked" and self._maybe(0.3)
        return self._add(
            Lead(
                **self._of(),
                contact_card_id=None if imported else contact_id,
                external_source="crm",
                external_id=f"lead-{number}",
                stage=stage,
                qualification_status=self._one("hot", "warm", "cold", "unqualified", None),
                csr_id=self._person(self._csrs),
                assigned_rep_id=self._person(self._reps),
                closed_at=NOW if stage == "dead" or is_won else None,
                won_at=NOW if is_won else None,
                deleted_at=self._one(None, None, None, None, NOW),
            )
        )

    def _call(self, leads: list[Lead]) -> Call:
        at, kind = self._moment(), self._one("csr_call", "csr_call", "csr_call", "sales_call", "visit_call")
        status = self._one("completed", "completed", "completed", "missed", "voicemail", "failed", "active")
        answered = at + timedelta(milliseconds=self._random.randrange(60_000)) if self._maybe(0.7) else None
        return self._add(
            Call(
                **self._of(),
                direction=self._one("inbound", "inbound", "outbound"),
                call_type=kind,
                status=status,
                csr_id=None if kind == "visit_call" else self._person(self._csrs),
                assigned_rep_id=self._person(self._reps),
                handled_by_user_id=self._person(self._csrs),
                lead_id=self._random.choice(leads).id if self._maybe(0.6) else None,
                started_at=at,
                answered_at=answered,
                is_wait_unknown=answered is not None and answered.second % _EVERY_FEW == 0,
                duration_seconds=self._one(None, 0, self._random.randrange(2_000)),
                waited_seconds=self._one(None, 0, self._random.randrange(300)) if status == "missed" else None,
                outcome=self._one(None, "resolved", "follow_up"),
                booking_status=self._one(None, "booked", "not_booked", "service_not_offered"),
                call_quality=self._one(None, 1, 3, 5),
                topic=self._one(None, "No heat", "Leak"),
            )
        )

    def _analysis(self, call: Call) -> CallAnalysis:
        raised = [
            {"category": self._one(*_OBJECTIONS, None), "severity": self._one("low", "medium", "high")}
            for _ in range(self._random.randrange(4))
        ]
        score = self._one(None, round(self._random.uniform(40, 100), 2))
        return CallAnalysis(**self._of(), call_id=call.id, sop_compliance_score=score, objections=raised)

    def _appointment(self, number: int, contact_id: Any, leads: list[Lead]) -> Appointment:
        status = self._one("completed", "completed", "scheduled", "no_show", "cancelled")
        completed = status == "completed"
        outcome = self._one("open", "closed_won", "closed_won", "closed_lost") if completed else "open"
        start = self._moment()
        return self._add(
            Appointment(
                **self._of(),
                contact_card_id=contact_id,
                lead_id=leads[number % len(leads)].id if number % 4 else None,
                external_source="crm",
                external_id=f"visit-{number}",
                csr_id=self._person(self._csrs),
                sales_rep_id=self._person(self._reps),
                service_type="Furnace repair",
                scheduled_start_at=start,
                scheduled_end_at=start + timedelta(hours=2),
                timezone="UTC",
                booked_at=self._moment(),
                status=status,
                completed_at=self._moment() if completed else None,
                outcome=outcome,
                outcome_at=None if outcome == "open" else self._moment(),
                deal_value=self._one(None, round(self._random.uniform(100, 20_000), 2)),
                deleted_at=self._one(None, None, None, None, NOW),
            )
        )

    def _recording(self, appointment: Appointment, visit: Call | None) -> None:
        start, deleted = self._moment(), self._maybe(0.2)
        rep_id = appointment.sales_rep_id if self._maybe(0.7) else self._company.reps[1].id
        self._add(
            RecordingSession(
                **self._of(),
                appointment_id=appointment.id,
                sales_rep_id=rep_id,
                call_id=visit.id if visit else None,
                status="ready",
                consent="given",
                started_at=start,
                ended_at=start + timedelta(hours=1),
                duration_seconds=self._one(None, self._random.randrange(9_000)),
                deleted_at=NOW if deleted else None,
            )
        )

    def _entry(self, call: Call, leads: list[Lead]) -> None:
        status = self._one("open", "claimed", "rescued", "rescued", "answered_later", "lost", "dismissed")
        rescued_by = self._one("auto", "human") if status == "rescued" else None
        attempts = self._random.randrange(3)
        entry = self._add(
            MissedCallEntry(
                **self._of(),
                call_id=call.id,
                lead_id=self._random.choice(leads).id if self._maybe(0.8) else None,
                status=status,
                first_missed_at=call.started_at,
                sla_due_at=self._one(call.started_at + timedelta(minutes=15), NOW, NOW + timedelta(hours=1)),
                claim_expires_at=NOW if status == "claimed" else None,
                attempts=attempts,
                first_attempt_seconds=self._random.randrange(90_000) if attempts else None,
                resolved_at=None if status in ("open", "claimed") else self._moment(),
                rescued_by=rescued_by,
                rescued_by_user_id=self._person(self._csrs) if rescued_by == "human" else None,
            )
        )
        for number in range(attempts):
            result = self._one("reached", "no_answer", "voicemail")
            # A single attempt is just in time, the first of two is too late.
            at = entry.sla_due_at + timedelta(minutes=5 * (attempts - 1 + number))
            self._add(MissedCallAttempt(**self._of(), entry_id=entry.id, kind="call", by="human", at=at, result=result))

    def _of(self) -> dict[str, Any]:
        return {"organization_id": self._company.organization.id, "id": uuid7()}

    def _moment(self) -> datetime:
        """Return a random time, sometimes at an edge of the period."""
        if self._maybe(0.1):
            return self._random.choice(self._edges)
        return _EARLIEST + self._random.random() * (_LATEST - _EARLIEST)

    def _maybe(self, chance: float) -> bool:
        return self._random.random() < chance

    def _one(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _person(self, people: list[User | None]) -> Any:
        chosen = self._random.choice(people)
        return chosen.id if chosen else None

    def _add(self, row: Row) -> Row:
        self._company.rows.append(row)
        return row
