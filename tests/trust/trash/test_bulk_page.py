"""Restoring and purging several deletions at the same time: each refusal is reported."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Conflict
from app.models import Language, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.trust.trash import background_service, bulk_service, queries
from app.trust.trash.purge_service import purge_due
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import at_work
from tests.trust.trash.conftest import Delete, Restore, Stored, Trail


def told(page: Page) -> str:
    """Return the texts of the toasts."""
    return " ".join(text_of(one) for one in page.all(".//*[@data-toast]"))


def ticks(*ids: UUID) -> str:
    """Return the query string that selects these deletions."""
    return "&".join(f"row={batch_id}" for batch_id in ids)


def few_at_once(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Limit the number of rows that a request can restore or purge."""
    monkeypatch.setattr(bulk_service, "MAX_IN_A_REQUEST", rows)
    monkeypatch.setattr(background_service, "MAX_IN_A_REQUEST", rows)


@pytest.fixture
def hold(admin_engine: Engine, organization: Organization) -> Callable[[], None]:
    """Function that sets a legal hold on the organization."""

    def run() -> None:
        with admin_engine.begin() as connection:
            connection.execute(
                text("UPDATE organizations SET legal_hold = true, legal_hold_reason = 'Case 12-345' WHERE id = :id"),
                {"id": organization.id},
            )

    return run


