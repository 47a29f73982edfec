"""Whose numbers are asked for: what every statement of this package is made from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import InstrumentedAttribute

from app.appointments.filters import AppointmentFilters
from app.appointments.queries import appointment_conditions
from app.calls.filters import CallFilters
from app.calls.queries import call_conditions
from app.db.filters import Person
from app.errors import NotFound
from app.leads.filters import LeadFilters
from app.leads.queries import lead_conditions, spoken_to
from app.metrics.metric import Resource, Rows
from app.missed_calls.filters import EntryFilters
from app.missed_calls.queries import entry_conditions
from app.models import Appointment, Call, Lead, RecordingSession
from app.periods import Span
from app.recordings.filters import RecordingFilters
from app.recordings.queries import recording_conditions
from app.security.actor import Actor
from app.security.permissions import Permission


class Credit(StrEnum):
    """Whom rows are credited to; the value is the lists' filter that names them."""

    CSR = "csr"
    REP = "rep"


_PERMISSIONS = {Credit.CSR: Permission.DASHBOARDS_CSR, Credit.REP: Permission.DASHBOARDS_REP}
#: The column that names the person.
_PEOPLE: dict[tuple[Resource, Credit], InstrumentedAttribute[Any]] = {
    (Resource.CALLS, Credit.CSR): Call.csr_id,
    (Resource.CALLS, Credit.REP): Call.assigned_rep_id,
    (Resource.LEADS, Credit.REP): Lead.assigned_rep_id,
    (Resource.APPOINTMENTS, Credit.CSR): Appointment.csr_id,
    (Resource.APPOINTMENTS, Credit.REP): Appointment.sales_rep_id,
    (Resource.RECORDINGS, Credit.REP): RecordingSession.sales_rep_id,
}


@dataclass(frozen=True, slots=True)
class Question:
    """Numbers that `actor` asks for: of a person, nobody ("none"), their team ("team"), or (None) everybody."""

    actor: Actor
    now: datetime
    credit: Credit = Credit.CSR
    person: Person | None = None

    @classmethod
    def of(cls, actor: Actor, credit: Credit, person: Person | None, now: datetime) -> Self:
        """What `actor` may ask. Raises Forbidden, and NotFound for anybody else where they may ask for their own only.

        Whoever may ask for their own only and names nobody asks for their own.
        """
        permission = _PERMISSIONS[credit]
        actor.requires(permission)
        if not actor.sees_all(permission):
            if person not in (None, actor.user_id):
                raise NotFound("user", person)
            person = actor.user_id
        return cls(actor, now, credit, person)

    def conditions(self, rows: Rows, span: Span) -> list[ColumnElement[bool]]:
        """The conditions of the list that shows `rows` of this person in `span`."""
        given, within = self._filters(rows), None if rows.of_now else span
        match rows.resource:
            case Resource.CALLS:
                return call_conditions(CallFilters.of(given), self.actor, within)
            case Resource.LEADS:
                return lead_conditions(LeadFilters.of(given), self.actor, within)
            case Resource.APPOINTMENTS:
                return appointment_conditions(AppointmentFilters.of(given), self.actor, within)
            case Resource.RECORDINGS:
                return recording_conditions(RecordingFilters.of(given), self.actor, within)
            case Resource.MISSED_CALLS:
                return entry_conditions(EntryFilters.of(given), self.actor, within, self.now)

    def conditions_by_call(self, rows: Rows, span: Span) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
        """The same for leads, apart: of the leads themselves, and of the calls in which they were spoken to."""
        given = LeadFilters.of(self._filters(rows))
        of_leads = lead_conditions(given.model_copy(update={"csr": None}), self.actor, None)
        return of_leads, spoken_to(given, self.actor, span)

    def person_column(self, resource: Resource) -> InstrumentedAttribute[Any]:
        """The column that credits rows of `resource` to a person."""
        return _PEOPLE[resource, self.credit]

    def is_one_of(self, rows: Rows) -> ColumnElement[bool]:
        """Whether a call, of those that the statement reads anyway, is one of `rows`."""
        return and_(true(), *call_conditions(CallFilters.of(rows.filters), self.actor, None))

    def _filters(self, rows: Rows) -> dict[str, str]:
        credited = {} if self.person is None else {self.credit.value: str(self.person)}
        return {**rows.filters, **credited}
