"""Results of Shunya: each is stored once, the newest wins, and what people set stays."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.extensions import db
from app.models import (
    AuditLog,
    Base,
    Call,
    CallAnalysis,
    CallTranscript,
    ContactCard,
    ImportedRow,
    Lead,
    Organization,
    PendingAction,
    ProviderTask,
    RecordingSession,
    Role,
    Task,
    User,
    WebhookDelivery,
)
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.work.analyses.conftest import RESULT, Deliver, result_with

Edit = Callable[..., None]


@pytest.fixture
def edit(app: Flask, organization: Organization, manager: User) -> Edit:
    """Function that changes a row as a person does."""

    def run(model: type[Base], row_id: UUID, **values: Any) -> None:
        by = Context(organization_id=organization.id, actor_id=manager.id, actor_label=manager.name)
        with app.app_context(), use_context(by):
            row = db.session.get_one(model, (organization.id, row_id))
            for name, value in values.items():
                setattr(row, name, value)
            db.session.commit()

    return run


def actions(delivery: WebhookDelivery) -> list[str]:
    return [effect["action"] for effect in delivery.effects]


def test_a_result_is_stored_with_all_that_follows_from_it(
    deliver: Deliver, behind: Behind, call: Call, task: ProviderTask
) -> None:
    delivery = deliver()

    assert (delivery.status, delivery.error) == ("processed", None)
    assert actions(delivery) == [
        "call_transcript.created",
        "call_analysis.created",
        "call.updated",
        "lead.updated",
        "contact_card.updated",
        "pending_action.created",
        "task.created",
    ]
    transcript, analysis = behind.one(CallTranscript), behind.one(CallAnalysis)
    assert (transcript.shunya_task_id, analysis.shunya_task_id) == ("shu_1", "shu_1")
    assert (transcript.confidence_score, transcript.language) == (Decimal("0.930"), "en")
    assert transcript.transcript_text == "Comfort Heating.\nMy furnace is cold."
    assert (analysis.summary, analysis.sop_compliance_score, analysis.model) == (
        "The furnace is cold.",
        Decimal("88.00"),
        "shunya-4",
    )
    assert analysis.analysed_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert analysis.external_fingerprint is None
    changed = behind.one(Call, id=call.id)
    assert (changed.sentiment, changed.booking_status, changed.booking_status_source, changed.ai_confidence) == (
        "negative",
        "booked",
        "analysis",
        88,
    )
    assert behind.one(Lead).qualification_status == "hot"
    contact = behind.one(ContactCard, id=call.contact_card_id)
    assert contact.property_snapshot == {"type": "house", "year_built": 1998}
    assert (contact.last_call_summary, contact.primary_intent) == ("The furnace is cold.", "Repair")
    assert behind.one(Task).pending_action_id == behind.one(PendingAction).id
    done = behind.one(ProviderTask)
    assert (done.status, done.next_attempt_at, len(done.processed_output_hash or b"")) == ("completed", None, 32)
    assert behind.rows(ImportedRow) == []
    entries = [row for row in behind.rows(AuditLog) if row.resource_type in ("call_analysis", "contact_card", "task")]
    told = {(row.actor_label, row.source, row.correlation_id) for row in entries if row.actor_label != "postgres"}
    assert told == {("Shunya", "external", "c-1")}


def state(behind: Behind) -> list[tuple[Any, ...]]:
    """Return what results change, with the versions of the rows and the number of audit entries."""
    calls = [(row.id, row.version) for row in behind.rows(Call)]
    leads = [(row.id, row.version) for row in behind.rows(Lead)]
    contacts = [(row.id, row.version) for row in behind.rows(ContactCard)]
    analyses = [(row.summary, row.updated_at) for row in behind.rows(CallAnalysis)]
    numbers = (len(behind.rows(AuditLog)), len(behind.rows(Task)), len(behind.rows(CallTranscript)))
    return [*calls, *leads, *contacts, *analyses, numbers]


def test_a_completed_task_changes_nothing(deliver: Deliver, behind: Behind, task: ProviderTask) -> None:
    deliver()
    before = state(behind)

    for result in (RESULT, result_with(analyzed_at="2026-11-25T10:00:00Z", analysis={"summary": "Another."})):
        delivery = deliver(result)
        assert (delivery.status, delivery.effects) == ("processed", [])
    assert state(behind) == before


def test_an_equal_result_of_a_task_that_was_sent_again_only_completes_it(
    deliver: Deliver, behind: Behind, task: ProviderTask, edit: Edit
) -> None:
    deliver()
    behind.change(task, status="sent", external_task_id="shu_2")
    before = state(behind)

    delivery = deliver(dict(reversed(RESULT.items())), task_id="shu_2")

    assert (delivery.status, delivery.effects) == ("processed", [])
    assert behind.one(ProviderTask).status == "completed"
    assert state(behind) == before


def test_a_newer_result_of_another_task_about_the_call_replaces_what_it_provides(
    make: Factories, deliver: Deliver, behind: Behind, call: Call, task: ProviderTask
) -> None:
    make.provider_task(call, kind="second_opinion", external_task_id="shu_2", status="sent")
    deliver()
    newer = {"analyzed_at": "2026-11-21T10:00:00Z", "analysis": {"summary": "Shorter.", "objections": []}}

    delivery = deliver(newer, task_id="shu_2")

    assert actions(delivery) == ["call_analysis.updated", "contact_card.updated"]
    analysis = behind.one(CallAnalysis)
    assert (analysis.summary, analysis.objections, analysis.sop_compliance_score) == ("Shorter.", [], Decimal("88.00"))
    assert (analysis.shunya_task_id, behind.one(CallTranscript).shunya_task_id) == ("shu_2", "shu_1")
    assert len(behind.rows(Task)) == 1


def test_an_older_result_changes_nothing(
    make: Factories, deliver: Deliver, behind: Behind, call: Call, task: ProviderTask
) -> None:
    make.analysis(call, analysed_at=datetime(2026, 11, 21, tzinfo=UTC))
    make.transcript(call)
    before = state(behind)

    delivery = deliver()

    assert (delivery.status, delivery.effects) == ("processed", [])
    assert behind.one(ProviderTask).status == "completed"
    assert state(behind) == before


def test_what_people_set_stays(deliver: Deliver, behind: Behind, call: Call, task: ProviderTask, edit: Edit) -> None:
    edit(Call, call.id, booking_status="not_booked", booking_status_source="user", topic="Warranty")
    edit(Lead, call.lead_id, qualification_status="cold", qualification_source="user")
    edit(ContactCard, call.contact_card_id, property_snapshot={"type": "barn", "floors": 2})

    deliver()

    changed = behind.one(Call, id=call.id)
    assert (changed.booking_status, changed.topic, changed.sentiment) == ("not_booked", "Warranty", "negative")
    assert behind.one(Lead).qualification_status == "cold"
    contact = behind.one(ContactCard, id=call.contact_card_id)
    assert contact.property_snapshot == {"type": "barn", "floors": 2, "year_built": 1998}


def test_facts_of_an_earlier_call_do_not_replace_those_of_a_later_one(
    make: Factories, organization: Organization, deliver: Deliver, behind: Behind, call: Call, task: ProviderTask
) -> None:
    later = make.call(organization, contact_card_id=call.contact_card_id, started_at=datetime(2026, 11, 30, tzinfo=UTC))
    make.analysis(later)
    behind.change(behind.one(ContactCard, id=call.contact_card_id), property_snapshot={"type": "flat"})

    deliver()

    assert behind.one(ContactCard, id=call.contact_card_id).property_snapshot == {"type": "flat"}


def test_the_result_of_a_recording_belongs_to_its_visit_call_and_its_actions_to_the_rep(
    make: Factories, organization: Organization, deliver: Deliver, behind: Behind, call: Call
) -> None:
    rep = make.user(organization, Role.SALES_REP)
    contact = behind.one(ContactCard, id=call.contact_card_id)
    visit = make.call(
        organization, call_type="visit_call", contact_card_id=contact.id, handled_by="human", assigned_rep_id=rep.id
    )
    recording = make.recording(make.appointment(organization, contact=contact), rep, call_id=visit.id)
    subject = {"subject_type": "recording_session", "subject_id": recording.id, "kind": "visit_analysis"}
    make.provider_task(call, **subject, external_task_id="shu_1", status="sent")

    delivery = deliver()

    assert behind.one(CallAnalysis).call_id == visit.id
    assert (behind.one(Task).assigned_to_type, behind.one(Task).assigned_to_user_id) == ("sales_rep", rep.id)
    stored = behind.one(RecordingSession)
    assert (stored.shunya_asr_task_id, stored.shunya_analysis_task_id) == ("shu_1", "shu_1")
    assert "recording_session.updated" in actions(delivery)


def test_the_task_of_another_organization_is_unknown(make: Factories, deliver: Deliver, behind: Behind) -> None:
    other = make.call(make.organization())
    make.provider_task(other, external_task_id="shu_1", status="sent")

    for task_id in ("shu_1", "none", "\0"):
        delivery = deliver(task_id=task_id)
        assert (delivery.status, delivery.ignored_because) == ("ignored", "unknown_task")
    assert (behind.rows(CallAnalysis), behind.one(ProviderTask).status) == ([], "sent")


@pytest.mark.parametrize("gone", ["deleted", "erased"])
def test_nothing_is_stored_about_a_call_that_is_gone_or_whose_contact_was_erased(
    make: Factories, organization: Organization, deliver: Deliver, behind: Behind, call: Call, gone: str
) -> None:
    if gone == "erased":
        owner = make.user(organization, Role.OWNER)
        make.erasure(owner, contact_card_id=call.contact_card_id)
        make.provider_task(call, external_task_id="shu_1", status="sent")
    else:
        missing = UUID("01900000-0000-7000-8000-000000000000")
        make.provider_task(call, subject_id=missing, external_task_id="shu_1", status="sent")

    delivery = deliver()

    assert (delivery.status, delivery.effects) == ("processed", [])
    assert behind.one(ProviderTask).status == "completed"
    assert [*behind.rows(CallAnalysis), *behind.rows(CallTranscript), *behind.rows(Task)] == []


@pytest.mark.parametrize(
    ("error", "attempts", "expected", "stored"),
    [
        ({"code": "busy", "message": "Try later.", "retryable": True}, 1, "queued", "busy: Try later."),
        ({"code": "busy", "message": "Try later.", "retryable": True}, 8, "failed", "busy: Try later."),
        ({"code": "no_speech", "message": "x" * 2_000, "retryable": False}, 1, "failed", f"no_speech: {'x' * 989}"),
        ({"code": 7, "message": "a\0b", "retryable": "yes"}, 1, "failed", "a b"),
        ("broken", 1, "failed", "unknown"),
    ],
)
def test_a_failed_task_is_sent_again_only_if_that_can_help(
    deliver: Deliver, behind: Behind, task: ProviderTask, error: Any, attempts: int, expected: str, stored: str
) -> None:
    behind.change(task, attempts=attempts)

    delivery = deliver(kind="task.failed", error=error)

    assert (delivery.status, delivery.effects) == ("processed", [])
    row = behind.one(ProviderTask)
    assert (row.status, row.error, row.next_attempt_at is not None) == (expected, stored, expected == "queued")


def test_a_result_counts_whether_the_failure_arrives_before_or_after_it(
    deliver: Deliver, behind: Behind, task: ProviderTask
) -> None:
    for kind in ("task.failed", "task.completed", "task.failed"):
        deliver(kind=kind)

    row = behind.one(ProviderTask)
    assert (row.status, row.error) == ("completed", None)
    assert behind.one(CallAnalysis).summary == "The furnace is cold."


@pytest.mark.parametrize("result", [[], "text", {"analyzed_at": "soon"}, result_with(transcript=[1])])
def test_a_result_that_cannot_be_read_fails_in_words_and_changes_nothing(
    deliver: Deliver, behind: Behind, task: ProviderTask, result: Any
) -> None:
    delivery = deliver(result)

    assert (delivery.status, delivery.attempts) == ("failed", 1)
    assert delivery.error
    assert delivery.error.startswith(("The event has no result.", "The result can’t be read"))
    assert (behind.rows(CallAnalysis), behind.one(ProviderTask).status) == ([], "sent")
