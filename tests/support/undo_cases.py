"""Everything that can be undone, by name: for each kind of undo, what to do and what takes it back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask

from app.db.ids import uuid7
from app.declarations.open_work import WorkKind
from app.lists.saved_views import service as saved_views
from app.models import AttemptResult, CallType, ContactCard, LeadStage, Qualification, Role
from app.models.organizations import Language
from app.people.users.handover_rules import NOBODY, Successor
from app.people.users.leaving_service import delete_person
from app.security.actor import Actor
from app.trust.audit_log import operation_run_service, operation_service
from app.trust.trash.restore_service import restore
from app.trust.trash.undo_service import undo as undo_deletion
from app.work.appointments import service as appointments
from app.work.appointments.booking_service import Wanted, book
from app.work.appointments.context_queries import About
from app.work.appointments.undo_service import undo_booking
from app.work.calendar import event_service as events
from app.work.calls import outbound_service as outbound
from app.work.knowledge import service as knowledge
from app.work.leads import service as leads
from app.work.leads.rules import LeadInput, StageInput
from app.work.merging.merge_service import merge
from app.work.missed_calls import ending_service
from app.work.phone_numbers import service as phone_numbers
from app.work.recordings import discard_service
from app.work.tasks import service as tasks
from app.work.tasks.rules import NewTaskInput
from tests.support.factories import DAY
from tests.support.undos import TOMORROW, Act, Case, Scene, Step, declared_cases, deleted, last_entry, revert_last


def _of_lead(act: Callable[[Actor, Any], Any], **values: Any) -> tuple[Case, Case]:
    """Return the cases of a change of one lead that is undone by its Undo button, and reverted from the trail."""

    def prepare(scene: Scene, take_back: Callable[[Actor, UUID, int], object]) -> Step:
        rep = values.get("assigned_rep_id") and scene.rep.id
        lead = scene.lead(**{**values, **({"assigned_rep_id": rep} if rep else {})})
        return Step(lambda actor: act(actor, lead).version, lambda actor, version: take_back(actor, lead.id, version))

    return (
        lambda scene: prepare(scene, lambda actor, lead_id, version: leads.undo(actor, lead_id, version=version)),
        lambda scene: prepare(scene, lambda actor, lead_id, _version: revert_last(actor, lead_id)),
    )


_LEADS = {
    "stage": _of_lead(
        lambda actor, lead: leads.set_stage(actor, lead.id, StageInput(stage=LeadStage.QUALIFIED), version=1)
    ),
    "closed": _of_lead(
        lambda actor, lead: leads.set_stage(
            actor, lead.id, StageInput(stage=LeadStage.DEAD, dead_reason="Too far away"), version=1
        )
    ),
    "reopened": _of_lead(
        lambda actor, lead: leads.reopen(actor, lead.id, version=1), stage="dead", closed_at=DAY, dead_reason="Too far"
    ),
    "unassigned": _of_lead(lambda actor, lead: leads.assign(actor, lead.id, None, version=1), assigned_rep_id=True),
    "edited": _of_lead(
        lambda actor, lead: leads.edit(
            actor, lead.id, LeadInput(qualification_status=Qualification.HOT, source=lead.source), version=1
        )
    ),
}


def _booking(scene: Scene, about: About, hours: int) -> Step:
    """Return a booking that many hours after the same time tomorrow."""
    wanted = Wanted(service_type="Furnace repair", rep_id=scene.rep.id, start=TOMORROW + timedelta(hours=hours))
    return Step(lambda actor: book(actor, uuid7(), about, wanted).id, undo_booking)


def _booked_for_a_contact(scene: Scene) -> Step:
    return _booking(scene, About(contact_id=scene.make.contact(scene.company.organization).id), 0)


def _booked_for_a_lead(scene: Scene) -> Step:
    lead = scene.lead()
    return _booking(scene, About(contact_id=lead.contact_card_id, lead_id=lead.id), 4)


def _booked_twice(scene: Scene) -> list[Step]:
    lead = scene.lead()
    return [_booking(scene, About(contact_id=lead.contact_card_id), hours) for hours in (8, 12)]


def _booked_from_a_call(scene: Scene) -> Step:
    contact = scene.lead().contact_card_id
    call = scene.make.call(
        scene.company.organization, csr=scene.company.people[Role.CSR], contact_card_id=contact, booking_status=None
    )
    return _booking(scene, About(call_id=call.id), 16)


def _missed(scene: Scene, **values: Any) -> Any:
    """Create a missed call of a contact who has a lead, within the rescue window."""
    missed_at = datetime.now(UTC) - timedelta(hours=1)
    call = scene.make.call(
        scene.company.organization,
        status="missed",
        contact_card_id=scene.lead().contact_card_id,
        started_at=missed_at,
        caller_number=scene.make.phone(),
        call_type=CallType.CSR_CALL,
    )
    return scene.make.missed_entry(scene.company.organization, call=call, **values)


def _booked_from_the_queue(scene: Scene) -> Step:
    return _booking(scene, About(entry_id=_missed(scene).id), 20)


def _result_of_a_call(scene: Scene) -> Step:
    csr = scene.company.people[Role.CSR]
    entry = _missed(scene, status="claimed", claimed_by=csr.id, claim_expires_at=TOMORROW)
    call = scene.make.call(
        scene.company.organization,
        csr=csr,
        direction="outbound",
        status="active",
        source="user",
        handled_by_user_id=csr.id,
        called_number=scene.make.phone(),
        missed_entry_id=entry.id,
        ended_at=None,
        outcome=None,
    )
    return Step(
        lambda actor: outbound.end_call(actor, call.id, AttemptResult.NO_ANSWER).id, outbound.resume_call, Role.CSR
    )


def _dismissed(scene: Scene) -> Step:
    entry = _missed(scene)
    return Step(
        lambda actor: ending_service.dismiss(actor, entry.id, "Wrong number", version=1).id, ending_service.reopen
    )


def _merged(scene: Scene) -> Step:
    kept, merged = scene.lead().contact_card_id, scene.lead().contact_card_id
    return Step(lambda actor: merge(actor, kept, merged, uuid7(), {}, versions=(1, 1)).deletion_batch_id, undo_deletion)


def _person_with_work(scene: Scene) -> Step:
    organization = scene.company.organization
    person = scene.make.user(organization, Role.CSR)
    scene.lead(csr_id=person.id)
    scene.make.task(organization, assignee=person)
    held = {"status": "claimed", "claimed_by": person.id, "claim_expires_at": TOMORROW}
    _missed(scene, **held)

    def act(actor: Actor) -> UUID:
        takers: dict[WorkKind, Successor] = {
            **dict.fromkeys(WorkKind, scene.company.people[Role.CSR].id),
            WorkKind.CLAIMS: NOBODY,
        }
        return delete_person(actor, person.id, "They have left", takers, version=1).id

    return Step(act, undo_deletion)


def _discarded(scene: Scene) -> Step:
    visit = scene.make.appointment(scene.company.organization, sales_rep_id=scene.rep.id)
    recording = scene.make.recording(
        visit, scene.rep, status="recording", ended_at=None, duration_seconds=None, storage_key=f"recordings/{visit.id}"
    )
    scene.make.recording_part(recording)
    return Step(
        lambda actor: discard_service.discard(actor, recording.id).id, discard_service.undo_discard, Role.SALES_REP
    )


def _deleted_view(scene: Scene) -> Step:
    view = scene.make.saved_view(scene.company.people[Role.OWNER], is_shared=True)
    scene.make.report_view(scene.company.people[Role.ADMIN], view)
    return Step(lambda actor: saved_views.delete_view(actor, view.id).id, saved_views.restore_view)


def _of_task(act: Callable[[Actor, UUID], Any], take_back: Callable[[Actor, UUID, Any], Any]) -> Case:
    def prepare(scene: Scene) -> Step:
        csr = scene.company.people[Role.CSR]
        task = scene.make.task(scene.company.organization, assignee=csr, snoozed_until=DAY)
        return Step(lambda actor: act(actor, task.id), lambda actor, before: take_back(actor, task.id, before))

    return prepare


def _added_task(_scene: Scene) -> Step:
    given = NewTaskInput(title="Call back", due_at=TOMORROW)
    return Step(lambda actor: tasks.create(actor, uuid7(), given).id, tasks.cancel)


def _moved_event(scene: Scene) -> Step:
    event = scene.make.event(scene.company.organization, scene.company.people[Role.OWNER], start_at=TOMORROW)
    length = timedelta(hours=1)
    return Step(
        lambda actor: events.move(actor, event.id, event.start_at + length, event.end_at + length, version=1).version,
        lambda actor, version: events.move(actor, event.id, event.start_at, event.end_at, version=version),
    )


def _rescheduled(scene: Scene) -> Step:
    start = TOMORROW + timedelta(days=2)
    visit = scene.make.appointment(scene.company.organization, sales_rep_id=scene.rep.id, scheduled_start_at=start)
    later = start + timedelta(hours=5)
    return Step(
        lambda actor: appointments.reschedule(actor, visit.id, later, None, version=1).version,
        lambda actor, version: appointments.reschedule(actor, visit.id, start, None, version=version),
    )


def _number_switched_off(scene: Scene) -> Step:
    number = scene.make.phone_number(scene.company.organization)
    return Step(
        lambda actor: phone_numbers.set_active(actor, number.id, is_active=False),
        lambda actor, _done: phone_numbers.set_active(actor, number.id, is_active=True),
    )


def _answer_edited(scene: Scene) -> Step:
    item = scene.make.knowledge_item(scene.company.organization, confirmed_at=DAY)
    edited = {"question": item.question, "answer": "Another answer", "category": item.category}
    return Step(
        lambda actor: (
            knowledge.edit(actor, item.id, **edited, language=Language(item.language), is_active=True, version=1).id
        ),
        revert_last,
    )


def _operation(scene: Scene) -> tuple[Act, list[Any]]:
    rows = [scene.lead() for _ in range(2)]

    def act(actor: Actor) -> UUID:
        for lead in rows:
            leads.set_stage(actor, lead.id, StageInput(stage=LeadStage.QUALIFIED), version=1)
            leads.assign(actor, lead.id, scene.rep.id, version=2)
        return last_entry(rows[0].id).operation_id

    return act, rows


def _small_operation(scene: Scene) -> Step:
    act, rows = _operation(scene)
    ids = {lead.id for lead in rows}
    return Step(act, lambda actor, operation_id: operation_service.revert_operation(actor, operation_id, ids))


def _large_operation(scene: Scene) -> Step:
    act, _rows = _operation(scene)

    def take_back(actor: Actor, operation_id: UUID) -> None:
        started = operation_service.start(actor, uuid7(), operation_id)
        while operation_run_service.revert_some(started.id):
            pass

    return Step(act, take_back)


#: Cases that follow from no declaration, by endpoint and what is undone.
_OWN: dict[str, Case] = {
    **{f"leads.undo {name}": undone for name, (undone, _reverted_) in _LEADS.items()},
    **{f"audit_log.revert lead {name}": reverted for name, (_undone, reverted) in _LEADS.items()},
    "audit_log.revert answer": _answer_edited,
    "audit_log.revert_operation": _small_operation,
    "audit_log.start_revert": _large_operation,
    "appointments.undo_booking contact": _booked_for_a_contact,
    "appointments.undo_booking lead": _booked_for_a_lead,
    "appointments.undo_booking twice": _booked_twice,
    "appointments.undo_booking call": _booked_from_a_call,
    "appointments.undo_booking queue": _booked_from_the_queue,
    "appointments.reschedule": _rescheduled,
    "calendar.move_event": _moved_event,
    "calls.take_back_result": _result_of_a_call,
    "missed_calls.reopen": _dismissed,
    "phone_numbers.activate": _number_switched_off,
    "recordings.undo_discard": _discarded,
    "saved_views.restore": _deleted_view,
    "tasks.reopen completed": _of_task(tasks.complete, lambda actor, task_id, _before: tasks.reopen(actor, task_id)),
    "tasks.reopen canceled": _of_task(
        lambda actor, task_id: tasks.cancel(actor, task_id).id,
        lambda actor, task_id, _before: tasks.reopen(actor, task_id),
    ),
    "tasks.assign": _of_task(
        lambda actor, task_id: tasks.assign(actor, task_id, actor.user_id),
        lambda actor, task_id, before: tasks.assign(
            actor, task_id, before[0], snoozed_until=before[1], takes_back=True
        ),
    ),
    "tasks.cancel": _added_task,
    "tasks.pause": _of_task(
        lambda actor, task_id: tasks.start(actor, task_id).id,
        lambda actor, task_id, _before: tasks.pause(actor, task_id),
    ),
    "tasks.snooze": _of_task(lambda actor, task_id: tasks.snooze(actor, task_id, TOMORROW), tasks.snooze),
    "trash.restore": deleted("contact_card", ContactCard, restore),
    "trash.undo merge": _merged,
    "trash.undo person with work": _person_with_work,
}


def cases(app: Flask) -> dict[str, Case]:
    """Return all cases, by endpoint and what is undone."""
    return declared_cases(app) | _OWN