class TestRestoring:
    def test_those_without_a_conflict_come_back_and_the_others_are_told_with_the_way_to_decide(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        person = make.user(organization, name="Kyle Brandt", email="kyle@blue.example")
        taken = soft_delete(admin, "user", person)
        make.user(organization, email="kyle@blue.example")
        tasks = [make.task(organization) for _ in range(2)]
        good = [soft_delete(admin, "task", task) for task in tasks]
        client.sign_in(admin)

        page = client.get(f"/trash/restore?{ticks(taken, *good)}")

        assert "Restore 2 deletions" in page.text
        assert page.links["Resolve…"] == f"/trash/{taken}/restore"
        assert all(stored(task)["is_deleted"] for task in tasks)

        done = client.post("/trash/restore", {"row": [str(one) for one in (taken, *good)]})

        left = client.follow(done)
        assert "2 deletions were restored." in told(left)
        assert "Someone here already has this email address." in left.text
        assert not any(stored(task)["is_deleted"] for task in tasks)
        assert stored(person)["is_deleted"]

    def test_a_contact_comes_before_its_lead_whatever_was_ticked_first(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        card = make.contact(organization)
        lead = make.lead(organization, contact=card)
        batches = [soft_delete(admin, "lead", lead), soft_delete(admin, "contact_card", card)]
        client.sign_in(admin)

        done = client.post("/trash/restore", {"row": [str(one) for one in batches]})

        assert done.headers["Location"] == "/trash"
        assert [stored(row)["is_deleted"] for row in (lead, card)] == [False, False]

    def test_what_somebody_else_has_restored_meanwhile_is_told(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        bring_back: Restore,
    ) -> None:
        batch_id = soft_delete(admin, "task", make.task(organization))
        bring_back(admin, batch_id)
        client.sign_in(admin)

        page = client.follow(client.post("/trash/restore", {"row": str(batch_id)}))

        assert "Nothing was changed." in told(page)
        assert "This was already restored." in page.text

    def test_more_rows_than_a_request_restores_are_the_workers(
        self,
        app: Flask,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        few_at_once(monkeypatch, 3)
        tasks = [make.task(organization) for _ in range(4)]
        batches = [soft_delete(admin, "task", *tasks[:2]), soft_delete(admin, "task", *tasks[2:])]
        client.sign_in(admin)

        page = client.follow(client.post("/trash/restore", {"row": [str(one) for one in batches]}))

        assert "1 large item is still being processed in the background." in told(page)
        assert [stored(task)["is_deleted"] for task in tasks] == [False, False, True, True]
        run_worker(app, schedule=(), until_idle=True)
        assert not any(stored(task)["is_deleted"] for task in tasks)

    @pytest.mark.parametrize("page", ["restore", "purge"])
    def test_without_a_tick_there_is_nothing_to_do(self, client: Client, owner: User, page: str) -> None:
        client.sign_in(owner)

        assert "Select at least one row first." in told(client.follow(client.get(f"/trash/{page}", status=303)))
        client.post(f"/trash/{page}", {"word": "delete"}, status=400)
        client.post(f"/trash/{page}", {"row": "x", "word": "delete"}, status=400)
        client.get(f"/trash/{page}?row={owner.id}", status=404)


class TestRemoving:
    def test_an_owner_removes_for_good_with_the_word(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        owner: User,
        soft_delete: Delete,
        stored: Stored,
        trail: Trail,
    ) -> None:
        tasks = [make.task(organization, title=f"Task {number}") for number in range(3)]
        batches = [soft_delete(owner, "task", task) for task in tasks]
        client.sign_in(owner)
        page = client.get(f"/trash/purge?{ticks(*batches[:2])}")
        assert "Type “delete” to confirm." in page.text
        assert "Permanently delete 2 items" in page.text
        rows = [str(one) for one in batches[:2]]

        wrong = client.post("/trash/purge", {"row": rows, "word": "remove"}, status=400)

        assert "That isn’t the word. Type “delete”." in wrong.text
        assert len(wrong.all(".//form//input[@name='row']")) == 2
        assert all(stored(task)["is_deleted"] for task in tasks)

        done = client.post("/trash/purge", {"row": rows, "word": " Delete "})

        assert "2 items were permanently deleted." in told(client.follow(done))
        assert [stored(task) == {} for task in tasks] == [True, True, False]
        assert [entry.user_id for entry in trail("deletion.purged")] == [owner.id, owner.id]

    def test_the_word_is_the_one_of_the_readers_language(
        self, client: Client, make: Factories, organization: Organization, soft_delete: Delete, stored: Stored
    ) -> None:
        owner = make.user(organization, Role.OWNER, language=Language.RUSSIAN)
        task = make.task(organization)
        batch_id = soft_delete(owner, "task", task)
        client.sign_in(owner)
        page = client.get(f"/trash/purge?{ticks(batch_id)}")
        shown = text_of(page.one(".//p[@id='word-hint']"))
        word = shown.split("«")[-1].split("“")[-1].split("»")[0].split("”")[0]

        client.post("/trash/purge", {"row": str(batch_id), "word": word})

        assert stored(task) == {}

    def test_nothing_is_removed_while_the_data_is_held(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        owner: User,
        soft_delete: Delete,
        stored: Stored,
        hold: Callable[[], None],
    ) -> None:
        task = make.task(organization)
        batch_id = soft_delete(owner, "task", task)
        hold()
        client.sign_in(owner)

        page = client.get(f"/trash/purge?{ticks(batch_id)}")

        assert "Case 12-345" in page.text
        assert page.all(".//form[@action='/trash/purge']") == []
        assert "On hold" in client.get("/trash").text
        refused = client.follow(client.post("/trash/purge", {"row": str(batch_id), "word": "delete"}))
        assert "Nothing was changed." in told(refused)
        assert stored(task)["is_deleted"]

    def test_what_others_still_refer_to_is_explained_and_stays(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        owner: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        card = make.contact(organization)
        lead = make.lead(organization, contact=card)
        leads_batch = soft_delete(owner, "lead", lead)
        cards_batch = soft_delete(owner, "contact_card", card)
        client.sign_in(owner)

        page = client.get(f"/trash/purge?{ticks(cards_batch)}")

        assert "This can’t be permanently deleted yet because other records refer to it: Leads." in page.text
        # Both together can go, the lead first.
        client.post("/trash/purge", {"row": [str(cards_batch), str(leads_batch)], "word": "delete"})
        assert [stored(card), stored(lead)] == [{}, {}]

    def test_many_rows_are_removed_by_the_worker(
        self,
        app: Flask,
        client: Client,
        make: Factories,
        organization: Organization,
        owner: User,
        soft_delete: Delete,
        stored: Stored,
        trail: Trail,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        few_at_once(monkeypatch, 2)
        tasks = [make.task(organization) for _ in range(3)]
        kept = make.task(organization)
        batch_id = soft_delete(owner, "task", *tasks)
        soft_delete(owner, "task", kept)
        client.sign_in(owner)

        page = client.follow(client.post("/trash/purge", {"row": str(batch_id), "word": "delete"}))

        assert "1 large item is still being processed in the background." in told(page)
        assert all(stored(task)["is_deleted"] for task in tasks)
        run_worker(app, schedule=(), until_idle=True)
        assert [stored(task) for task in tasks] == [{}, {}, {}]
        assert stored(kept)["is_deleted"]
        assert [entry.user_id for entry in trail("deletion.purged")] == [owner.id]

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.SUPPORT])
    def test_nobody_but_an_owner_removes_anything(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        role: Role,
        soft_delete: Delete,
        stored: Stored,
        manager: User,
    ) -> None:
        task = make.task(organization)
        batch_id = soft_delete(manager, "task", task)
        client.sign_in(make.user(organization, role))

        client.get(f"/trash/purge?{ticks(batch_id)}", status=403)
        client.post("/trash/purge", {"row": str(batch_id), "word": "delete"}, status=403)

        assert stored(task)["is_deleted"]


def test_a_hold_that_comes_in_the_night_ends_the_purge_and_what_is_gone_stays_gone(
    app: Flask,
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    hold: Callable[[], None],
    stored: Stored,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tasks = [make.task(organization) for _ in range(3)]
    batches = [soft_delete(admin, "task", task) for task in tasks]
    expire()

    def due(_organization_id: UUID) -> Iterator[UUID]:
        yield batches[0]
        hold()
        yield from batches[1:]

    monkeypatch.setattr(queries, "due", due)
    with pytest.raises(Conflict, match="Case 12-345"), at_work(app, organization.id):
        purge_due(organization.id)

    assert [stored(task) == {} for task in tasks] == [True, False, False]
