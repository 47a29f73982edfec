"""Questions about numbers, from which most statements of this package are built."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, and_, bindparam, true
from sqlalchemy.orm import InstrumentedAttribute

from app.caches import memoize
from app.db.filters import Filters, Person
from app.declarations.listed import Listed
from app.errors import NotFound
from app.insight.metrics.metric import Credit, Metric, Rows
from app.models import Appointment, Call, Lead, RecordingSession
from app.periods import Span
from app.security.actor import Actor
from app.security.occupation_rules import is_sales_rep
from app.security.permissions import Permission
from app.work.appointments.queries import appointment_conditions
from app.work.appointments.resource import APPOINTMENT_LIST
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

#: The permission for numbers of each role; the one for the executive dashboards covers both.
_PERMISSIONS = {Credit.CSR: Permission.DASHBOARDS_CSR, Credit.REP: Permission.DASHBOARDS_REP}
#: The column that holds the person.
_PEOPLE: dict[tuple[str, Credit], InstrumentedAttribute[Any]] = {
    (CALL_LIST.name, Credit.CSR): Call.csr_id,
    (CALL_LIST.name, Credit.REP): Call.assigned_rep_id,
    (LEAD_LIST.name, Credit.REP): Lead.assigned_rep_id,
    (APPOINTMENT_LIST.name, Credit.CSR): Appointment.csr_id,
    (APPOINTMENT_LIST.name, Credit.REP): Appointment.sales_rep_id,
    (RECORDING_LIST.name, Credit.REP): RecordingSession.sales_rep_id,
}


#: The SQL conditions of the filters of each list.
_CONDITIONS: Mapping[str, Callable[[Any, Actor, Span | None], list[ColumnElement[bool]]]] = {
    CALL_LIST.name: call_conditions,
    LEAD_LIST.name: lead_conditions,
    APPOINTMENT_LIST.name: appointment_conditions,
    RECORDING_LIST.name: recording_conditions,
}


_MAX_CACHED = 500

#: Stands for any one person in the cache key; the id is bound when the statement is sent.
_SOMEBODY = "somebody"
_NOW, _PERSON = "question_now", "question_person"
_PLACE_OF_NOW: Any = bindparam(_NOW, type_=DateTime(timezone=True))
_PLACE_OF_PERSON: Any = bindparam(_PERSON, type_=Uuid())

#: The person a question is about, as far as it determines the text of a statement.
Shape = tuple[Credit, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A request by `actor` for numbers, from which statements are built.

    `person` is a person's id, "none" for rows credited to no one, "team" for the actor's team, or None for everyone.
    """

    actor: Actor
    now: datetime
    credit: Credit = Credit.CSR
    person: Person | None = None

    @classmethod
    def of(
        cls,
        actor: Actor,
        credit: Credit,
        person: Person | None,
        now: datetime,
        metrics: Iterable[Metric],
        *,
        names_people: bool = False,
    ) -> Self:
        """Return the question for `metrics`, limited to the actor's own numbers if they can see no others.

        Raises Forbidden, also for numbers that would be counted from part of their rows only, and NotFound if an actor
        who can only see their own numbers asks for anyone else.
        """
        if not any(actor.may(permission) for permission in _permissions(credit)):
            raise actor.refusal(_PERMISSIONS[credit])
        if not _sees_everyone(actor, credit):
            cls._refuse_others(actor, person)
            person = actor.user_id
        refuse_partial(actor, credit, person, metrics, names_people=names_people)
        return cls(actor, now, credit, person)

    @classmethod
    def of_queue(cls, actor: Actor, csr: Person | None, now: datetime, metrics: Iterable[Metric]) -> Self:
        """Return the question about the missed-call queue, which everyone who works it sees as a whole.

        Raises Forbidden, also for numbers that would be counted from part of their rows only, and NotFound if an actor
        who can only see their own numbers asks for another CSR's.
        """
        actor.requires(Permission.MISSED_CALLS_READ)
        if not _sees_everyone(actor, Credit.CSR):
            cls._refuse_others(actor, csr)
        _refuse(actor, metrics, is_own=csr == actor.user_id)
        return cls(actor, now, Credit.CSR, csr)

    @staticmethod
    def _refuse_others(actor: Actor, person: Person | None) -> None:
        if person not in (None, actor.user_id):
            raise NotFound("user", person)

    @property
    def look(self) -> Shape:
        """The part of the question that, with the actor's permissions, determines the text of a statement."""
        return self.credit, _SOMEBODY if isinstance(self.person, UUID) else self.person

    @property
    def values(self) -> dict[str, Any]:
        """The values of the bind parameters of a question built by `like`."""
        return {_NOW: self.now, _PERSON: self.person}

    @classmethod
    def like(cls, look: Shape, actor: Actor) -> Self:
        """Return a question with this `look`, and with bind parameters for the time and the person's id."""
        credit, person = look
        return cls(actor, _PLACE_OF_NOW, credit, _PLACE_OF_PERSON if person == _SOMEBODY else person)

    def conditions(self, rows: Rows, span: Span | None) -> list[ColumnElement[bool]]:
        """Return the conditions of the list that shows the person's `rows` in `span`, or at any time if it is None.

        Rows as of now are not limited to `span`.
        """
        within = None if rows.of_now else span
        listed, filters = rows.listed, self._filters(rows)
        if listed is MISSED_CALL_LIST and isinstance(filters, EntryFilters):
            return entry_conditions(filters, self.actor, within, self.now)
        return _CONDITIONS[listed.name](filters, self.actor, within)

    def conditions_by_call(self, rows: Rows, span: Span) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
        """Return the conditions of leads, and those of the calls in which the leads were spoken to.

        Raises TypeError if `rows` are not rows of the lead list.
        """
        given = self._filters(rows)
        if not isinstance(given, LeadFilters):
            raise TypeError(f"No leads: {rows.listed.name}")
        of_leads = lead_conditions(given.model_copy(update={"csr": None}), self.actor, None)
        return of_leads, spoken_to(given, self.actor, span)

    def person_column(self, listed: Listed) -> InstrumentedAttribute[Any]:
        """Return the column that credits rows of a list to a person."""
        return person_column(listed, self.credit)

    def is_one_of(self, rows: Rows) -> ColumnElement[bool]:
        """Return the condition that a row selected by the statement is one of `rows`, credited to anyone or no one."""
        return and_(true(), *replace(self, person=None).conditions(rows, None))

    def _filters(self, rows: Rows) -> Filters:
        filters = rows.listed.filters.of(rows.filters)
        return filters if self.person is None else filters.model_copy(update={self.credit.value: self.person})


