"""Deletion of records: cascades, refusals and their messages, and audit trail entries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.errors import Conflict, Forbidden, LastOwner, NotFound, ValidationFailed, VersionConflict
from app.models import DeletionBatch, Organization, Role, User
from app.trust.trash.delete_service import delete
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trust.trash.conftest import Delete, Stored, Trail

BatchOf = Callable[[UUID], DeletionBatch]


def test_a_record_goes_into_the_trash_with_who_why_and_until_when(
    make: Factories,
    organization: Organization,
    manager: User,
    soft_delete: Delete,
    batch_of: BatchOf,
    stored: Stored,
    trail: Trail,
) -> None:
    task, decoy = make.task(organization, title="Order the part"), make.task(organization)

    batch = batch_of(soft_delete(manager, "task", task, reason="Done by phone"))

    assert (batch.deleted_by, batch.deleted_by_label, batch.reason) == (manager.id, "Marcus Bell", "Done by phone")
    assert (batch.root_type, batch.root_id, batch.root_label) == ("task", task.id, "Order the part")
    assert batch.counts == {"task": 1}
    assert batch.purge_after - batch.created_at == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))
    gone = stored(task)
    assert (gone["deletion_batch_id"], gone["deleted_by"], gone["version"]) == (batch.id, manager.id, 1)
    assert stored(decoy)["deleted_at"] is None
    (deleted,), (made,) = trail("task.deleted"), trail("deletion_batch.created")
    assert deleted.operation_id == made.operation_id


def test_a_contact_takes_its_numbers_closed_leads_and_tasks_along(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete, batch_of: BatchOf, stored: Stored
) -> None:
    card = make.contact(organization)
    closed = make.lead(organization, contact=card, stage="dead", closed_at=DAY)
    task = make.task(organization, contact_card_id=card.id)
    others = [make.contact(organization), make.task(organization)]

    batch = batch_of(soft_delete(manager, "contact_card", card))

    assert batch.counts == {"contact_card": 1, "contact_phone": 1, "lead": 1, "task": 1}
    assert [stored(row)["deletion_batch_id"] for row in (card, closed, task)] == [batch.id] * 3
    assert [stored(row)["deletion_batch_id"] for row in others] == [None, None]


def test_a_contact_in_use_stays_and_the_refusal_counts_its_uses(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete, stored: Stored
) -> None:
    card = make.contact(organization)
    for _ in range(2):
        make.call(organization, contact_card_id=card.id)
    make.lead(organization, contact=card)

    with pytest.raises(Conflict) as refused:
        soft_delete(manager, "contact_card", card)

    assert "2 calls, 1 open lead. Merge" in refused.value.sentence
    assert refused.value.extra["uses"] == {"calls": 2, "leads": 1, "appointments": 0}
    assert stored(card)["deleted_at"] is None


def test_several_go_in_one_batch_or_none_goes(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete, batch_of: BatchOf, stored: Stored
) -> None:
    first, second = make.task(organization, title="First"), make.task(organization)
    strangers = make.task(make.organization())

    with pytest.raises(NotFound):
        soft_delete(manager, "task", first, strangers)
    assert stored(first)["deleted_at"] is None
    assert batch_of(soft_delete(manager, "task", first, second)).root_label == "First and 1 more"


def test_a_stale_version_deletes_nothing(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete, stored: Stored
) -> None:
    task = make.task(organization, version=3)

    with pytest.raises(VersionConflict) as refused:
        soft_delete(manager, "task", task, versions={task.id: 2})

    assert refused.value.extra["current_version"] == 3
    assert stored(task)["deleted_at"] is None


def test_deleted_twice_it_is_not_there_the_second_time(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete
) -> None:
    task = make.task(organization)
    soft_delete(manager, "task", task)

    with pytest.raises(NotFound):
        soft_delete(manager, "task", task)


def test_no_more_than_a_person_can_wait_for_go_at_once(
    make: Factories, organization: Organization, manager: User, app: Flask
) -> None:
    with pytest.raises(ValidationFailed), at_work(app, organization.id):
        delete(acting(manager), "task", [])


def test_a_reason_of_two_letters_is_none(
    make: Factories, organization: Organization, manager: User, soft_delete: Delete
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        soft_delete(manager, "task", make.task(organization), reason="no")

    assert [error.field for error in refused.value.field_errors] == ["reason"]


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.EXEC])
def test_who_may_not_delete_tasks_does_not(
    make: Factories, organization: Organization, soft_delete: Delete, role: Role
) -> None:
    person = make.user(organization, role)

    with pytest.raises(Forbidden):
        soft_delete(person, "task", make.task(organization, assignee=person))


class TestPeople:
    def test_a_deleted_person_is_signed_out_everywhere(
        self, client: Client, make: Factories, admin: User, csr: User, soft_delete: Delete, trail: Trail
    ) -> None:
        client.sign_in(csr).get("/calls")

        soft_delete(admin, "user", csr)

        page = client.follow(client.get("/calls", status=303))
        assert page.heading == "Sign in"
        assert [row.after["revoked_reason"] for row in trail("session.ended") if row.after] == ["user_deleted"]

    def test_their_calls_and_notes_stay(
        self, make: Factories, organization: Organization, admin: User, csr: User, soft_delete: Delete, stored: Stored
    ) -> None:
        call = make.call(organization, csr=csr)
        note = make.note(call, csr)

        soft_delete(admin, "user", csr)

        assert stored(call)["csr_id"] == csr.id
        assert stored(note)["deleted_at"] is None

    def test_the_last_active_owner_stays(
        self, make: Factories, organization: Organization, owner: User, soft_delete: Delete, stored: Stored
    ) -> None:
        make.user(organization, Role.OWNER, status="inactive")

        with pytest.raises(LastOwner):
            soft_delete(owner, "user", owner)

        assert stored(owner)["deleted_at"] is None

    def test_all_owners_at_once_are_not_deleted_either(
        self, make: Factories, organization: Organization, owner: User, soft_delete: Delete
    ) -> None:
        with pytest.raises(LastOwner):
            soft_delete(owner, "user", owner, make.user(organization, Role.OWNER))

    def test_nobody_deletes_who_outranks_them(
        self, make: Factories, organization: Organization, owner: User, admin: User, soft_delete: Delete
    ) -> None:
        make.user(organization, Role.OWNER)

        with pytest.raises(Forbidden):
            soft_delete(admin, "user", owner)


class TestNotes:
    def test_a_csr_deletes_their_own(
        self, make: Factories, organization: Organization, csr: User, soft_delete: Delete, batch_of: BatchOf
    ) -> None:
        note = make.note(make.call(organization, csr=csr), csr, body="x" * 300)

        batch = batch_of(soft_delete(csr, "call_note", note))

        assert batch.root_label == "x" * 119 + "…"

    def test_somebody_elses_is_theirs(
        self, make: Factories, organization: Organization, csr: User, manager: User, soft_delete: Delete
    ) -> None:
        note = make.note(make.call(organization, csr=csr), manager)

        with pytest.raises(Forbidden) as refused:
            soft_delete(csr, "call_note", note)

        assert "You can only delete your own records" in refused.value.sentence

    def test_what_a_coach_wrote_does_not_stand_in_the_trash(
        self,
        make: Factories,
        organization: Organization,
        csr: User,
        manager: User,
        soft_delete: Delete,
        batch_of: BatchOf,
    ) -> None:
        note = make.note(make.call(organization, csr=csr), manager, kind="coaching", body="Too slow.")

        assert batch_of(soft_delete(manager, "call_note", note)).root_label == "Coaching note"


def test_what_only_goes_along_is_not_deleted_by_itself(
    make: Factories, organization: Organization, manager: User, app: Flask, stored: Callable[[Any], Any]
) -> None:
    with pytest.raises(ValueError, match="what it belongs to"), at_work(app, organization.id):
        delete(acting(manager), "contact_phone", [make.contact(organization).id])


def test_sessions_of_others_go_on(
    make: Factories, organization: Organization, admin: User, csr: User, client: Client, soft_delete: Delete
) -> None:
    client.sign_in(admin)

    soft_delete(admin, "user", csr)

    assert client.get("/calls").status == 200
