"""A year at a company: the outcomes of its calls, people's calendars, and the data that people have set up."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.models import CallType, DisputeStatus, EntryStatus, LeadStage, PendingActionStatus, RecordingStatus, TaskStatus
from app.models.messages import MessageStatus
from app.models.missed_calls import RescuedBy
from app.security.permissions import Role
from demo.rows import (
    AppointmentRow,
    AttemptRow,
    AttendeeRow,
    AuditRow,
    BatchRow,
    BlockedRow,
    CallRow,
    ContactRow,
    CostRow,
    DisputeRow,
    EntryRow,
    EventRow,
    InvoiceRow,
    KnowledgeRow,
    LeadRow,
    MessageRow,
    NotificationRow,
    NumberRow,
    OrganizationRow,
    PendingActionRow,
    RecordingRow,
    Row,
    TaskRow,
    TranscriptRow,
    UserRow,
)
from tests.demo.conftest import NOW, World

FICTIONAL = re.compile(r"\+1\d{3}55501\d\d")
EXAMPLE = re.compile(r"[^@\s]+@([a-z]+\.example|example\.(com|net|org))")


def ids(rows: list[Any]) -> set[UUID]:
    return {row.id for row in rows}


def test_the_calls_span_a_year_with_its_changes_of_the_clock(world: World) -> None:
    zone = ZoneInfo(world.of(OrganizationRow)[0].timezone)
    started = [call.started_at for call in world.of(CallRow)]
    assert timedelta(days=360) < NOW - min(started) < timedelta(days=367)
    changes = {at.astimezone(zone).utcoffset() for at in started}
    assert len(changes) == (1 if str(zone) == "America/Phoenix" else 2)


def test_calls_come_in_the_rhythm_of_a_working_week(world: World) -> None:
    zone = ZoneInfo(world.of(OrganizationRow)[0].timezone)
    local = [call.started_at.astimezone(zone) for call in world.of(CallRow)]
    by_day = [sum(at.weekday() == day for at in local) for day in range(7)]
    assert max(by_day) == by_day[0]
    assert by_day[6] < by_day[5] < min(by_day[:5])
    assert sum(7 <= at.hour < 19 for at in local) > 0.85 * len(local)


def test_nobody_is_in_two_places_at_once(world: World) -> None:
    taken: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for visit in world.of(AppointmentRow):
        if visit.sales_rep_id and visit.status in {"scheduled", "completed"}:
            taken[visit.sales_rep_id].append((visit.scheduled_start_at, visit.scheduled_end_at))
    attendees: dict[UUID, set[UUID]] = defaultdict(set)
    for attendee in world.of(AttendeeRow):
        attendees[attendee.event_id].add(attendee.user_id)
    for event in world.of(EventRow):
        for person in attendees[event.id] | {event.organizer_id}:
            taken[person].append((event.start_at, event.end_at))
    assert len(taken) > 5
    for times in taken.values():
        for (_, end), (start, _) in pairwise(sorted(times)):
            assert end <= start


def test_somebody_is_off_now_and_then(world: World) -> None:
    off = [event for event in world.of(EventRow) if event.type == "time_off"]
    assert {event.start_at < NOW for event in off} == {True, False}
    away = {(event.organizer_id, event.start_at) for event in off}
    assert len(away) == len(off)


def test_a_recorded_visit_has_a_call_of_the_rep_within_its_time(world: World) -> None:
    calls = {call.id: call for call in world.of(CallRow)}
    visits = {visit.id: visit for visit in world.of(AppointmentRow)}
    transcribed = {transcript.call_id for transcript in world.of(TranscriptRow)}
    ready = [recording for recording in world.of(RecordingRow) if recording.status is RecordingStatus.READY]
    assert len(ready) > 50
    for recording in ready:
        call, visit = calls[recording.call_id or UUID(int=0)], visits[recording.appointment_id]
        assert (call.call_type, call.csr_id, call.caller_number) == (CallType.VISIT_CALL, None, None)
        assert call.handled_by_user_id == recording.sales_rep_id == visit.sales_rep_id
        assert recording.ended_at is not None
        assert visit.scheduled_start_at < recording.started_at < recording.ended_at < visit.scheduled_end_at
        assert recording.duration_seconds == call.duration_seconds
        assert call.id in transcribed
    assert 1 <= sum(recording.storage_key is not None for recording in ready) <= 6


def test_an_entry_of_the_queue_counts_its_tries(world: World) -> None:
    tries: dict[UUID, list[AttemptRow]] = defaultdict(list)
    for attempt in world.of(AttemptRow):
        tries[attempt.entry_id].append(attempt)
    known = ids(world.of(CallRow)) | ids(world.of(MessageRow))
    for entry in world.of(EntryRow):
        made = tries[entry.id]
        assert entry.attempts == len(made)
        assert entry.last_attempt_at == max((attempt.at for attempt in made), default=None)
        assert all((attempt.call_id or attempt.message_id) in known for attempt in made)


def test_a_text_is_a_try_once_and_only_if_it_was_sent(brightwater: World) -> None:
    texts = [message for message in brightwater.of(MessageRow) if message.template == "missed_call"]
    tries = Counter(attempt.message_id for attempt in brightwater.of(AttemptRow) if attempt.message_id is not None)
    assert tries == Counter(text.id for text in texts if text.status is MessageStatus.DELIVERED)
    assert any(text.status is MessageStatus.FAILED for text in texts)
    assert {text.missed_entry_id for text in texts} <= ids(brightwater.of(EntryRow))


def test_missed_calls_end_in_every_way(world: World) -> None:
    entries = world.of(EntryRow)
    assert {entry.rescued_by for entry in entries} == {*RescuedBy, None}
    assert {EntryStatus.OPEN, EntryStatus.RESCUED, EntryStatus.LOST, EntryStatus.ANSWERED_LATER} <= {
        entry.status for entry in entries
    }


def test_a_task_shares_the_state_of_what_the_analysis_found(world: World) -> None:
    found = {action.id: action for action in world.of(PendingActionRow)}
    linked = [task for task in world.of(TaskRow) if task.pending_action_id]
    assert {task.pending_action_id for task in linked} == found.keys()
    for task in linked:
        action = found[task.pending_action_id or UUID(int=0)]
        same = PendingActionStatus.OPEN if task.status is TaskStatus.PENDING else PendingActionStatus(task.status)
        assert (action.status, action.due_at, action.call_id) == (same, task.due_at, task.call_id)


def test_few_tasks_are_overdue(world: World) -> None:
    still_open = [task for task in world.of(TaskRow) if task.status in {TaskStatus.PENDING, TaskStatus.IN_PROGRESS}]
    overdue = [task for task in still_open if task.due_at and task.due_at < NOW]
    assert len(still_open) > len(overdue)
    assert all(task.due_at and task.due_at > NOW - timedelta(days=4) for task in overdue)


def test_an_accepted_dispute_has_changed_its_call(world: World) -> None:
    calls = {call.id: call for call in world.of(CallRow)}
    for dispute in world.of(DisputeRow):
        if dispute.call_id is not None:
            expected = dispute.to_status if dispute.status is DisputeStatus.ACCEPTED else dispute.from_status
            assert calls[dispute.call_id].booking_status is expected
        assert dispute.decided_at is None or dispute.created_at < dispute.decided_at <= NOW


def test_what_was_deleted_together_is_counted_and_names_who_did_it(world: World) -> None:
    everything = [row for rows in world.rows.values() for row in rows]
    deleted = [row for row in everything if getattr(row, "deleted_at", None)]
    batches = {batch.id: batch for batch in world.of(BatchRow)}
    assert {row.deletion_batch_id for row in deleted} == batches.keys()
    for batch in batches.values():
        mine = [row for row in deleted if row.deletion_batch_id == batch.id]
        assert sum(batch.counts.values()) == len(mine)
        assert batch.root_id in ids(mine)
        assert {(row.deleted_at, row.deleted_by) for row in mine} == {(batch.created_at, batch.deleted_by)}
        assert all(row.created_at < row.deleted_at < NOW < batch.purge_after for row in mine)


def test_the_trail_is_of_people_who_are_there_at_times_that_have_been(world: World) -> None:
    people = {user.id: user for user in world.of(UserRow)}
    for entry in world.of(AuditRow):
        assert entry.created_at <= NOW
        assert entry.user_id is None or people[entry.user_id].name == entry.actor_label
    actions = {entry.action for entry in world.of(AuditRow)}
    assert {"session.started", "session.failed", "calls.exported", "user.role.changed", "user.deleted"} <= actions


def test_what_a_month_costs_is_paid(world: World) -> None:
    invoices = sorted(world.of(InvoiceRow), key=lambda invoice: invoice.period_start)
    assert len(invoices) == 12
    assert all(before.period_end == after.period_start for before, after in pairwise(invoices))
    assert sum(float(cost.amount) for cost in world.of(CostRow)) > 10
    assert all(abs(cost.quantity * cost.unit_cost - cost.amount) < 1 for cost in world.of(CostRow))


def test_answers_are_of_several_kinds_and_in_use(world: World) -> None:
    items = [item for item in world.of(KnowledgeRow) if item.deleted_at is None]
    assert len(items) > 20
    assert len({item.category for item in items}) >= 6
    assert {item.is_active for item in items} == {True, False}
    assert not any("{" in item.answer for item in items)


def test_numbers_and_addresses_belong_to_nobody(world: World) -> None:
    cards, lines = world.of(ContactRow), world.of(NumberRow)
    numbers = {card.primary_phone for card in cards} | {line.number for line in lines}
    numbers |= {blocked.number for blocked in world.of(BlockedRow)} | {one.to_address for one in world.of(MessageRow)}
    assert all(FICTIONAL.fullmatch(number) for number in numbers)
    addresses = {card.email for card in cards if card.email} | {user.email for user in world.of(UserRow)}
    assert all(EXAMPLE.fullmatch(address) for address in addresses)


def test_notifications_lead_to_what_is_there(world: World) -> None:
    known = {str(row.id) for rows in world.rows.values() for row in rows if isinstance(row, Row)}
    for notice in world.of(NotificationRow):
        assert notice.link.rsplit("/", 1)[1] in known
        assert notice.read_at is None or notice.created_at < notice.read_at < NOW


def test_leads_are_at_every_stage(world: World) -> None:
    assert {lead.stage for lead in world.of(LeadRow)} == set(LeadStage)


def test_every_role_has_somebody_who_works_today(world: World) -> None:
    off = {
        event.organizer_id
        for event in world.of(EventRow)
        if event.type == "time_off" and event.start_at <= NOW < event.end_at
    }
    working = {user.role for user in world.of(UserRow) if user.id not in off and user.deleted_at is None}
    assert working == set(Role)
