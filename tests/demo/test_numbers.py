"""The dashboards of the demonstration: plausible numbers for such a company, and no empty tile."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.models import AppointmentOutcome, CallStatus, CallType, Direction, LeadStage, Qualification
from app.security.permissions import Role
from demo.rows import (
    AnalysisRow,
    AppointmentRow,
    CallRow,
    EntryRow,
    LeadRow,
    OrganizationRow,
    RecordingRow,
    UserRow,
)
from tests.demo.conftest import NOW, World

SINCE = NOW - timedelta(days=30)
_UNANSWERED = {CallStatus.MISSED, CallStatus.VOICEMAIL}


def recent_csr_calls(world: World) -> dict[UUID, list[CallRow]]:
    by_csr: dict[UUID, list[CallRow]] = defaultdict(list)
    for call in world.of(CallRow):
        if call.csr_id and call.call_type is CallType.CSR_CALL and call.started_at >= SINCE:
            by_csr[call.csr_id].append(call)
    return by_csr


def test_most_calls_are_answered(world: World) -> None:
    inbound = [call for call in world.of(CallRow) if call.direction is Direction.INBOUND and call.started_at >= SINCE]
    answered = sum(call.answered_at is not None for call in inbound)
    assert 0.78 <= answered / len(inbound) <= 0.93


def test_about_half_of_the_qualified_leads_book(world: World) -> None:
    good = {
        lead.id for lead in world.of(LeadRow) if lead.qualification_status in {Qualification.HOT, Qualification.WARM}
    }
    spoken_to = {
        call.lead_id
        for calls in recent_csr_calls(world).values()
        for call in calls
        if call.status is CallStatus.COMPLETED and call.lead_id in good
    }
    booked = [visit for visit in world.of(AppointmentRow) if visit.csr_id and visit.booked_at >= SINCE]
    assert 0.4 <= len(booked) / len(spoken_to) <= 0.68


def test_reps_win_some_and_lose_some(world: World) -> None:
    done = [visit for visit in world.of(AppointmentRow) if visit.completed_at]
    won = [visit for visit in done if visit.outcome is AppointmentOutcome.CLOSED_WON]
    assert 0.3 <= len(won) / len(done) <= 0.5
    assert sum(float(visit.deal_value or 0) for visit in won) > 50_000


def test_every_csr_has_enough_to_be_coached_by_and_they_differ(world: World) -> None:
    scores = {analysis.call_id: float(analysis.sop_compliance_score) for analysis in world.of(AnalysisRow)}
    calls_of = recent_csr_calls(world)
    csrs = [user for user in world.of(UserRow) if user.role is Role.CSR]
    assert calls_of.keys() == {csr.id for csr in csrs}
    opportunities = set()
    for calls in calls_of.values():
        analysed = [scores[call.id] for call in calls if call.id in scores]
        assert len(calls) >= 10
        assert analysed
        miss_rate = sum(call.status in _UNANSWERED for call in calls) / len(calls)
        sop = sum(analysed) / len(analysed)
        opportunities.add(round(100 * (0.5 * (1 - sop / 100) + 0.5 * miss_rate) * min(1, len(calls) / 30), 1))
    assert len(opportunities) == len(calls_of)
    assert max(opportunities) > 1.5 * min(opportunities)


def test_every_rep_has_visits_recordings_calls_and_open_proposals(world: World) -> None:
    reps = {user.id for user in world.of(UserRow) if user.role is Role.SALES_REP}
    visits = [visit for visit in world.of(AppointmentRow) if visit.scheduled_start_at >= SINCE]
    recordings = [one for one in world.of(RecordingRow) if one.started_at >= SINCE]
    sales_calls = [call for call in world.of(CallRow) if call.call_type is CallType.SALES_CALL]
    assert reps <= {visit.sales_rep_id for visit in visits}
    assert reps == {recording.sales_rep_id for recording in recordings}
    assert reps == {call.handled_by_user_id for call in sales_calls}
    assert any(lead.stage is LeadStage.PENDING and lead.assigned_rep_id in reps for lead in world.of(LeadRow))


def test_today_there_are_calls_and_people_who_wait_and_visits_soon(world: World) -> None:
    zone = ZoneInfo(world.of(OrganizationRow)[0].timezone)
    today = NOW.astimezone(zone).date()
    assert sum(call.started_at.astimezone(zone).date() == today for call in world.of(CallRow)) >= 5
    assert any(entry.resolved_at is None for entry in world.of(EntryRow))
    assert any(visit.scheduled_start_at > NOW and visit.sales_rep_id for visit in world.of(AppointmentRow))


def test_the_first_company_books_and_visits_today(brightwater: World) -> None:
    zone = ZoneInfo(brightwater.of(OrganizationRow)[0].timezone)
    today = NOW.astimezone(zone).date()
    visits = brightwater.of(AppointmentRow)
    assert any(visit.booked_at.astimezone(zone).date() == today for visit in visits)
    assert any(visit.sales_rep_id and visit.scheduled_start_at.astimezone(zone).date() == today for visit in visits)
