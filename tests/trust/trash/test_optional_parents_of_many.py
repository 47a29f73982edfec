"""Optional parents in restores of several deletions, and in restores that the worker performs."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from app.models import Organization, User
from app.trust.trash import bulk_service
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.trash.conftest import BatchOf, Delete, Pair, Stored, Trail, gone
from tests.trust.trash.test_bulk_page import ticks

ALL = {"parent": "all"}


class TestSeveral:
    def test_what_comes_back_as_well_is_told_and_does(
        self, client: Client, make: Factories, organization: Organization, admin: User, pair: Pair, stored: Stored
    ) -> None:
        client.sign_in(admin)

        page = client.get(f"/trash/restore?{ticks(pair.visits)}")
        assert "Will also be restored: Lead “Hollis Park”" in page.text
        form = page.fields("/trash/restore", "post")
        assert form["parent"] == "all"
        client.post("/trash/restore", form)

        assert gone(stored, pair.visit, pair.lead) == [False, False]

    def test_unticked_it_stays(self, client: Client, admin: User, pair: Pair, stored: Stored) -> None:
        client.sign_in(admin).post("/trash/restore", {"row": str(pair.visits)})

        assert gone(stored, pair.visit, pair.lead) == [False, True]

    def test_who_may_not_reads_whose_it_is(self, client: Client, manager: User, pair: Pair, stored: Stored) -> None:
        client.sign_in(manager)

        page = client.get(f"/trash/restore?{ticks(pair.visits)}")
        assert "Won’t be restored: Lead, deleted by Ada Byrne." in page.text
        assert "parent" not in page.fields("/trash/restore", "post")
        client.post("/trash/restore", {"row": str(pair.visits), **ALL})

        assert gone(stored, pair.visit, pair.lead) == [False, True]

    def test_a_deletion_that_another_brings_back_is_no_refusal(
        self, client: Client, make: Factories, organization: Organization, admin: User, soft_delete: Delete
    ) -> None:
        """A deletion that was already restored along with another one counts as restored.

        The contact is restored first, together with the appointment of its task, which was deleted separately.
        """
        card = make.contact(organization)
        visit = make.appointment(organization)
        make.task(organization, contact_card_id=card.id, appointment_id=visit.id)
        batches = [soft_delete(admin, "appointment", visit), soft_delete(admin, "contact_card", card)]

        done = client.sign_in(admin).post("/trash/restore", {"row": [str(one) for one in batches], **ALL})

        assert done.headers["Location"] == "/trash"
        assert "2 deletions were restored." in client.follow(done).text


@pytest.mark.usefixtures("few_at_once")
class TestMany:
    @pytest.fixture
    def visits(self, make: Factories, organization: Organization) -> list[Any]:
        """Two appointments to which tasks refer, and an unrelated one."""
        return [make.appointment(organization) for _ in range(3)]

    @pytest.fixture
    def tasks(self, make: Factories, organization: Organization, visits: Sequence[Any]) -> list[Any]:
        """More tasks than a request can restore, of which the first and the last refer to appointments."""
        about = [visits[0].id, None, None, None, visits[1].id]
        return [make.task(organization, appointment_id=visit_id) for visit_id in about]

    @pytest.fixture
    def batches(self, admin: User, soft_delete: Delete, tasks: Sequence[Any], visits: Sequence[Any]) -> list[UUID]:
        return [soft_delete(admin, "task", *tasks), soft_delete(admin, "appointment", *visits)]

    def test_all_portions_bring_back_what_is_offered_by_one_box(
        self,
        client: Client,
        admin: User,
        batches: list[UUID],
        tasks: Sequence[Any],
        visits: Sequence[Any],
        work: Callable[[], None],
        stored: Stored,
        batch_of: BatchOf,
        trail: Trail,
    ) -> None:
        client.sign_in(admin)

        page = client.get(f"/trash/{batches[0]}/restore")
        assert "Also restore related records: 2 appointments" in page.text
        client.post(f"/trash/{batches[0]}/restore-all", page.fields(f"/trash/{batches[0]}/restore-all", "post"))
        work()

        assert gone(stored, *tasks) == [False] * 5
        assert gone(stored, *visits) == [False, False, True]
        assert batch_of(batches[1]).restored_at is None
        parts = [entry.details["counts"] for entry in trail("deletion.partly_restored")]
        assert parts == [{"appointment": 1}, {"appointment": 1}]

    def test_without_the_box_they_stay(
        self,
        client: Client,
        admin: User,
        batches: list[UUID],
        tasks: Sequence[Any],
        visits: Sequence[Any],
        work: Callable[[], None],
        stored: Stored,
    ) -> None:
        client.sign_in(admin).post(f"/trash/{batches[0]}/restore-all")
        work()

        assert (gone(stored, *tasks), gone(stored, *visits)) == ([False] * 5, [True] * 3)

    def test_undo_of_many_leaves_them(
        self,
        client: Client,
        admin: User,
        batches: list[UUID],
        tasks: Sequence[Any],
        visits: Sequence[Any],
        work: Callable[[], None],
        stored: Stored,
    ) -> None:
        client.sign_in(admin).post(f"/trash/{batches[0]}/undo")
        work()

        assert (gone(stored, *tasks), gone(stored, *visits)) == ([False] * 5, [True] * 3)

    def test_whose_may_not_be_restored_is_named(
        self,
        client: Client,
        manager: User,
        admin: User,
        tasks: Sequence[Any],
        visits: Sequence[Any],
        soft_delete: Delete,
        work: Callable[[], None],
        stored: Stored,
    ) -> None:
        batch_id = soft_delete(manager, "task", *tasks)
        soft_delete(admin, "appointment", visits[0])
        soft_delete(manager, "appointment", visits[1])
        client.sign_in(manager)

        page = client.get(f"/trash/{batch_id}/restore")
        assert "Also restore related records: 1 appointment" in page.text
        assert "Will stay in the trash: 1 appointment, deleted by Ada Byrne." in page.text
        client.post(f"/trash/{batch_id}/restore-all", ALL)
        work()

        assert (gone(stored, *tasks), gone(stored, *visits)) == ([False] * 5, [True, False, False])

    def test_of_several_deletions_one_of_many_rows_has_the_box_too(
        self,
        client: Client,
        admin: User,
        batches: list[UUID],
        visits: Sequence[Any],
        work: Callable[[], None],
        stored: Stored,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(bulk_service, "MAX_IN_A_REQUEST", 3)
        client.sign_in(admin)

        page = client.get(f"/trash/restore?{ticks(batches[0])}")
        client.post("/trash/restore", page.fields("/trash/restore", "post"))
        work()

        assert gone(stored, *visits) == [False, False, True]
