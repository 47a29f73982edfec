"""The dashboards of the call center and of the missed-call queue as records of the JSON API."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.db.filters import TEAM
from app.declarations.api_lists import api_link
from app.errors import FieldError, ValidationFailed
from app.insight.dashboards.filters import BookingRateFilters, CsrFilters, LongCsrFilters
from app.insight.dashboards.number_records_page import (
    head_of,
    link_to,
    number_record,
    number_records,
    numbers_of,
    people_records,
    read_numbers_request,
)
from app.insight.dashboards.request_page import (
    CALL_CENTRE,
    EXEC_CSR,
    EXEC_MISSED_CALLS,
    EXEC_SALES,
    DashboardRequest,
)
from app.insight.dashboards.schemas import (
    CsrPerformanceRecord,
    DashboardRecord,
    ObjectionsRecord,
    QueueEntryRecord,
    QueueRecord,
    TeamRecord,
    TopObjectionRecord,
    UnbookedCallRecord,
    UnbookedRecord,
)
from app.insight.metrics import csr_definitions as d
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.compute_queries import compute_team
from app.insight.metrics.csr_queries import METRICS
from app.insight.metrics.metric import Credit
from app.insight.metrics.missed_queries import CALLER_METRICS
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.numbers import Number, ratio
from app.insight.metrics.objection_queries import objection_shares, top_objections
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls.filters import CallFilters
from app.work.calls.follow_up_queries import list_reasons
from app.work.calls.queries import call_list
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.queries import entry_list, list_next_due
from app.work.missed_calls.resource import MISSED_CALL_LIST

_QUEUE = replace(EXEC_MISSED_CALLS, permission=Permission.MISSED_CALLS_READ)
#: The bookings of reps, who see their own.
_BOOKINGS_OF_REPS = replace(EXEC_SALES, permission=Permission.DASHBOARDS_REP)
#: The numbers of each operation.
CSR_NUMBERS = (*METRICS.values(), d.UNBOOKED_WITHOUT_FOLLOW_UP, d.COACHING_OPPORTUNITY)
BOOKING_NUMBERS = (d.BOOKING_RATE, d.APPOINTMENTS_BOOKED, d.QUALIFIED_LEADS)
BOOKING_NUMBERS_OF_REPS = (rep.BOOKING_RATE, rep.APPOINTMENTS_BOOKED, rep.QUALIFIED_LEADS)
OBJECTION_NUMBERS = (d.SOP_COMPLIANCE, d.CSR_OBJECTIONS)
UNBOOKED_NUMBERS = (d.UNBOOKED_APPOINTMENTS, d.UNBOOKED_WITHOUT_FOLLOW_UP, d.SERVICE_NOT_OFFERED)
EXEC_CSR_NUMBERS = (*METRICS.values(), d.CSR_OBJECTIONS)
QUEUE_NUMBERS = tuple(MISSED_METRICS.values())
#: Calls and entries of one response; the link leads to all of them.
MAX_ROWS = 100


def csr_metrics(actor: Actor, filters: CsrFilters) -> TeamRecord:
    """Return the numbers of one CSR, or of several CSRs, together and individually.

    Raises Forbidden, NotFound for a person that `actor` can't see, and InvalidPeriod.
    """
    request = read_numbers_request(actor, CALL_CENTRE, filters, CSR_NUMBERS, of_each=filters.person in {None, TEAM})
    more = {d.UNBOOKED_WITHOUT_FOLLOW_UP.name}
    if request.is_of_team:
        return TeamRecord(**_team_values(actor, request, more))
    numbers = numbers_of(actor, request, {*METRICS, *more, d.COACHING_OPPORTUNITY.name})
    return TeamRecord(**head_of(actor, request), metrics=number_records(numbers, request.links), people=[])


def booking_rate(actor: Actor, filters: BookingRateFilters) -> DashboardRecord:
    """Return the booking rate and its two parts: of CSRs, or of reps for a rep or with `repId`.

    Raises the errors of `csr_metrics`, and ValidationFailed for both a CSR and a rep.
    """
    if filters.csr and filters.rep:
        raise ValidationFailed([FieldError("repId", _l("Choose a CSR or a sales rep, not both."))])
    is_of_reps = filters.rep is not None or not actor.may(Permission.DASHBOARDS_CSR)
    metrics, dashboard = BOOKING_NUMBERS, CALL_CENTRE
    if is_of_reps:
        metrics, dashboard = BOOKING_NUMBERS_OF_REPS, _BOOKINGS_OF_REPS
    request = read_numbers_request(actor, dashboard, filters, metrics)
    numbers = numbers_of(actor, request, [metric.name for metric in metrics])
    return DashboardRecord(**head_of(actor, request), metrics=number_records(numbers, request.links))


def objections(actor: Actor, filters: CsrFilters) -> ObjectionsRecord:
    """Return the most frequent objections, with their shares of analyzed calls.

    Raises the errors of `csr_metrics`.
    """
    request = read_numbers_request(actor, CALL_CENTRE, filters, OBJECTION_NUMBERS)
    numbers = numbers_of(actor, request, [d.SOP_COMPLIANCE.name])
    return ObjectionsRecord(
        **head_of(actor, request),
        metrics=number_records(numbers, request.links),
        objections=list(_objections(actor, request)),
    )


def unbooked_appointments(actor: Actor, filters: CsrFilters) -> UnbookedRecord:
    """Return how many calls ended without a booking, and the newest of those without a follow-up.

    Raises the errors of `csr_metrics`.
    """
    request = read_numbers_request(actor, CALL_CENTRE, filters, UNBOOKED_NUMBERS)
    numbers = numbers_of(actor, request, [metric.name for metric in UNBOOKED_NUMBERS])
    waiting = CallFilters.of({**d.UNBOOKED_WITHOUT_FOLLOW_UP.rows.filters, **dict(request.links.parameters)})
    rows = call_list(actor, waiting, request.now).page(size=MAX_ROWS).rows
    reasons = list_reasons(actor, [row.id for row in rows])
    return UnbookedRecord(
        **head_of(actor, request),
        metrics=number_records(numbers, request.links),
        calls=[UnbookedCallRecord(**_named(row), objection=reasons.get(row.id)) for row in rows],
    )


def exec_csr_metrics(actor: Actor, filters: LongCsrFilters) -> CsrPerformanceRecord:
    """Return the performance of the call center: in total, of each CSR, and callers' objections.

    Raises the errors of `csr_metrics`.
    """
    actor.requires(Permission.DASHBOARDS_EXEC)
    request = read_numbers_request(actor, EXEC_CSR, filters, EXEC_CSR_NUMBERS, of_each=True)
    values = _team_values(actor, request, ())
    return CsrPerformanceRecord(**values, objections=list(_objections(actor, request)))


def queue_metrics(actor: Actor, filters: LongCsrFilters) -> DashboardRecord:
    """Return the numbers of the missed-call queue, which is everyone's.

    Those of calls are left out for people who only read their own calls, unless they ask for their own numbers. Raises
    Forbidden, NotFound for a person whose numbers `actor` can't see, and InvalidPeriod.
    """
    actor.requires(Permission.MISSED_CALLS_READ)
    is_partial = actor.may(Permission.CALLS_READ) and not actor.sees_all(Permission.CALLS_READ)
    metrics = CALLER_METRICS if is_partial and filters.person != actor.user_id else QUEUE_NUMBERS
    request = read_numbers_request(actor, _QUEUE, filters, metrics)
    numbers = numbers_of(actor, request, [metric.name for metric in metrics])
    return DashboardRecord(**head_of(actor, request), metrics=number_records(numbers, request.links))


def queue_entries(actor: Actor) -> QueueRecord:
    """Return the entries of the missed-call queue that are due, in the order in which to call them.

    Raises Forbidden.
    """
    actor.requires(Permission.MISSED_CALLS_READ)
    now, due = datetime.now(UTC), EntryFilters(tab=Tab.TO_DO)
    return QueueRecord(
        entries=[_entry(row) for row in list_next_due(actor, now, MAX_ROWS)],
        total=entry_list(actor, due, now).count(exact=True).number,
        link=api_link(MISSED_CALL_LIST, {"tab": Tab.TO_DO.value}),
    )


def _team_values(actor: Actor, asked: DashboardRequest, more: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a TeamRecord of CSRs, with the numbers named in `more` for all of them together."""
    team = compute_team(actor, Credit.CSR, asked.period, asked.person_id, now=asked.now, compare=asked.compares)
    numbers = [*team.together.values(), *numbers_of(actor, asked, more)]
    people: Sequence[Any] = list(people_records(asked, team))
    return {**head_of(actor, asked), "metrics": number_records(numbers, asked.links), "people": people}


def _objections(actor: Actor, asked: DashboardRequest) -> Iterator[TopObjectionRecord]:
    period, csr, now = asked.period, asked.person_id, asked.now
    before = objection_shares(actor, period.comparison, csr=csr, now=now) if asked.compares_calls else {}
    for one in top_objections(actor, period, csr=csr, now=now):
        share = Number(
            d.CSR_OBJECTIONS, one.share, before.get(one.category, ratio(0, 0)) if asked.compares_calls else None
        )
        raised = d.CSR_CALLS.and_(objection=one.category)
        yield TopObjectionRecord(
            category=one.category,
            severity=one.worst,
            share=number_record(share, asked.links),
            link=link_to(raised, asked.links),
        )


def _named(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "started_at", "contact_name", "csr_name", "topic")}


def _entry(row: Any) -> QueueEntryRecord:
    names = ("id", "status", "first_missed_at", "sla_due_at", "next_attempt_at", "attempts", "contact_name", "topic")
    return QueueEntryRecord(
        **{name: getattr(row, name) for name in names},
        phone=row.caller_number,
        claimed_by=row.claimed_by,
        claimed_by_name=row.claimant_name,
        version=row.version,
    )
