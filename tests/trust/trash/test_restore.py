"""Restoration: exactly what was deleted, whole or in part, with every conflict shown beforehand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.errors import Conflict, NotFound, ValidationFailed
from app.models import DeletionBatch, Organization, Role, User
from app.trust.trash.rules import Choice, Choices
from tests.support.factories import DAY, Factories
from tests.trust.trash.conftest import Delete, Preview, Restore, Stored, Trail, kept

BatchOf = Callable[[UUID], DeletionBatch]


def test_everything_comes_back_as_it_was_and_nothing_that_was_deleted_before(
    make: Factories,
    organization: Organization,
    manager: User,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    stored: Stored,
    batch_of: BatchOf,
    trail: Trail,
) -> None:
    card = make.contact(organization, tags=["vip"], custom_metadata={"gate": None}, version=7)
    earlier, lead, task = (
        make.task(organization, contact_card_id=card.id),
        make.lead(organization, contact=card, stage="dead", closed_at=DAY, version=2),
        make.task(organization, contact_card_id=card.id, description=""),
    )
    soft_delete(manager, "task", earlier)
    before = [kept(stored(row)) for row in (card, lead, task)]
    batch_id = soft_delete(manager, "contact_card", card)

    restored = bring_back(admin, batch_id)

    assert [kept(stored(row)) for row in (card, lead, task)] == before
    assert stored(earlier)["deleted_at"] is not None
    assert restored.left == {}
    batch = batch_of(batch_id)
    assert (batch.restored_by, batch.restored_by_label, batch.restored_at is not None) == (admin.id, "Ada Byrne", True)
    (named,) = trail("deletion.restored")
    assert {row.operation_id for row in trail("task.restored")} == {named.operation_id}


def test_a_part_comes_back_and_the_rest_stays_restorable(
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    stored: Stored,
    batch_of: BatchOf,
) -> None:
    tasks = [make.task(organization) for _ in range(3)]
    batch_id = soft_delete(admin, "task", *tasks)

    assert bring_back(admin, batch_id, only=[tasks[1].id]).left == {"task": 2}
    assert [stored(task)["is_deleted"] for task in tasks] == [True, False, True]
    assert batch_of(batch_id).restored_at is None
    assert bring_back(admin, batch_id).left == {}
    assert [stored(task)["is_deleted"] for task in tasks] == [False, False, False]
    assert batch_of(batch_id).restored_at is not None


def test_a_preview_lists_every_conflict_with_its_choices_and_changes_nothing(
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    preview_restore: Preview,
    stored: Stored,
    trail: Trail,
) -> None:
    people = [make.user(organization, email=f"{name}@blue.example") for name in ("one", "two", "three")]
    batch_id = soft_delete(admin, "user", *people)
    for name in ("ONE", "three"):
        make.user(organization, email=f"{name}@blue.example")
    before = [stored(person) for person in people]

    outcomes = preview_restore(admin, batch_id)

    found = [one.problem for one in outcomes]
    assert [problem and problem.code for problem in found] == ["idx_users_email_org", None, "idx_users_email_org"]
    assert found[0] is not None
    assert found[0].choices == (Choice.RENAME, Choice.SKIP)
    assert str(found[0].sentence) == "Someone here already has this email address."
    assert [stored(person) for person in people] == before
    assert trail("user.restored") == []
    with pytest.raises(Conflict) as refused:
        bring_back(admin, batch_id)
    assert [told["label"] for told in refused.value.extra["conflicts"]] == [people[0].name, people[2].name]
    assert [stored(person) for person in people] == before


def test_conflicts_are_renamed_or_skipped(
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    stored: Stored,
) -> None:
    people = [make.user(organization, email=f"{name}@blue.example") for name in ("one", "two", "three")]
    batch_id = soft_delete(admin, "user", *people)
    for name in ("one", "three"):
        make.user(organization, email=f"{name}@blue.example")
    first, second, third = people

    choices = Choices(skipped=frozenset({third.id}), renamed={first.id: "first@blue.example"})
    restored = bring_back(admin, batch_id, choices=choices)

    assert [stored(person)["is_deleted"] for person in people] == [False, False, True]
    assert (stored(first)["email"], stored(first)["version"]) == ("first@blue.example", 2)
    assert kept(stored(second))["version"] == 1
    assert restored.left == {"user": 1}


def test_a_new_value_that_is_none_is_refused_beside_its_field(
    make: Factories, organization: Organization, admin: User, csr: User, soft_delete: Delete, bring_back: Restore
) -> None:
    batch_id = soft_delete(admin, "user", csr)

    with pytest.raises(ValidationFailed) as refused:
        bring_back(admin, batch_id, choices=Choices(renamed={csr.id: "no address"}))

    assert [error.field for error in refused.value.field_errors] == ["email"]


def test_a_number_that_was_taken_meanwhile_comes_back_as_another_on_the_card_too(
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    preview_restore: Preview,
    stored: Stored,
) -> None:
    card = make.contact(organization, primary_phone="+12125550199")
    batch_id = soft_delete(admin, "contact_card", card)
    make.contact(organization, primary_phone="+12125550199")
    (phone,) = [one for one in preview_restore(admin, batch_id) if one.problem is not None]

    bring_back(admin, batch_id, choices=Choices(renamed={phone.row_id: "+12125550188"}))

    assert phone.resource == "contact_phone"
    assert stored(card)["primary_phone"] == "+12125550188"


class TestParents:
    @pytest.fixture
    def lead_then_card(
        self, make: Factories, organization: Organization, admin: User, soft_delete: Delete
    ) -> tuple[Any, Any, UUID]:
        """A lead and its contact, deleted separately, and the ID of the lead's deletion."""
        card = make.contact(organization)
        lead = make.lead(organization, contact=card)
        batch_id = soft_delete(admin, "lead", lead)
        soft_delete(admin, "contact_card", card)
        return lead, card, batch_id

    def test_without_its_contact_a_lead_does_not_come_back(
        self,
        lead_then_card: tuple[Any, Any, UUID],
        admin: User,
        preview_restore: Preview,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        lead, card, batch_id = lead_then_card

        (outcome,) = preview_restore(admin, batch_id)

        assert outcome.problem is not None
        assert (outcome.problem.code, outcome.problem.parent) == ("parent_deleted", ("contact_card", card.id))
        with pytest.raises(Conflict, match="RESOURCE_CONFLICT"):
            bring_back(admin, batch_id)
        assert stored(lead)["is_deleted"]

    def test_with_its_contact_it_does_and_what_went_with_the_contact_stays(
        self, lead_then_card: tuple[Any, Any, UUID], admin: User, bring_back: Restore, stored: Stored, batch_of: BatchOf
    ) -> None:
        lead, card, batch_id = lead_then_card
        cards_batch = stored(card)["deletion_batch_id"]

        bring_back(admin, batch_id, choices=Choices(with_parent=frozenset({lead.id})))

        assert [stored(row)["is_deleted"] for row in (lead, card)] == [False, False]
        assert batch_of(batch_id).restored_at is not None
        assert batch_of(cards_batch).restored_at is None  # its number is still in the trash
        assert bring_back(admin, cards_batch).left == {}

    def test_a_manager_does_not_bring_back_somebody_elses_contact_by_the_way(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        manager: User,
        soft_delete: Delete,
        bring_back: Restore,
    ) -> None:
        card = make.contact(organization)
        lead = make.lead(organization, contact=card)
        batch_id = soft_delete(manager, "lead", lead)
        soft_delete(admin, "contact_card", card)

        with pytest.raises(NotFound):
            bring_back(manager, batch_id, choices=Choices(with_parent=frozenset({lead.id})))

    def test_what_is_in_conflict_itself_stays_where_the_rest_may_stay_and_the_record_does_without_it(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        preview_restore: Preview,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        rep = make.user(organization, Role.SALES_REP)
        visit = make.appointment(organization, sales_rep_id=rep.id)
        recording = make.recording(visit, rep)
        batch_id = soft_delete(admin, "recording_session", recording)
        soft_delete(admin, "appointment", visit)
        make.appointment(organization, sales_rep_id=rep.id)  # at the same time
        chosen = Choices(parents=frozenset({visit.id}))

        assert [one.is_conflict for one in preview_restore(admin, batch_id, choices=chosen)] == [False, True]
        with pytest.raises(Conflict):
            bring_back(admin, batch_id, choices=chosen)
        assert bring_back(admin, batch_id, choices=replace(chosen, skips_the_rest=True)).left == {}
        assert [stored(row)["is_deleted"] for row in (recording, visit)] == [False, True]

    def test_a_part_brings_its_contact_along_from_the_same_deletion(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        card = make.contact(organization)
        task = make.task(organization, contact_card_id=card.id)
        batch_id = soft_delete(admin, "contact_card", card)

        restored = bring_back(admin, batch_id, only=[task.id], choices=Choices(with_parent=frozenset({task.id})))

        assert [stored(row)["is_deleted"] for row in (task, card)] == [False, False]
        assert restored.left == {"contact_phone": 1}


def test_what_is_back_is_not_brought_back_again(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete, bring_back: Restore
) -> None:
    batch_id = soft_delete(admin, "task", make.task(organization))
    bring_back(admin, batch_id)

    with pytest.raises(Conflict) as refused:
        bring_back(admin, batch_id)

    assert refused.value.sentence == "This was already restored."


def test_a_row_of_another_deletion_is_not_part_of_this_one(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete, bring_back: Restore
) -> None:
    one, other = make.task(organization), make.task(organization)
    batch_id = soft_delete(admin, "task", one)
    soft_delete(admin, "task", other)

    with pytest.raises(NotFound):
        bring_back(admin, batch_id, only=[one.id, other.id])