def person_column(listed: Listed, credit: Credit) -> InstrumentedAttribute[Any]:
    """Return the column that credits rows of a list to a CSR or to a rep."""
    return _PEOPLE[listed.name, credit]


def missing_reads(
    actor: Actor, credit: Credit, person: Person | None, metrics: Iterable[Metric], *, names_people: bool = False
) -> tuple[Permission, ...]:
    """Return the permissions that `actor` lacks to get these numbers of a person, or of everyone if it is None.

    For their own numbers, and if they can ask for no others, permissions for their own rows are enough. With
    `names_people`, the names of several people are needed, too.
    """
    is_own = _is_own(actor, credit, person)
    return _missing(actor, frozenset(metrics), is_own=is_own, names_people=names_people)


def are_needed_for_all(actor: Actor, credit: Credit, person: Person | None, missing: Iterable[Permission]) -> bool:
    """Return whether the permissions that `missing_reads` returned are needed for more than the actor's own rows."""
    return _are_needed_for_all(actor, missing, is_own=_is_own(actor, credit, person))


def missing_reads_of_all(
    actor: Actor, metrics: Iterable[Metric], *, names_people: bool = False
) -> tuple[Permission, ...]:
    """Return the permissions that `actor` lacks to see these numbers of the whole organization."""
    return _missing(actor, frozenset(metrics), is_own=False, names_people=names_people)


def refuse_partial(
    actor: Actor, credit: Credit, person: Person | None, metrics: Iterable[Metric], *, names_people: bool = False
) -> None:
    """Raise Forbidden, which names all permissions that `missing_reads` returns, if there are any."""
    _refuse(actor, metrics, is_own=_is_own(actor, credit, person), names_people=names_people)


@memoize(_MAX_CACHED)
def reads_of(metrics: frozenset[Metric], *, names_people: bool = False) -> tuple[Permission, ...]:
    """Return the permissions to see all rows that the numbers are counted from, and the people's names."""
    reads = frozenset().union(*(metric.reads for metric in metrics), {Permission.USERS_READ} if names_people else ())
    return tuple(permission for permission in Permission if permission in reads)


def _refuse(actor: Actor, metrics: Iterable[Metric], *, is_own: bool, names_people: bool = False) -> None:
    if missing := _missing(actor, frozenset(metrics), is_own=is_own, names_people=names_people):
        raise actor.refusal_of_reads(missing, of_all=_are_needed_for_all(actor, missing, is_own=is_own))


def _missing(actor: Actor, metrics: frozenset[Metric], *, is_own: bool, names_people: bool) -> tuple[Permission, ...]:
    reads = reads_of(metrics, names_people=names_people and not is_own)
    return tuple(
        permission
        for permission in reads
        if not (actor.sees_all(permission) or (is_own and _reads_own(actor, permission, metrics)))
    )


def _are_needed_for_all(actor: Actor, missing: Iterable[Permission], *, is_own: bool) -> bool:
    return not is_own or any(actor.may(permission) for permission in missing)


def _reads_own(actor: Actor, permission: Permission, metrics: frozenset[Metric]) -> bool:
    """Return whether the permission for own rows covers all rows of these numbers that are credited to the actor.

    An appointment is the actor's own by their occupation: it is either the CSR's who booked it, or the rep's who
    attends it.
    """
    if permission is Permission.APPOINTMENTS_READ:
        own = Credit.REP if is_sales_rep(actor) else Credit.CSR
        return actor.may(permission) and _credits(metrics, permission) == {own}
    return actor.may(permission)


@memoize(_MAX_CACHED)
def _credits(metrics: frozenset[Metric], permission: Permission) -> frozenset[Credit]:
    """Return the roles that rows behind the permission are credited to."""
    return frozenset(metric.credit for metric in metrics if permission in metric.reads)


def _permissions(credit: Credit) -> tuple[Permission, Permission]:
    return _PERMISSIONS[credit], Permission.DASHBOARDS_EXEC


def _is_own(actor: Actor, credit: Credit, person: Person | None) -> bool:
    return person == actor.user_id or not _sees_everyone(actor, credit)


def _sees_everyone(actor: Actor, credit: Credit) -> bool:
    return any(actor.sees_all(permission) for permission in _permissions(credit))
