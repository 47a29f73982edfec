"""Optional parents that are also in the trash: a restore offers them, but works without them."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Conflict
from app.models import Organization, Role, User
from app.trust.trash.purge_service import purge_batch
from app.trust.trash.queries import get_batch_of_organization
from app.trust.trash.restore_service import restore
from app.trust.trash.rules import Choices
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import Page, text_of
from tests.support.work import both_at_once
from tests.trust.trash.conftest import BatchOf, Delete, Pair, Preview, Restore, Stored, Trail, gone
from tests.trust.trash.test_restore_page import NewClient, conflicts, form_of, told


def boxes(page: Page) -> dict[str, bool]:
    """Return the IDs of the offered parents, and whether their checkboxes are selected."""
    found = page.all(".//input[@type='checkbox'][@name='parent']")
    return {box.get("value", ""): box.get("checked") is not None for box in found}


class TestPage:
    def test_it_is_offered_ticked_and_comes_back_as_well(
        self, client: Client, admin: User, pair: Pair, stored: Stored, batch_of: BatchOf, trail: Trail
    ) -> None:
        client.sign_in(admin)

        page = client.get(f"/trash/{pair.visits}/restore")
        assert boxes(page) == {str(pair.lead.id): True}
        assert conflicts(page) == []
        assert "Lead: Hollis Park" in page.text
        assert "Deleted by Ada Byrne" in page.text
        done = client.post(f"/trash/{pair.visits}/restore", {**form_of(page, pair.visits), "step": "restore"})

        assert "Restored: 2 items." in told(client.follow(done))
        assert gone(stored, pair.visit, pair.lead) == [False, False]
        assert stored(pair.visit)["lead_id"] == pair.lead.id
        assert batch_of(pair.leads).restored_at is not None
        assert {entry.resource_id for entry in trail("deletion.restored")} == {pair.visits, pair.leads}

    def test_unticked_it_stays_and_the_record_keeps_its_reference(
        self, client: Client, admin: User, pair: Pair, stored: Stored, batch_of: BatchOf
    ) -> None:
        client.sign_in(admin)
        form = form_of(client.get(f"/trash/{pair.visits}/restore"), pair.visits)

        client.post(f"/trash/{pair.visits}/restore", {**form, "parent": "x"}, status=400)
        del form["parent"]
        looked = client.post(f"/trash/{pair.visits}/restore", {**form, "step": "look"}, status=200)
        assert boxes(looked) == {str(pair.lead.id): False}
        client.post(f"/trash/{pair.visits}/restore", {**form, "step": "restore"})

        assert gone(stored, pair.visit, pair.lead) == [False, True]
        assert stored(pair.visit)["lead_id"] == pair.lead.id
        assert batch_of(pair.leads).restored_at is None

    def test_who_may_not_restore_it_reads_whose_it_is_and_restores_without_it(
        self, client: Client, manager: User, pair: Pair, stored: Stored
    ) -> None:
        client.sign_in(manager)

        page = client.get(f"/trash/{pair.visits}/restore")
        assert boxes(page) == {}
        stays = text_of(page.one(f".//*[@data-stays='{pair.lead.id}']"))
        assert "Stays in the trash" in stays
        assert "You can only restore what you deleted. Ask an admin. Deleted by Ada Byrne" in stays
        assert "Hollis" not in stays
        done = client.post(f"/trash/{pair.visits}/restore", {**form_of(page, pair.visits), "step": "restore"})

        assert "Restored: 1 item." in told(client.follow(done))
        assert gone(stored, pair.visit, pair.lead) == [False, True]

    def test_nobody_brings_back_what_was_not_offered(
        self, client: Client, manager: User, pair: Pair, stored: Stored
    ) -> None:
        client.sign_in(manager)
        form = form_of(client.get(f"/trash/{pair.visits}/restore"), pair.visits)

        forged = {**form, "parent": str(pair.lead.id), "step": "restore"}
        page = client.post(f"/trash/{pair.visits}/restore", forged, status=409)

        assert gone(stored, pair.visit, pair.lead) == [True, True]
        assert boxes(page) == {}
        assert page.all(f".//*[@data-stays='{pair.lead.id}']")

    def test_a_lead_that_cannot_come_back_is_no_conflict_of_the_visit(
        self, client: Client, make: Factories, organization: Organization, admin: User, pair: Pair, stored: Stored
    ) -> None:
        client.sign_in(admin)
        before = form_of(client.get(f"/trash/{pair.visits}/restore"), pair.visits)
        make.lead(organization, contact_card_id=pair.lead.contact_card_id)  # a contact has only one open lead

        # The preview included the lead, so the restore doesn't silently go on without it.
        page = client.post(f"/trash/{pair.visits}/restore", {**before, "step": "restore"}, status=409)
        assert gone(stored, pair.visit, pair.lead) == [True, True]
        assert (boxes(page), conflicts(page)) == ({}, [])
        client.post(f"/trash/{pair.visits}/restore", {**form_of(page, pair.visits), "step": "restore"})

        assert gone(stored, pair.visit, pair.lead) == [False, True]

    def test_a_part_is_offered_what_else_went_with_it(
        self,
        client: Client,
        admin: User,
        stored: Stored,
        pair: Pair,
        admin_engine: Engine,
    ) -> None:
        """A partial restore offers the lead of the appointment, which was deleted together with it.

        The restore of the whole deletion offers nothing, since the lead is part of it.
        """
        one_deletion = "UPDATE leads SET deletion_batch_id = :batch WHERE id = :id"
        counts = "UPDATE deletion_batches SET counts = counts || '{\"lead\": 1}' WHERE id = :batch"
        with admin_engine.begin() as connection:
            connection.execute(text(one_deletion), {"batch": pair.visits, "id": pair.lead.id})
            connection.execute(text(counts), {"batch": pair.visits})
        client.sign_in(admin)

        assert boxes(client.get(f"/trash/{pair.visits}/restore")) == {}
        page = client.get(f"/trash/{pair.visits}/restore?row={pair.visit.id}")
        assert boxes(page) == {str(pair.lead.id): True}
        client.post(f"/trash/{pair.visits}/restore", {**form_of(page, pair.visits), "step": "restore"})

        assert gone(stored, pair.visit, pair.lead) == [False, False]


@pytest.mark.parametrize("at_work", ["restoring_at", "deleting_at"])
def test_what_the_worker_is_at_stays_for_now(
    admin: User,
    pair: Pair,
    preview_restore: Preview,
    bring_back: Restore,
    stored: Stored,
    admin_engine: Engine,
    at_work: str,
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(
            text(f"UPDATE deletion_batches SET {at_work} = now() WHERE id = :id"),
            {"id": pair.leads},
        )

    (_visit, left) = preview_restore(admin, pair.visits, choices=Choices(parents=None))

    assert left.problem is not None
    assert "in the background. Wait until it finishes." in str(left.problem.sentence)
    bring_back(admin, pair.visits, choices=Choices(parents=None))
    assert gone(stored, pair.visit, pair.lead) == [False, True]


class TestChain:
    """A task, its appointment, and their lead and contact, each deleted separately."""

    @pytest.fixture
    def chain(
        self, make: Factories, organization: Organization, admin: User, soft_delete: Delete
    ) -> tuple[list[Any], UUID]:
        card = make.contact(organization, first_name="Hollis", last_name="Park")
        lead = make.lead(organization, contact=card)
        visit = make.appointment(organization, contact=card, lead_id=lead.id)
        task = make.task(organization, appointment_id=visit.id)
        batch_id = soft_delete(admin, "task", task)
        for resource, row in (("appointment", visit), ("lead", lead), ("contact_card", card)):
            soft_delete(admin, resource, row)
        return [task, visit, lead, card], batch_id

    def test_all_of_it_is_offered_with_what_it_needs(
        self, client: Client, admin: User, chain: tuple[list[Any], UUID], stored: Stored
    ) -> None:
        (task, visit, lead, card), batch_id = chain
        client.sign_in(admin)

        page = client.get(f"/trash/{batch_id}/restore")

        assert boxes(page) == {str(visit.id): True, str(lead.id): True}
        assert "This also restores Contact “Hollis Park”." in page.text
        assert "Restore 1 item" in page.text
        client.post(f"/trash/{batch_id}/restore", {**form_of(page, batch_id), "parent": [], "step": "restore"})
        assert gone(stored, task, visit, lead, card) == [False, True, True, True]

    def test_what_comes_back_anyway_is_not_told_as_beside_it(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        preview_restore: Preview,
    ) -> None:
        """A preview doesn't report records of the same deletion as additionally restored.

        The contact's deletion includes a task about an appointment, which was deleted before and needs the contact.
        """
        visit = make.appointment(organization, contact=(card := make.contact(organization)))
        task = make.task(organization, contact_card_id=card.id, appointment_id=visit.id)
        soft_delete(admin, "appointment", visit)

        outcomes = preview_restore(admin, soft_delete(admin, "contact_card", card), choices=Choices(parents=None))

        beside = {one.row_id for one in outcomes if one.as_well is not None}
        assert ({card.id, task.id} & beside, visit.id in beside) == (set(), True)
        assert not any(one.problem for one in outcomes)

    def test_ticked_all_of_it_comes_back(
        self, admin: User, chain: tuple[list[Any], UUID], bring_back: Restore, stored: Stored
    ) -> None:
        rows, batch_id = chain

        bring_back(admin, batch_id, choices=Choices(parents=None))

        assert gone(stored, *rows) == [False] * 4

    def test_what_needs_something_of_somebody_elses_stays(
        self,
        make: Factories,
        organization: Organization,
        manager: User,
        admin: User,
        soft_delete: Delete,
        preview_restore: Preview,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        card = make.contact(organization)
        visit = make.appointment(organization, contact=card)
        task = make.task(organization, appointment_id=visit.id)
        batch_id = soft_delete(manager, "task", task)
        soft_delete(manager, "appointment", visit)
        soft_delete(admin, "contact_card", card)

        (_task, left) = preview_restore(manager, batch_id, choices=Choices(parents=None))
        assert left.as_well is not None
        assert (left.row_id, left.as_well.is_left, left.as_well.deleted_by) == (visit.id, True, "Ada Byrne")
        assert bring_back(manager, batch_id, choices=Choices(parents=None)).left == {}

        assert gone(stored, task, visit, card) == [False, True, True]


def test_what_is_left_brings_nothing_back_that_only_it_needs(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete, bring_back: Restore, stored: Stored
) -> None:
    rep = make.user(organization, Role.SALES_REP)
    card = make.contact(organization)
    visit = make.appointment(organization, contact=card, sales_rep_id=rep.id)
    recording = make.recording(visit, rep)
    batch_id = soft_delete(admin, "recording_session", recording)
    soft_delete(admin, "appointment", visit)
    soft_delete(admin, "contact_card", card)
    make.appointment(organization, sales_rep_id=rep.id)  # at the same time

    restored = bring_back(admin, batch_id, choices=Choices(parents=None))

    assert gone(stored, recording, visit, card) == [False, True, True]
    assert [one.row_id for one in restored.without] == [visit.id]


def test_undo_restores_what_it_deleted_and_asks_nothing(
    client: Client, admin: User, pair: Pair, stored: Stored
) -> None:
    client.sign_in(admin).post(f"/trash/{pair.visits}/undo")

    assert gone(stored, pair.visit, pair.lead) == [False, True]


class TestMeanwhile:
    """Leads that are restored or purged between the preview and the restore."""

    @pytest.fixture
    def looked(self, client: Client, admin: User, pair: Pair) -> dict[str, str]:
        client.sign_in(admin)
        page = client.get(f"/trash/{pair.visits}/restore")
        return {**form_of(page, pair.visits), "step": "restore"}

    def test_restored_it_is_there(
        self, client: Client, admin: User, pair: Pair, looked: dict[str, str], bring_back: Restore, stored: Stored
    ) -> None:
        bring_back(admin, pair.leads)

        client.post(f"/trash/{pair.visits}/restore", looked)

        assert gone(stored, pair.visit, pair.lead) == [False, False]
        assert stored(pair.visit)["lead_id"] == pair.lead.id

    def test_removed_the_record_comes_back_without_it(
        self,
        client: Client,
        new_client: NewClient,
        make: Factories,
        organization: Organization,
        pair: Pair,
        looked: dict[str, str],
        stored: Stored,
    ) -> None:
        owner = make.user(organization, Role.OWNER)
        new_client().sign_in(owner).post("/trash/purge", {"row": str(pair.leads), "word": "delete"})

        client.post(f"/trash/{pair.visits}/restore", looked)

        assert stored(pair.lead) == {}
        assert (stored(pair.visit)["is_deleted"], stored(pair.visit)["lead_id"]) == (False, None)

    def test_at_the_same_moment_nothing_is_lost(
        self, app: Flask, organization: Organization, admin: User, pair: Pair, stored: Stored
    ) -> None:
        both = partial(restore, acting(admin), pair.visits, choices=Choices(parents=None))
        alone: Callable[[], Any] = partial(restore, acting(admin), pair.leads)

        refused = both_at_once(app, organization.id, both, alone)

        assert all(isinstance(error, Conflict) for error in refused)
        assert gone(stored, pair.visit, pair.lead) == [False, False]

    def test_beside_a_purge_the_visit_comes_back(
        self, app: Flask, organization: Organization, admin: User, pair: Pair, stored: Stored
    ) -> None:
        both = partial(restore, acting(admin), pair.visits, choices=Choices(parents=None))

        both_at_once(
            app,
            organization.id,
            both,
            lambda: purge_batch(get_batch_of_organization(organization.id, pair.leads)),
        )

        assert not stored(pair.visit)["is_deleted"]
        left = stored(pair.lead)
        assert not left or not left["is_deleted"]
