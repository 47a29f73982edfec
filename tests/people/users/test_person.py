"""The page of one user, and changes to their details."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, User, UserPermission, UserStatus
from app.people.users import detail_queries
from tests.people.users.pages import send
from tests.support.client import Client
from tests.support.factories import DAY, PASSWORD, Factories

People = Callable[..., list[User]]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cem Csr", email="cem@comfort.example", phone="+12125550142")


@pytest.fixture
def messages(admin_engine: Engine) -> Callable[..., list[Any]]:
    """Function that returns (address, template) of every email, bypassing the app."""

    def read() -> list[Any]:
        with admin_engine.connect() as connection:
            rows = connection.execute(text("SELECT to_address, template FROM messages ORDER BY id"))
            return [tuple(row) for row in rows]

    return read


class TestPage:
    """Details shown about a user."""

    def test_it_tells_who_they_are_and_what_waits(
        self, as_admin: Client, make: Factories, organization: Organization, admin: User, csr: User
    ) -> None:
        manager = make.user(organization, Role.MANAGER, name="Mia Manager")
        member = make.user(organization, name="Tom Member", manager_id=manager.id, phone="+12125550143")
        make.add(UserPermission(organization_id=organization.id, user_id=member.id, permission="reports:read"))
        make.invitation(organization, user_id=member.id, accepted_at=DAY, invited_by_label="Iris Inviter")
        make.task(organization, assignee=member, title="Order the part")
        make.task(organization, assignee=csr, title="Somebody else's")

        page = as_admin.get(f"/users/{member.id}")

        assert page.heading == "Tom Member"
        for told in ("Mia Manager", "reports:read", "Iris Inviter", "(212) 555-0143", "Order the part", "Off"):
            assert told in page.text
        assert "Somebody else's" not in page.text
        assert page.links["1 open task"] == f"/tasks?assignee={member.id}&status=pending,in_progress"

    def test_its_history_is_told_with_values(self, as_admin: Client, csr: User) -> None:
        send(as_admin, f"/users/{csr.id}/edit", name="Cem Yilmaz")

        page = as_admin.get(f"/users/{csr.id}")

        assert "Cem Csr → Cem Yilmaz" in page.text
        assert "Ada Admin" in page.text

    def test_an_account_without_changes_says_so_and_leads_to_what_the_person_did(
        self,
        app: Flask,
        as_admin: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(detail_queries, "list_history", lambda *_of: [])  # as for an account that was loaded
        task = make.task(organization, assignee=csr, title="Order the part")
        Client(app).sign_in(csr).post(f"/tasks/{task.id}/complete")

        page = as_admin.get(f"/users/{csr.id}")

        assert "No changes to this account." in page.text
        assert "Order the part" in as_admin.get(page.links["Activity by Cem Csr"]).text

    def test_who_may_not_read_the_trail_gets_no_link_to_what_a_person_did(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        page = client.sign_in(make.user(organization, Role.MANAGER)).get(f"/users/{csr.id}")

        assert "History" in page.text
        assert "Activity by Cem Csr" not in page.links

    @pytest.mark.parametrize("which", ["elsewhere", "deleted", "nobody"])
    def test_who_is_not_here_is_not_found(
        self, as_admin: Client, make: Factories, organization: Organization, csr: User, which: str
    ) -> None:
        make.deletion(make.user(organization, id=csr.organization_id))
        ids = {
            "elsewhere": make.user(make.organization()).id,
            "deleted": csr.organization_id,
            "nobody": organization.id.int and make.organization().id,
        }

        as_admin.get(f"/users/{ids[which]}", status=404)
        as_admin.get(f"/users/{ids[which]}/edit", status=404)
        as_admin.post(f"/users/{ids[which]}/activate", status=404)

    def test_what_is_not_allowed_says_why(
        self, as_admin: Client, client: Client, make: Factories, organization: Organization, admin: User, owner: User
    ) -> None:
        above = as_admin.get(f"/users/{owner.id}")
        assert "You can’t change a person with a higher role." in above.text
        assert "Deactivate" not in above.links
        assert "You can’t deactivate, suspend or delete yourself." in as_admin.get(f"/users/{admin.id}").text

        client.sign_in_by_form(owner)
        assert "You can’t deactivate, suspend or delete yourself." in client.get(f"/users/{owner.id}").text
        second = make.user(organization, Role.OWNER)
        assert "Deactivate" in client.get(f"/users/{second.id}").links


class TestEditing:
    """Changes to a user's name, email address, phone, language and manager."""

    def test_a_manager_who_is_no_longer_active_stays_until_another_is_chosen(
        self, as_admin: Client, make: Factories, organization: Organization, people: People
    ) -> None:
        gone = make.user(organization, Role.MANAGER, status=UserStatus.INACTIVE)
        member = make.user(organization, manager_id=gone.id)

        send(as_admin, f"/users/{member.id}/edit", name="Another Name")

        (kept,) = people(id=member.id)
        assert (kept.name, kept.manager_id) == ("Another Name", gone.id)

    def test_what_was_typed_is_saved_once(self, as_admin: Client, csr: User, people: People) -> None:
        values: dict[str, Any] = {"name": " Cem  Yilmaz ", "phone": "(212) 555-0199", "language": "uz"}
        send(as_admin, f"/users/{csr.id}/edit", **values)
        send(as_admin, f"/users/{csr.id}/edit", **values)

        (kept,) = people(id=csr.id)
        assert (kept.name, kept.phone, kept.language) == ("Cem Yilmaz", "+12125550199", "uz")
        assert kept.version == csr.version + 1

    def test_a_new_address_is_told_to_both(
        self, as_admin: Client, csr: User, people: People, messages: Callable[[], list[Any]], client: Client
    ) -> None:
        send(as_admin, f"/users/{csr.id}/edit", email="cem@new.example")

        assert messages() == [("cem@comfort.example", "address_changed"), ("cem@new.example", "address_changed")]
        (kept,) = people(id=csr.id)
        assert (kept.email, kept.email_verified_at) == ("cem@new.example", None)
        client.sign_in_by_form(kept)

    def test_another_spelling_is_the_same_mailbox(
        self,
        as_admin: Client,
        make: Factories,
        organization: Organization,
        people: People,
        messages: Callable[..., Any],
    ) -> None:
        user = make.user(organization, email="Tom@comfort.example", email_verified_at=DAY)

        send(as_admin, f"/users/{user.id}/edit", email="tom@comfort.example")

        (kept,) = people(id=user.id)
        assert (kept.email, kept.email_verified_at) == ("tom@comfort.example", DAY)
        assert messages() == []

    def test_who_was_imported_keeps_a_made_up_address(
        self,
        as_admin: Client,
        make: Factories,
        organization: Organization,
        people: People,
        messages: Callable[..., Any],
    ) -> None:
        imported = make.user(organization, email="amy@blue-ridge.invalid", status=UserStatus.INACTIVE)

        send(as_admin, f"/users/{imported.id}/edit", name="Amy Adams")
        send(as_admin, f"/users/{imported.id}/edit", 400, email="another@blue-ridge.invalid")

        (kept,) = people(id=imported.id)
        assert (kept.name, kept.email) == ("Amy Adams", imported.email)
        send(as_admin, f"/users/{imported.id}/edit", email="amy@comfort.example")
        assert messages() == [("amy@comfort.example", "address_changed")]

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"email": "nonsense"}, "Enter an email address such as"),
            ({"name": "C"}, "Use 2 to 100 characters."),
            ({"phone": "12"}, "Enter a phone number with its country"),
            ({"language": "xx"}, "Not a valid choice."),
            ({"manager_id": "nonsense"}, "Choose an active manager"),
        ],
        ids=["address", "name", "phone", "language", "manager"],
    )
    def test_what_cannot_be_is_said_beside_the_field(
        self, as_admin: Client, csr: User, people: People, values: dict[str, str], sentence: str
    ) -> None:
        page = send(as_admin, f"/users/{csr.id}/edit", 400, **values)

        assert sentence in page.text
        assert people(id=csr.id)[0].version == csr.version

    def test_an_address_that_somebody_has_is_refused(self, as_admin: Client, csr: User, owner: User) -> None:
        page = send(as_admin, f"/users/{csr.id}/edit", 409, email=owner.email.upper())

        assert "already has this email address" in page.text

    def test_a_stale_form_shows_both(self, as_admin: Client, csr: User, people: People) -> None:
        path = f"/users/{csr.id}/edit"
        opened = as_admin.get(path).fields(path)
        send(as_admin, path, name="Cem First", phone="")

        page = as_admin.post(path, {**opened, "name": "Cem Second"}, status=409)
        assert "Cem First" in page.text
        again = as_admin.post(path, page.fields(path))

        assert again.status == 303
        assert people(id=csr.id)[0].name == "Cem Second"

    def test_nobody_changes_somebody_above_them(self, as_admin: Client, owner: User, people: People) -> None:
        path = f"/users/{owner.id}/edit"
        form = {"name": "Somebody Else", "email": owner.email, "language": "en", "version": str(owner.version)}

        assert "You can’t change a person with a higher role" in as_admin.get(path, status=403).text
        assert "You can’t change a person with a higher role" in as_admin.post(path, form, status=403).text
        assert people(id=owner.id)[0].name == owner.name

    def test_the_address_of_an_equal_stays(
        self, as_admin: Client, make: Factories, organization: Organization, people: People
    ) -> None:
        other = make.user(organization, Role.ADMIN)

        page = send(as_admin, f"/users/{other.id}/edit", 403, email="mine@new.example")

        assert "only this person or someone with a higher role can change the address" in page.text
        send(as_admin, f"/users/{other.id}/edit", name="Another Name")
        assert people(id=other.id)[0].email == other.email

    def test_ones_own_address_takes_ones_password(self, as_admin: Client, admin: User, people: People) -> None:
        path = f"/users/{admin.id}/edit"

        assert "Wrong password. Try again." in send(as_admin, path, 400, email="ada@new.example").text
        send(as_admin, path, email="ada@new.example", own_password=PASSWORD)

        assert people(id=admin.id)[0].email == "ada@new.example"

    def test_ones_password_is_not_guessed_here(self, as_admin: Client, admin: User, csr: User) -> None:
        path = f"/users/{admin.id}/edit"
        for number in range(5):
            send(as_admin, path, 400, email="ada@new.example", own_password=f"guess number {number}")

        send(as_admin, path, 429, email="ada@new.example", own_password=PASSWORD)

    def test_what_tries_no_password_is_not_counted(self, as_admin: Client, csr: User, people: People) -> None:
        for number in range(7):
            send(as_admin, f"/users/{csr.id}/edit", name=f"Cem the {number}th")

        assert people(id=csr.id)[0].name == "Cem the 6th"
