"""The companies' history: counts, times and states that are consistent and reproducible."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from app.models import BookingStatus, CallStatus, CallType, EntryStatus, LeadStage, NoteKind
from app.security.permissions import Role
from demo.catalogue import SERVICES
from demo.companies import BRIGHTWATER, CEDAR_STONE
from demo.conversations.takes import takes
from demo.rows import (
    AnalysisRow,
    AppointmentRow,
    AuditRow,
    CallRow,
    ContactRow,
    EntryRow,
    LeadRow,
    NoteRow,
    OrganizationRow,
    PhoneRow,
    SignInRow,
    TaskRow,
    TranscriptRow,
    UserRow,
)
from tests.demo.conftest import NOW, World, grow

FICTIONAL = re.compile(r"\+1\d{3}55501\d\d")
WEEK = timedelta(days=7)


def by_id(rows: list[Any]) -> dict[UUID | None, Any]:
    return {row.id: row for row in rows}


def test_the_same_seed_and_moment_give_the_same_rows_and_another_seed_others() -> None:
    once, again, other = grow(CEDAR_STONE, 1, 200), grow(CEDAR_STONE, 1, 200), grow(CEDAR_STONE, 2, 200)
    assert once.rows == again.rows
    assert {call.id for call in once.of(CallRow)}.isdisjoint(call.id for call in other.of(CallRow))


def test_there_are_exactly_as_many_calls_as_asked_for_besides_the_visits() -> None:
    for calls in (0, 1, 37, 400):
        made = grow(BRIGHTWATER, calls=calls).rows[CallRow]
        assert sum(call.call_type is not CallType.VISIT_CALL for call in made) == calls


def test_ids_are_unique_and_of_version_7_in_the_order_of_time(world: World) -> None:
    everything = [row for rows in world.rows.values() for row in rows]
    assert len({(type(row), row.id) for row in everything}) == len(everything)
    assert all(row.id.version == 7 for row in everything)
    calls = sorted(world.of(CallRow), key=lambda call: call.id)
    assert all(earlier.started_at - later.started_at < timedelta(seconds=1) for earlier, later in pairwise(calls))


def test_calls_keep_the_order_of_their_times_and_none_is_in_the_future(world: World) -> None:
    for call in world.of(CallRow):
        assert call.started_at <= NOW
        if call.status is CallStatus.COMPLETED:
            assert call.answered_at is not None
            assert call.ended_at is not None
            assert call.started_at <= call.answered_at < call.ended_at <= NOW
            assert call.duration_seconds == (call.ended_at - call.answered_at).total_seconds()
        elif call.status in {CallStatus.MISSED, CallStatus.FAILED}:
            assert (call.ended_at, call.answered_at, call.duration_seconds) == (None, None, 0)


def test_a_csr_talks_with_one_person_at_a_time(world: World) -> None:
    by_csr: dict[UUID, list[CallRow]] = defaultdict(list)
    for call in world.of(CallRow):
        if call.csr_id and call.status is CallStatus.COMPLETED:
            by_csr[call.csr_id].append(call)
    assert len(by_csr) == sum(user.role is Role.CSR for user in world.of(UserRow))
    for calls in by_csr.values():
        for before, after in pairwise(sorted(calls, key=lambda call: call.started_at)):
            assert before.ended_at is not None
            assert before.ended_at <= after.started_at


def test_numbers_are_fictional_and_find_one_card_each(world: World) -> None:
    phones = [phone.phone for phone in world.of(PhoneRow)]
    assert len(set(phones)) == len(phones)
    called = {number for call in world.of(CallRow) for number in (call.caller_number, call.called_number) if number}
    assert all(FICTIONAL.fullmatch(number) for number in called.union(phones))
    assert {card.primary_phone for card in world.of(ContactRow)} <= set(phones)


def test_every_reference_finds_its_row(world: World) -> None:
    targets = {
        "call_id": CallRow, "rescue_call_id": CallRow, "source_call_id": CallRow, "contact_card_id": ContactRow,
        "lead_id": LeadRow, "missed_entry_id": EntryRow, "rescue_appointment_id": AppointmentRow, "user_id": UserRow,
        "csr_id": UserRow, "assigned_rep_id": UserRow, "sales_rep_id": UserRow, "handled_by_user_id": UserRow,
        "assigned_to_user_id": UserRow, "rescued_by_user_id": UserRow, "claimed_by": UserRow, "manager_id": UserRow,
        "created_by": UserRow, "organization_id": OrganizationRow,
    }  # fmt: skip
    ids = {kind: {row.id for row in rows} for kind, rows in world.rows.items()}
    for rows in list(world.rows.values()):
        for row in rows:
            for column, kind in targets.items():
                value = getattr(row, column, None)
                assert value is None or value in ids[kind], (row.table, column)


def test_somebody_has_at_most_one_open_lead_of_a_source(world: World) -> None:
    still_open = Counter((lead.contact_card_id, lead.source) for lead in world.of(LeadRow) if lead.closed_at is None)
    assert still_open
    assert max(still_open.values()) == 1


def test_leads_are_closed_as_won_or_dead_and_not_otherwise(world: World) -> None:
    for lead in world.of(LeadRow):
        assert (lead.stage is LeadStage.DEAD) == (lead.dead_reason is not None)
        assert (lead.closed_at is not None) == (lead.stage is LeadStage.DEAD or lead.won_at is not None)
        assert lead.created_at <= lead.last_activity_at <= NOW


def test_visits_are_booked_by_their_call_and_end_as_the_rules_say(world: World) -> None:
    calls = by_id(world.of(CallRow))
    booked_by_phone = [visit for visit in world.of(AppointmentRow) if visit.deleted_at is None]
    for visit in booked_by_phone:
        call = calls[visit.source_call_id]
        assert call.booking_status is BookingStatus.BOOKED
        assert visit.service_type in SERVICES
        assert call.started_at < visit.booked_at < visit.scheduled_start_at < visit.scheduled_end_at
        assert (visit.status == "completed") == (visit.completed_at is not None)
        assert (visit.outcome == "open") == (visit.outcome_at is None)
        assert visit.outcome == "open" or visit.status == "completed"
        assert (visit.outcome == "closed_won") == (visit.deal_value is not None)
        assert visit.status != "scheduled" or visit.scheduled_end_at > NOW
    booked = sum(call.booking_status is BookingStatus.BOOKED for call in world.of(CallRow))
    assert booked == len(booked_by_phone)


def test_a_rep_is_at_one_place_at_a_time(world: World) -> None:
    taken = Counter(
        (visit.sales_rep_id, visit.scheduled_start_at)
        for visit in world.of(AppointmentRow)
        if visit.sales_rep_id and visit.status != "cancelled"
    )
    assert max(taken.values()) == 1


def test_missed_calls_open_one_entry_a_person_until_it_is_resolved(world: World) -> None:
    entries = by_id(world.of(EntryRow))
    opened = {entry.call_id for entry in entries.values()}
    assert len(opened) == len(entries)
    for call in world.of(CallRow):
        missed = call.status in {CallStatus.MISSED, CallStatus.VOICEMAIL}
        assert missed == (call.id in opened or call.missed_entry_id is not None)
        if call.missed_entry_id is not None:
            entry = entries[call.missed_entry_id]
            assert entry.contact_card_id == call.contact_card_id
            assert entry.first_missed_at < call.started_at <= (entry.resolved_at or NOW)


def test_entries_are_rescued_within_a_week_or_lost_after_it(world: World) -> None:
    visits = by_id(world.of(AppointmentRow))
    states = Counter(entry.status for entry in world.of(EntryRow))
    assert {EntryStatus.RESCUED, EntryStatus.LOST, EntryStatus.ANSWERED_LATER, EntryStatus.OPEN} <= set(states)
    for entry in world.of(EntryRow):
        assert entry.sla_due_at > entry.first_missed_at
        if entry.status is EntryStatus.RESCUED:
            visit = visits[entry.rescue_appointment_id]
            assert visit.booked_at == entry.resolved_at
            assert visit.booked_at < entry.first_missed_at + WEEK
            assert entry.rescued_by is not None
            assert entry.evidence["booked_at"] == visit.booked_at.isoformat()
        elif entry.status is EntryStatus.LOST:
            assert entry.resolved_at == entry.first_missed_at + WEEK
        elif entry.status in {EntryStatus.OPEN, EntryStatus.CLAIMED}:
            assert entry.resolved_at is None
            assert entry.first_missed_at + WEEK > NOW


def test_the_queue_has_people_waiting_now_one_claimed_and_one_overdue(brightwater: World) -> None:
    waiting = [entry for entry in brightwater.of(EntryRow) if entry.resolved_at is None]
    assert sum(entry.status is EntryStatus.CLAIMED for entry in waiting) == 2
    assert any(entry.attempts == 0 and entry.sla_due_at < NOW for entry in waiting)
    assert any(entry.attempts == 0 and entry.sla_due_at > NOW for entry in waiting)


def test_three_of_five_talks_with_csrs_are_analysed_and_every_analysis_has_its_transcript(world: World) -> None:
    completed = [call for call in world.of(CallRow) if call.status is CallStatus.COMPLETED]
    talks = {call.id for call in completed if call.call_type is CallType.CSR_CALL}
    analysed = {analysis.call_id for analysis in world.of(AnalysisRow)}
    assert 0.55 < len(analysed & talks) / len(talks) < 0.66
    assert analysed <= {transcript.call_id for transcript in world.of(TranscriptRow)}


def test_evidence_quotes_the_transcript_word_for_word(world: World) -> None:
    turns = {transcript.call_id: transcript.speaker_labels for transcript in world.of(TranscriptRow)}
    for analysis in world.of(AnalysisRow):
        for item in (*analysis.evidence, *analysis.missed_opportunities):
            assert item["quote"] in turns[analysis.call_id][item["turn"]]["text"]
        for item in analysis.objections:
            assert item["text"] in turns[analysis.call_id][item["turn"]]["text"]


def test_transcripts_fit_into_their_calls(world: World) -> None:
    calls = by_id(world.of(CallRow))
    for transcript in world.of(TranscriptRow):
        ends = [turn["end"] for turn in transcript.speaker_labels]
        assert ends == sorted(ends)
        assert ends[-1] <= calls[transcript.call_id].duration_seconds


def test_quick_calls_are_as_long_as_their_recording(world: World) -> None:
    recorded = [call for call in world.of(CallRow) if call.audio_url and call.call_type is not CallType.VISIT_CALL]
    lengths = {int(take.seconds) for take in takes().values()}
    assert len(recorded) >= 10
    assert {call.duration_seconds for call in recorded} <= lengths | {length + 1 for length in lengths}
    assert len({call.audio_url for call in recorded}) <= len(takes())


def test_tasks_are_done_when_and_only_when_they_have_a_moment_of_it(world: World) -> None:
    for task in world.of(TaskRow):
        assert (task.status == "completed") == (task.completed_at is not None)
        assert task.completed_at is None or task.created_at <= task.completed_at <= NOW
        assert 1 <= len(task.title) <= 200


def test_coaching_comes_from_the_manager_of_the_csr(world: World) -> None:
    calls, users = by_id(world.of(CallRow)), by_id(world.of(UserRow))
    coaching = [note for note in world.of(NoteRow) if note.kind is NoteKind.COACHING]
    assert coaching
    for note in coaching:
        assert users[calls[note.call_id].handled_by_user_id].manager_id == note.user_id


def test_people_differ_in_how_well_they_work(brightwater: World) -> None:
    names = {user.id: user.name for user in brightwater.of(UserRow)}
    csr_of = {call.id: names[call.csr_id] for call in brightwater.of(CallRow) if call.csr_id}
    scores: dict[str, list[float]] = defaultdict(list)
    for analysis in brightwater.of(AnalysisRow):
        if analysis.call_id in csr_of:
            scores[csr_of[analysis.call_id]].append(float(analysis.sop_compliance_score))
    means = {name: sum(values) / len(values) for name, values in scores.items()}
    assert max(means, key=lambda name: means[name]) == "Priya Nair"
    assert means["Priya Nair"] - min(means.values()) > 15


def test_each_sign_in_of_the_trail_is_an_attempt(world: World) -> None:
    told = Counter(
        (entry.user_id or entry.resource_id, entry.created_at, entry.action == "session.started")
        for entry in world.of(AuditRow)
        if entry.action in {"session.started", "session.failed"}
    )
    attempts: Counter[tuple[UUID | None, datetime, bool]] = Counter(
        (one.user_id, one.created_at, one.succeeded) for one in world.of(SignInRow)
    )
    assert told <= attempts
    earlier = attempts - told
    assert {user for user, _at, _succeeded in earlier} == {user for user, _at, _succeeded in attempts}
    assert max(at for _user, at, _succeeded in earlier) < min(at for _user, at, _succeeded in told)
