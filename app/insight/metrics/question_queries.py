"""Whose numbers are asked for: what every statement of this package is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, and_, bindparam, true
from sqlalchemy.orm import InstrumentedAttribute

from app.db.filters import Filters, Person
from app.declarations.listed import Listed
from app.errors import NotFound
from app.insight.metrics.metric import Rows
from app.models import Appointment, Call, Lead, RecordingSession
from app.periods import Span
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.queries import appointment_conditions
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_conditions
from app.work.calls.resource import CALL_LIST
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_conditions, spoken_to
from app.work.leads.resource import LEAD_LIST
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import entry_conditions
from app.work.missed_calls.resource import MISSED_CALL_LIST
from app.work.recordings.queries import recording_conditions
from app.work.recordings.resource import RECORDING_LIST


class Credit(StrEnum):
    """Whom rows are credited to; the value is the lists' filter that names them."""

    CSR = "csr"
    REP = "rep"


_PERMISSIONS = {Credit.CSR: Permission.DASHBOARDS_CSR, Credit.REP: Permission.DASHBOARDS_REP}
#: The column that names the person.
_PEOPLE: dict[tuple[str, Credit], InstrumentedAttribute[Any]] = {
    (CALL_LIST.name, Credit.CSR): Call.csr_id,
    (CALL_LIST.name, Credit.REP): Call.assigned_rep_id,
    (LEAD_LIST.name, Credit.REP): Lead.assigned_rep_id,
    (APPOINTMENT_LIST.name, Credit.CSR): Appointment.csr_id,
    (APPOINTMENT_LIST.name, Credit.REP): Appointment.sales_rep_id,
    (RECORDING_LIST.name, Credit.REP): RecordingSession.sales_rep_id,
}


#: What the filters of each list mean in SQL.
_CONDITIONS: Mapping[str, Callable[[Any, Actor, Span | None], list[ColumnElement[bool]]]] = {
    CALL_LIST.name: call_conditions,
    LEAD_LIST.name: lead_conditions,
    APPOINTMENT_LIST.name: appointment_conditions,
    RECORDING_LIST.name: recording_conditions,
}


#: What a statement is made for where it will be asked about one person; the id comes when it is sent.
_SOMEBODY = "somebody"
_NOW, _PERSON = "question_now", "question_person"
_PLACE_OF_NOW: Any = bindparam(_NOW, type_=DateTime(timezone=True))
_PLACE_OF_PERSON: Any = bindparam(_PERSON, type_=Uuid())

#: Whom a question is about, as far as it decides the text of a statement.
Look = tuple[Credit, Any]


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

    @property
    def look(self) -> Look:
        """What decides the text of a statement, beside the actor's rights."""
        return self.credit, _SOMEBODY if isinstance(self.person, UUID) else self.person

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the places of `like`."""
        return {_NOW: self.now, _PERSON: self.person}

    @classmethod
    def like(cls, look: Look, actor: Actor) -> Self:
        """A question that looks so, with places instead of a moment and of an id."""
        credit, person = look
        return cls(actor, _PLACE_OF_NOW, credit, _PLACE_OF_PERSON if person == _SOMEBODY else person)

    def conditions(self, rows: Rows, span: Span) -> list[ColumnElement[bool]]:
        """The conditions of the list that shows `rows` of this person in `span`."""
        within = None if rows.of_now else span
        listed, filters = rows.listed, self._filters(rows)
        if listed is MISSED_CALL_LIST and isinstance(filters, EntryFilters):
            return entry_conditions(filters, self.actor, within, self.now)
        return _CONDITIONS[listed.name](filters, self.actor, within)

    def conditions_by_call(self, rows: Rows, span: Span) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
        """The conditions of the leads themselves, and of the calls in which they were spoken to."""
        given = self._filters(rows)
        if not isinstance(given, LeadFilters):
            raise TypeError(f"No leads: {rows.listed.name}")
        of_leads = lead_conditions(given.model_copy(update={"csr": None}), self.actor, None)
        return of_leads, spoken_to(given, self.actor, span)

    def person_column(self, listed: Listed) -> InstrumentedAttribute[Any]:
        """The column that credits rows of a list to a person."""
        return _PEOPLE[listed.name, self.credit]

    def is_one_of(self, rows: Rows) -> ColumnElement[bool]:
        """Whether a call, of those that the statement reads anyway, is one of `rows`."""
        return and_(true(), *call_conditions(CallFilters.of(rows.filters), self.actor, None))

    def _filters(self, rows: Rows) -> Filters:
        filters = rows.listed.filters.of(rows.filters)
        return filters if self.person is None else filters.model_copy(update={self.credit.value: self.person})
