"""Whose numbers are asked for: what every statement of this package is made from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, true

from app.appointments.filters import AppointmentFilters
from app.appointments.queries import appointment_conditions
from app.calls.filters import CallFilters
from app.calls.queries import call_conditions
from app.leads.filters import LeadFilters
from app.leads.queries import lead_conditions
from app.metrics.definitions import Resource, Rows
from app.missed_calls.filters import EntryFilters
from app.missed_calls.queries import entry_conditions
from app.periods import Span
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Question:
    """Numbers that `actor` asks for, of one CSR or (None) of the whole call centre."""

    actor: Actor
    csr: UUID | None
    now: datetime

    def conditions(self, rows: Rows, span: Span) -> list[ColumnElement[bool]]:
        """The conditions of the list that shows `rows` of this CSR in `span`."""
        credited = {} if self.csr is None else {"csr": str(self.csr)}
        given = {**rows.filters, **credited}
        if rows.resource is Resource.CALLS:
            return call_conditions(CallFilters.of(given), self.actor, span)
        if rows.resource is Resource.LEADS:
            return lead_conditions(LeadFilters.of(given), self.actor, span)
        if rows.resource is Resource.APPOINTMENTS:
            return appointment_conditions(AppointmentFilters.of(given), span)
        return entry_conditions(EntryFilters.of(given), self.actor, span, self.now)

    def is_one_of(self, rows: Rows) -> ColumnElement[bool]:
        """Whether a call, of those that the statement reads anyway, is one of `rows`."""
        return and_(true(), *call_conditions(CallFilters.of(rows.filters), self.actor, None))
