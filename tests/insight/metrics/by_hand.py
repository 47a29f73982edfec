"""Independent computation of the metrics: plain loops over every row of a company, read by the owner of the tables.

Written from the product's rules, not from the module or its documented SQL. A row belongs to the period by its date in
the company's time zone, without the times at which a period begins and ends.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

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
)

People = Collection[UUID | None] | None

_WORSE = ("low", "medium", "high")


class ByHand:
    """Numbers computed from an organization's rows of `days` (first and last) at the time `now`.

    `people`: None stands for all rows, and a None among them for rows without a person. `hearer` is a rep, who can hear
    only their own recordings.
    """

    def __init__(
        self,
        engine: Engine,
        organization: Organization,
        days: tuple[date, date],
        now: datetime,
    ) -> None:
        self._zone, self._days, self._now = ZoneInfo(organization.timezone), days, now
        with engine.connect() as connection:

            def rows_of(model: type[Base]) -> list[Any]:
                found = connection.execute(select(model.__table__))
                return [row for row in found if row.organization_id == organization.id]

            self._calls = [call for call in rows_of(Call) if self._is_in_period(call.started_at)]
            self._leads = {lead.id: lead for lead in rows_of(Lead) if lead.deleted_at is None}
            self._analyses = {analysis.call_id: analysis for analysis in rows_of(CallAnalysis)}
            self._appointments = [one for one in rows_of(Appointment) if one.deleted_at is None]
            self._recordings = rows_of(RecordingSession)
            self._entries = rows_of(MissedCallEntry)
            self._attempts = rows_of(MissedCallAttempt)

    def of_csrs(self, people: People) -> dict[str, float | None]:
        """Return the CSR numbers that are easiest to get wrong."""
        calls = [call for call in self._calls if _is_one_of(people, call.csr_id)]
        ours = [call for call in calls if call.call_type == "csr_call"]
        qualified = len({call.lead_id for call in ours if call.status == "completed" and self._is_promising(call)})
        booked = sum(_is_one_of(people, one.csr_id) and self._is_in_period(one.booked_at) for one in self._appointments)
        inbound = [call for call in calls if call.direction == "inbound"]
        ended = [call for call in inbound if call.status != "active"]
        answered = [call for call in ended if call.answered_at]
        waits = [
            _seconds(call.answered_at - call.started_at)
            for call in answered
            if call.answered_at and not call.is_wait_unknown
        ]
        return {
            "qualified_leads": qualified,
            "appointments_booked": booked,
            "booking_rate": _rounded(booked, qualified),
            "auto_rescues": sum(
                _is_rescued_by(one, "auto")
                and self._is_in_period(one.resolved_at)
                and _is_one_of(people, self._of(one))
                for one in self._entries
            ),
            "miss_rate": _miss_rate(ours),
            "answer_rate": _rounded(len(answered), len(ended)),
            "average_speed_of_answer": _mean(waits),
            "resolution_rate": _rounded(sum(call.outcome == "resolved" for call in inbound), len(inbound)),
            "satisfaction": _mean(call.call_quality for call in calls),
            "sop_compliance": _mean(self._scores(ours)),
        }

    def of_the_queue(self, people: People) -> dict[str, float | None]:
        """Return the numbers of the missed-call queue: its entries by outcome, and how soon they were tried."""
        entries = [
            one
            for one in self._entries
            if self._is_in_period(one.first_missed_at) and _is_one_of(people, self._of(one))
        ]
        reached = {attempt.entry_id for attempt in self._attempts if attempt.result == "reached"}
        waits = [
            call.waited_seconds
            for call in self._calls
            if _is_one_of(people, call.csr_id) and (call.direction, call.status) == ("inbound", "missed")
        ]
        late = [one for one in entries if one.status in ("open", "claimed") and one.sla_due_at < self._now]
        return {
            "missed_entries_total": len(entries),
            "calls_rescued_by_auto": sum(_is_rescued_by(one, "auto") for one in entries),
            "calls_rescued_by_humans": sum(_is_rescued_by(one, "human") for one in entries),
            "missed_calls_open": sum(one.status in ("open", "claimed") for one in entries),
            "missed_calls_overdue": sum(one.attempts == 0 for one in late),
            "missed_calls_lost": sum(one.status == "lost" for one in entries),
            "missed_calls_reached": sum(one.id in reached for one in entries),
            "missed_calls_untried": sum(one.attempts == 0 for one in entries),
            "median_time_to_first_attempt": _median([one.first_attempt_seconds for one in entries]),
            "abandoned_wait": _mean(waits),
            "first_attempt_in_time": _rounded(sum(map(self._is_tried_in_time, entries)), len(entries)),
        }

    def of_reps(self, people: People, hearer: UUID | None = None) -> dict[str, float | None]:
        """Return the sales numbers, for a viewer who hears all recordings, or only those of the rep `hearer`."""
        calls = [call for call in self._calls if _is_one_of(people, call.assigned_rep_id)]
        sales = [call for call in calls if call.call_type == "sales_call"]
        heard = [call for call in calls if call.call_type == "visit_call" and self._is_heard(call, hearer)]
        visits = [one for one in self._appointments if _is_one_of(people, one.sales_rep_id)]
        done = [one for one in visits if self._is_in_period(one.completed_at)]
        won = [one for one in visits if one.outcome == "closed_won" and self._is_in_period(one.outcome_at)]
        analysed = sum(call.id in self._analyses for call in sales) + sum(
            self._is_analysed(one, hearer) for one in done
        )
        deals = [Fraction(one.deal_value) for one in won if one.deal_value is not None]
        recorded = [
            one.duration_seconds or 0
            for one in self._recordings
            if not one.deleted_at and _is_one_of(people, one.sales_rep_id) and self._is_in_period(one.started_at)
        ]
        return {
            "total_recorded_hours": _rounded(sum(recorded), 3600),
            "hours_booked": _rounded(
                sum(
                    int((one.scheduled_end_at - one.scheduled_start_at).total_seconds())
                    for one in visits
                    if one.status != "cancelled" and self._is_in_period(one.scheduled_start_at)
                ),
                3600,
            ),
            "win_rate": _rounded(sum(one.outcome == "closed_won" for one in done), len(done)),
            "process_grade": _mean(self._scores([*sales, *heard])),
            "auto_usage": _rounded(analysed, len(sales) + len(done)),
            "revenue_won": _rounded(sum(deals), 1),
            "average_deal": _mean(deals),
            "pending_leads_by_rep": sum(
                lead.stage == "pending" and lead.closed_at is None and _is_one_of(people, lead.assigned_rep_id)
                for lead in self._leads.values()
            ),
        }

    def objections(self, people: People) -> list[tuple[str, float | None, str]]:
        """Return the five most frequent categories of objections, each with its share and worst severity.

        The share is that of the analyzed CSR calls in which the category occurs.
        """
        analysed = [
            self._analyses[call.id].objections
            for call in self._calls
            if call.call_type == "csr_call" and _is_one_of(people, call.csr_id) and call.id in self._analyses
        ]
        severities: defaultdict[str, list[str]] = defaultdict(list)
        for raised in analysed:
            for objection in raised:
                if objection["category"] is not None:
                    severities[objection["category"]].append(objection["severity"])
        shares = {name: sum(any(o["category"] == name for o in raised) for raised in analysed) for name in severities}
        first = sorted(shares, key=lambda name: (-shares[name], name))[:5]
        return [
            (name, _rounded(shares[name], len(analysed)), max(severities[name], key=_WORSE.index)) for name in first
        ]

    def coaching(self) -> dict[UUID, float | str | None]:
        """Return the coaching opportunity of each CSR, or the reason why it is unknown."""
        calls_of: defaultdict[UUID, list[Any]] = defaultdict(list)
        for call in self._calls:
            if call.call_type == "csr_call" and call.csr_id:
                calls_of[call.csr_id].append(call)
        return {csr: self._opportunity(calls) for csr, calls in calls_of.items()}

    def volume(self, part: str, people: People) -> dict[int, int]:
        """Return the number of calls by local `hour` or `isoweekday`."""
        local = [call.started_at.astimezone(self._zone) for call in self._calls if _is_one_of(people, call.csr_id)]
        return Counter(at.hour if part == "hour" else at.isoweekday() for at in local)

    def _opportunity(self, calls: list[Any]) -> float | str | None:
        if len(calls) < 10:
            return "not_enough_calls"
        scores = self._scores(calls)
        if not scores:
            return "not_analysed"
        lacking = 1 - sum(scores) / len(scores) / 100
        inbound = [call for call in calls if call.direction == "inbound"]
        missed = Fraction(sum(map(_is_missed, inbound)), len(inbound) or 1)
        return _rounded(100 * (lacking / 2 + missed / 2) * min(Fraction(1), Fraction(len(calls), 30)), 1)

    def _scores(self, calls: Iterable[Any]) -> list[Fraction]:
        found = [self._analyses[call.id].sop_compliance_score for call in calls if call.id in self._analyses]
        return [Fraction(score) for score in found if score is not None]

    def _is_in_period(self, moment: datetime | None) -> bool:
        return moment is not None and self._days[0] <= moment.astimezone(self._zone).date() <= self._days[1]

    def _is_promising(self, call: Any) -> bool:
        lead = self._leads.get(call.lead_id)
        return lead is not None and lead.qualification_status in ("hot", "warm")

    def _of(self, entry: Any) -> UUID | None:
        """Return the ID of the CSR to whom the lead of an entry is credited, or None."""
        lead = self._leads.get(entry.lead_id)
        return lead.csr_id if lead else None

    def _is_tried_in_time(self, entry: Any) -> bool:
        tries = [attempt.at for attempt in self._attempts if attempt.entry_id == entry.id]
        return bool(tries) and min(tries) <= entry.sla_due_at

    def _is_heard(self, visit: Any, hearer: UUID | None) -> bool:
        of_the_visit = [recording for recording in self._recordings if recording.call_id == visit.id]
        return all(not one.deleted_at and hearer in (None, one.sales_rep_id) for one in of_the_visit)

    def _is_analysed(self, appointment: Any, hearer: UUID | None) -> bool:
        return any(
            one.appointment_id == appointment.id
            and not one.deleted_at
            and hearer in (None, one.sales_rep_id)
            and one.call_id in self._analyses
            for one in self._recordings
        )


def _is_one_of(people: People, person: UUID | None) -> bool:
    return people is None or person in people


def _is_rescued_by(entry: Any, who: str) -> bool:
    return (entry.status, entry.rescued_by) == ("rescued", who)


def _is_missed(call: Any) -> bool:
    return call.status in ("missed", "voicemail")


def _miss_rate(calls: Iterable[Any]) -> float | None:
    inbound = [call for call in calls if call.direction == "inbound"]
    return _rounded(sum(map(_is_missed, inbound)), len(inbound))


def _seconds(length: Any) -> Fraction:
    return Fraction(length.days * 86_400 + length.seconds) + Fraction(length.microseconds, 1_000_000)


def _mean(values: Iterable[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(sum(known), len(known))


def _median(values: Iterable[int | None]) -> float | None:
    """Return the middle value, or the mean of the two middle values."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return _rounded(known[(len(known) - 1) // 2] + known[len(known) // 2], 2)


def _rounded(over: Any, under: int) -> float | None:
    """Return the quotient, rounded half up to four decimals, or None if the divisor is 0."""
    if not under:
        return None
    exact = Fraction(over) / under
    return float((Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP))
