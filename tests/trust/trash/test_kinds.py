"""Rules of the trash that are specific to one type of record."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.db.transaction import dry_run
from app.errors import ActiveCalls, Conflict
from app.extensions import db
from app.models import CallAnalysis, CallTranscript, DeletionBatch, Job, Organization, Role, User
from app.organization.settings.deletion_service import delete_organization, restore_organization
from app.trust.trash.purge_service import purge_due
from app.trust.trash.restore_service import preview, restore
from app.trust.trash.rules import Choices
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trust.trash.conftest import Delete, Stored, kept

BatchOf = Callable[[UUID], DeletionBatch]


def test_a_number_somebody_is_talking_on_stays(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    number = make.phone_number(organization)
    make.call(organization, phone_number_id=number.id)
    for _ in range(2):
        make.call(organization, phone_number_id=number.id, status="active", ended_at=None)

    with pytest.raises(ActiveCalls) as refused:
        soft_delete(admin, "phone_number", number)

    assert refused.value.extra == {"count": 2}
    assert not stored(number)["is_deleted"]


def test_a_number_in_use_elsewhere_meanwhile_does_not_say_where(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    number = make.phone_number(organization, number="+12125550177")
    call = make.call(organization, phone_number_id=number.id)
    batch_id = soft_delete(admin, "phone_number", number)
    make.phone_number(make.organization(name="The Neighbour"), number="+12125550177")

    with at_work(app, organization.id), dry_run():
        (outcome,) = preview(acting(admin), batch_id)

    assert outcome.problem is not None
    assert outcome.problem.code == "uq_phone_numbers_number"
    assert "Neighbour" not in str(outcome.problem.sentence)
    assert stored(call)["phone_number_id"] == number.id


def test_a_number_beyond_the_plan_is_a_conflict(app: Flask, make: Factories, soft_delete: Delete) -> None:
    organization = make.organization(phone_numbers_quota=1)
    admin = make.user(organization, Role.ADMIN)
    batch_id = soft_delete(admin, "phone_number", make.phone_number(organization))
    make.phone_number(organization)

    with pytest.raises(Conflict) as refused, at_work(app, organization.id):
        restore(acting(admin), batch_id)

    assert [told["problem"] for told in refused.value.extra["conflicts"]] == ["QUOTA_EXCEEDED"]


def test_an_organization_comes_back_with_its_knowledge_numbers_and_subscription(
    app: Flask, make: Factories, organization: Organization, owner: User, stored: Stored
) -> None:
    rows = [make.knowledge_item(organization), make.phone_number(organization), make.subscription(organization)]
    others = [make.knowledge_item(make.organization()), make.contact(organization)]
    before = [kept(stored(row)) for row in rows]

    with at_work(app, organization.id):
        batch = delete_organization(organization.id, slug=organization.slug, reason="They moved away")
        counts = dict(batch.counts)
        db.session.commit()
    assert counts == {"organization": 1, "user": 1, "knowledge_item": 1, "phone_number": 1, "subscription": 1}
    assert [stored(row)["is_deleted"] for row in (*rows, *others)] == [True, True, True, False, False]

    with at_work(app, organization.id):
        restore_organization(organization.id)
        db.session.commit()
    assert [kept(stored(row)) for row in rows] == before


def test_who_organizes_events_or_has_recordings_stays_until_somebody_else_has_them(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    rep = make.user(organization, Role.SALES_REP)
    make.event(organization, rep)
    for _ in range(2):
        make.recording(make.appointment(organization), rep)

    with pytest.raises(Conflict) as refused:
        soft_delete(admin, "user", rep)

    assert refused.value.sentence.startswith("Still in use: 1 event, 2 recordings. Reassign them first.")
    assert not stored(rep)["is_deleted"]


def test_a_visit_with_a_recording_stays_until_that_is_deleted(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    visit = make.appointment(organization)
    recording = make.recording(visit, make.user(organization, Role.SALES_REP))

    with pytest.raises(Conflict, match="RESOURCE_CONFLICT"):
        soft_delete(admin, "appointment", visit)
    soft_delete(admin, "recording_session", recording)
    soft_delete(admin, "appointment", visit)

    assert stored(visit)["is_deleted"]


def test_a_visit_whose_time_was_given_away_is_a_conflict(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete
) -> None:
    rep = make.user(organization, Role.SALES_REP)
    batch_id = soft_delete(admin, "appointment", make.appointment(organization, sales_rep_id=rep.id))
    make.appointment(organization, sales_rep_id=rep.id)

    with at_work(app, organization.id), dry_run():
        (outcome,) = preview(acting(admin), batch_id)

    assert outcome.problem is not None
    assert outcome.problem.code == "event_time_conflict"
    assert str(outcome.problem.sentence) == "That time is already booked."


def test_a_recording_brings_its_visit_along_and_that_its_contact(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    card = make.contact(organization)
    visit = make.appointment(organization, contact=card)
    recording = make.recording(visit, make.user(organization, Role.SALES_REP))
    batch_id = soft_delete(admin, "recording_session", recording)
    soft_delete(admin, "appointment", visit)
    soft_delete(admin, "contact_card", card)

    with at_work(app, organization.id):
        restore(acting(admin), batch_id, choices=Choices(parents=frozenset({visit.id})))

    assert [stored(row)["is_deleted"] for row in (recording, visit, card)] == [False, False, False]


def test_a_contact_takes_what_is_open_for_it_along(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete, batch_of: BatchOf
) -> None:
    card = make.contact(organization)
    make.pending_action(organization, contact=card)
    make.pending_action(organization)

    counts = batch_of(soft_delete(manager, "contact_card", card)).counts

    assert counts == {"contact_card": 1, "contact_phone": 1, "pending_action": 1}


def test_a_purged_recording_leaves_the_call_without_sound_and_words(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, admin_engine: Engine
) -> None:
    call = make.call(organization, call_type="visit_call", audio_url=f"{organization.id}/recordings/{organization.id}")
    make.transcript(call)
    make.analysis(call)
    other = make.call(organization)
    make.transcript(other)
    rep = make.user(organization, Role.SALES_REP)
    recording = make.recording(make.appointment(organization), rep, call_id=call.id)
    soft_delete(admin, "recording_session", recording)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE deletion_batches SET purge_after = :at"), {"at": DAY})

    with at_work(app, organization.id):
        purge_due(organization.id)

    with Session(admin_engine) as session:
        assert session.scalars(select(CallTranscript.call_id)).all() == [other.id]
        assert session.scalar(select(func.count()).select_from(CallAnalysis)) == 0
        assert session.scalars(select(Job.arguments).where(Job.name == "files.remove")).all() == [
            {"key": call.audio_url}
        ]
