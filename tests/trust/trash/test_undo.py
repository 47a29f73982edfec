"""Undo right after a deletion: on every page that deletes, with and without JavaScript."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.models import Call, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.trust.trash.conftest import Delete, Stored

MakeRow = Callable[[Factories, Organization], Any]

LISTS: dict[str, tuple[MakeRow, str]] = {
    "tasks": (lambda make, organization: make.task(organization), "Task deleted."),
    "leads": (lambda make, organization: make.lead(organization), "Lead deleted."),
    "appointments": (lambda make, organization: make.appointment(organization), "Appointment deleted."),
}


def undo_of(page: Page) -> str:
    """Return the URL of Undo in the page's toast."""
    return page.one(".//*[@data-toast]//form").get("action", "")


@pytest.fixture
def age(admin_engine: Engine) -> Callable[[UUID, str], None]:
    """Function that backdates a deletion: `age(batch_id, "16 minutes")`."""

    def run(batch_id: UUID, ago: str) -> None:
        with admin_engine.begin() as connection:
            connection.execute(
                text("UPDATE deletion_batches SET created_at = now() - CAST(:ago AS interval) WHERE id = :id"),
                {"ago": ago, "id": batch_id},
            )

    return run


@pytest.mark.parametrize("name", LISTS)
def test_a_row_deleted_from_its_list_is_back_after_undo(
    client: Client, make: Factories, organization: Organization, manager: User, stored: Stored, name: str
) -> None:
    make_row, done = LISTS[name]
    row, action = make_row(make, organization), f"/{name}"
    client.sign_in(manager)
    form = client.get(f"{action}?sort=-startTime" if name == "appointments" else action).fields(
        f"/{name}/{row.id}/delete"
    )

    page = client.follow(client.post(f"/{name}/{row.id}/delete", form))

    assert done in page.text
    assert f"/{name}/{row.id}/delete" not in page.html
    assert stored(row)["is_deleted"]
    back = client.post(undo_of(page), headers={"Referer": f"http://localhost/{name}?sort=x"})
    assert back.headers["Location"].endswith(f"/{name}?sort=x")
    assert not stored(row)["is_deleted"]
    assert (
        f"/{name}/{row.id}/delete"
        in client.get(f"/{name}?sort=-startTime" if name == "appointments" else f"/{name}").html
    )


@pytest.mark.parametrize("name", LISTS)
def test_who_may_not_delete_sees_no_button(
    client: Client, make: Factories, organization: Organization, csr: User, name: str
) -> None:
    make_row, _ = LISTS[name]
    row = make_row(make, organization)
    client.sign_in(csr)

    assert "/delete" not in client.get(f"/{name}?sort=-startTime" if name == "appointments" else f"/{name}").html
    client.post(f"/{name}/{row.id}/delete", status=403)


def test_a_stale_button_deletes_nothing_and_says_so_on_the_list(
    client: Client, make: Factories, organization: Organization, manager: User, stored: Stored
) -> None:
    task = make.task(organization, version=2)

    page = client.follow(client.sign_in(manager).post(f"/tasks/{task.id}/delete", {"version": "1"}))

    assert "Not deleted: someone changed this after you opened it." in page.text
    assert page.heading == "Tasks"
    assert not stored(task)["is_deleted"]


def test_a_version_that_is_none_is_refused(
    client: Client, make: Factories, organization: Organization, manager: User, stored: Stored
) -> None:
    task = make.task(organization)

    client.sign_in(manager).post(f"/tasks/{task.id}/delete", {"version": "first"}, status=400)

    assert not stored(task)["is_deleted"]


def test_who_prefers_json_gets_the_refusal_itself(
    client: Client, make: Factories, organization: Organization, manager: User
) -> None:
    task = make.task(organization, version=2)
    json = {"Accept": "application/json"}

    page = client.sign_in(manager).post(f"/tasks/{task.id}/delete", {"version": "1"}, status=409, headers=json)

    assert page.json["error"]["code"] == "VERSION_CONFLICT"


class TestNotes:
    @pytest.fixture
    def call(self, make: Factories, organization: Organization, csr: User) -> Call:
        return make.call(organization, csr=csr)

    def test_a_csr_deletes_their_note_and_takes_that_back(
        self, client: Client, make: Factories, csr: User, call: Call, stored: Stored
    ) -> None:
        note = make.note(call, csr, body="Has a gas line.")
        address = f"/calls/{call.id}/notes/{note.id}/delete"
        client.sign_in(csr)
        form = client.get(f"/calls/{call.id}").fields(address)

        page = client.follow(client.post(address, form))

        assert "Note deleted." in page.text
        assert "Has a gas line." not in page.text
        client.post(undo_of(page))
        assert "Has a gas line." in client.get(f"/calls/{call.id}").text
        assert stored(note)["version"] == 1

    def test_htmx_gets_the_notes_without_it_and_a_toast_with_undo(
        self, client: Client, make: Factories, csr: User, call: Call
    ) -> None:
        note = make.note(call, csr, body="Has a gas line.")

        page = client.sign_in(csr).post(f"/calls/{call.id}/notes/{note.id}/delete", status=200, headers=HTMX)

        assert not page.is_whole
        assert "Has a gas line." not in text_of(page.one(".//*[@id='call-timeline']"))
        assert "Note deleted." in text_of(page.one(".//*[@data-toast]"))
        assert undo_of(page).endswith("/undo")

    def test_a_colleagues_note_has_no_button_and_stays(
        self, client: Client, make: Factories, manager: User, csr: User, call: Call, stored: Stored
    ) -> None:
        note = make.note(call, manager)
        client.sign_in(csr)

        assert "/delete" not in client.get(f"/calls/{call.id}").html
        client.post(f"/calls/{call.id}/notes/{note.id}/delete", status=403)
        assert not stored(note)["is_deleted"]

    def test_a_manager_deletes_anybodys(
        self, client: Client, make: Factories, manager: User, csr: User, call: Call, stored: Stored
    ) -> None:
        note = make.note(call, csr)

        client.sign_in(manager).post(f"/calls/{call.id}/notes/{note.id}/delete")

        assert stored(note)["is_deleted"]

    def test_a_note_of_another_call_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, call: Call
    ) -> None:
        other = make.note(make.call(organization, csr=csr), csr)

        client.sign_in(csr).post(f"/calls/{call.id}/notes/{other.id}/delete", status=404)


class TestWhoMay:
    @pytest.fixture
    def deleted(self, make: Factories, organization: Organization, csr: User, soft_delete: Delete) -> UUID:
        """ID of the deletion of a CSR's own note."""
        return soft_delete(csr, "call_note", make.note(make.call(organization, csr=csr), csr))

    def test_whoever_deleted_it_for_a_quarter_of_an_hour(
        self, client: Client, csr: User, deleted: UUID, age: Callable[[UUID, str], None]
    ) -> None:
        client.sign_in(csr)
        age(deleted, "16 minutes")
        client.post(f"/trash/{deleted}/undo", status=403)
        age(deleted, "14 minutes")
        client.post(f"/trash/{deleted}/undo")

    def test_after_it_that_is_said_with_whom_to_ask(
        self, client: Client, csr: User, deleted: UUID, age: Callable[[UUID, str], None]
    ) -> None:
        age(deleted, "16 minutes")

        page = client.sign_in(csr).post(f"/trash/{deleted}/undo", status=403)

        assert "The 15 minutes to undo this deletion are over" in page.text
        assert "Ask an admin to restore it" in page.text

    def test_who_restores_at_any_time(
        self, client: Client, admin: User, deleted: UUID, age: Callable[[UUID, str], None]
    ) -> None:
        age(deleted, "20 days")

        client.sign_in(admin).post(f"/trash/{deleted}/undo")

    def test_a_colleague_does_not_even_find_it(
        self, client: Client, make: Factories, organization: Organization, deleted: UUID
    ) -> None:
        client.sign_in(make.user(organization)).post(f"/trash/{deleted}/undo", status=404)

    def test_support_sees_it_and_leaves_it(
        self, client: Client, make: Factories, organization: Organization, deleted: UUID
    ) -> None:
        client.sign_in(make.user(organization, Role.SUPPORT)).post(f"/trash/{deleted}/undo", status=403)

    def test_the_second_time_there_is_nothing_to_undo(self, client: Client, csr: User, deleted: UUID) -> None:
        client.sign_in(csr).post(f"/trash/{deleted}/undo")

        assert "This was already restored." in client.post(f"/trash/{deleted}/undo", status=409).text


class TestInTheWay:
    """Phone numbers and email addresses that have been taken since the deletion."""

    @pytest.fixture
    def taken(self, make: Factories, organization: Organization, admin: User, soft_delete: Delete) -> UUID:
        """ID of the deletion of a user whose email address now belongs to another user."""
        batch_id = soft_delete(admin, "user", make.user(organization, email="ann@blue.example"))
        make.user(organization, email="ann@blue.example")
        return batch_id

    def test_undo_leads_to_where_it_is_decided(self, client: Client, admin: User, taken: UUID) -> None:
        page = client.sign_in(admin).follow(client.post(f"/trash/{taken}/undo"))

        assert "This can’t be undone automatically. Choose how to resolve the conflicts." in page.text
        assert "Someone here already has this email address." in page.text
        assert len(page.all(".//*[@data-conflict]")) == 1

    def test_who_may_not_restore_is_told_whom_to_ask(
        self, client: Client, make: Factories, organization: Organization, taken: UUID, admin_engine: Engine
    ) -> None:
        deleter = make.user(organization)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE deletion_batches SET deleted_by = :id"), {"id": deleter.id})
        client.sign_in(deleter)

        page = client.follow(client.post(f"/trash/{taken}/undo", headers={"Referer": "http://localhost/calls"}))

        assert "Ask an admin to restore it from the trash." in page.text

    def test_who_prefers_json_gets_the_conflicts(self, client: Client, admin: User, taken: UUID) -> None:
        client.sign_in(admin)

        answer = client.post(f"/trash/{taken}/undo", status=409, headers={"Accept": "application/json"})

        assert [one["problem"] for one in answer.json["error"]["conflicts"]] == ["idx_users_email_org"]
