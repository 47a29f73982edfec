"""Notes about a contact: permission to write, change and delete them, and where they are shown."""

import pytest
from flask import Flask

from app.models import ContactCard, ContactNote, ContactPhone, Organization, Role, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.work.merging.test_merge import address


@pytest.fixture
def contact(make: Factories, organization: Organization, csr: User) -> ContactCard:
    return make.contact(organization, first_name="Ruth", created_by=csr.id)


@pytest.fixture
def as_csr(client: Client, csr: User) -> Client:
    return client.sign_in(csr)


@pytest.fixture
def as_manager(app: Flask, manager: User) -> Client:
    return Client(app).sign_in(manager)


def write(client: Client, contact: ContactCard, body: str, status: int = 303, **fields: str) -> dict[str, str]:
    """Write a note through the form, and return the submitted fields."""
    at = f"/contacts/{contact.id}/notes"
    form = {**client.get(f"/contacts/{contact.id}").fields(at), "body": body, **fields}
    client.post(at, form, status=status)
    return form


def test_a_note_stands_in_the_timeline_by_its_author(
    as_csr: Client, make: Factories, behind: Behind, organization: Organization, contact: ContactCard, csr: User
) -> None:
    other = make.contact(organization, created_by=csr.id)
    write(as_csr, other, "About somebody else")

    form = write(as_csr, contact, "  Has a dog.\r\nRing twice. ")
    as_csr.post(f"/contacts/{contact.id}/notes", form)

    note = behind.one(ContactNote, contact_card_id=contact.id)
    assert (note.body, note.user_id, note.author_label) == ("Has a dog.\nRing twice.", csr.id, "Maya Torres")
    page = as_csr.get(f"/contacts/{contact.id}?story=notes")
    assert page.links["Note by Maya Torres"] == f"/contacts/notes/{note.id}"
    assert "Has a dog." in page.text
    assert "About somebody else" not in page.text
    assert len(behind.trail(organization.id, "contact_note")) == 2


@pytest.mark.parametrize(
    ("body", "why"),
    [("   ", "Enter some text."), ("x" * 5001, "Use up to 5,000 characters."), ("a\0b", "can’t be used")],
)
def test_what_is_no_note_is_refused(as_csr: Client, behind: Behind, contact: ContactCard, body: str, why: str) -> None:
    at = f"/contacts/{contact.id}/notes"
    form = as_csr.get(f"/contacts/{contact.id}").fields(at)

    page = as_csr.post(at, {**form, "body": body}, status=400)

    assert why.replace(",", "") in page.text.replace(",", "")
    assert behind.rows(ContactNote) == []


def test_letters_are_stored_in_one_form(as_csr: Client, behind: Behind, contact: ContactCard) -> None:
    write(as_csr, contact, "Cafe\u0301")

    assert behind.one(ContactNote).body == "Café"


def test_its_author_changes_it_and_is_told_who_was_faster(as_csr: Client, behind: Behind, contact: ContactCard) -> None:
    write(as_csr, contact, "First")
    at = f"/contacts/notes/{behind.one(ContactNote).id}"
    form = as_csr.get(at).fields(at)

    as_csr.post(at, {**form, "body": "Second"})
    page = as_csr.post(at, {**form, "body": "Third"}, status=409)

    assert "Second" in page.text
    assert behind.one(ContactNote).body == "Second"


def test_a_manager_deletes_it_but_does_not_change_it_and_it_comes_back(
    as_csr: Client, as_manager: Client, behind: Behind, contact: ContactCard
) -> None:
    write(as_csr, contact, "Ring twice")
    note = behind.one(ContactNote)
    at = f"/contacts/notes/{note.id}"
    page = as_manager.get(at)
    assert "Ring twice" in page.text
    as_manager.post(at, {"version": 1, "body": "Rang"}, status=403)

    deleted = as_manager.follow(as_manager.post(f"{at}/delete", page.fields(f"{at}/delete")))

    assert "Ring twice" not in deleted.text
    as_csr.get(at, status=404)
    as_manager.post(f"/trash/{behind.one(ContactNote).deletion_batch_id}/undo")
    assert "Ring twice" in as_csr.get(f"/contacts/{contact.id}").text


def test_who_does_not_see_the_contact_sees_no_note_of_it(
    app: Flask, as_csr: Client, make: Factories, behind: Behind, organization: Organization, contact: ContactCard,
    colleague: User,
) -> None:  # fmt: skip
    write(as_csr, contact, "Ring twice")
    at = f"/contacts/notes/{behind.one(ContactNote).id}"
    stranger = make.user(make.organization(), Role.ADMIN)

    for somebody in (colleague, stranger):
        other = Client(app).sign_in(somebody)
        other.get(at, status=404)
        other.post(at, {"version": 1, "body": "Mine"}, status=404)
        other.post(f"{at}/delete", {"version": 1}, status=404)
        other.post(f"/contacts/{contact.id}/notes", {"row_id": str(contact.id), "body": "Mine"}, status=404)


def test_a_colleague_does_not_delete_what_somebody_else_wrote(
    app: Flask, as_csr: Client, make: Factories, behind: Behind, organization: Organization, contact: ContactCard,
    colleague: User,
) -> None:  # fmt: skip
    make.call(organization, csr=colleague, contact_card_id=contact.id)
    write(as_csr, contact, "Ring twice")
    at = f"/contacts/notes/{behind.one(ContactNote).id}"

    other = Client(app).sign_in(colleague)

    assert f"{at}/delete" not in other.get(at).html
    other.post(f"{at}/delete", {"version": 1}, status=403)


def test_who_only_reads_has_no_field_for_notes(
    client: Client, make: Factories, organization: Organization, contact: ContactCard
) -> None:
    client.sign_in(make.user(organization, Role.SUPPORT))

    assert f"/contacts/{contact.id}/notes" not in client.get(f"/contacts/{contact.id}").html
    client.post(f"/contacts/{contact.id}/notes", {"body": "Mine"}, status=403)


def test_notes_go_with_their_contact_into_the_trash_and_into_another(
    as_csr: Client, as_manager: Client, make: Factories, behind: Behind, organization: Organization,
    contact: ContactCard, csr: User,
) -> None:  # fmt: skip
    write(as_csr, contact, "Ring twice")
    kept = make.contact(organization)
    here = address(kept, contact)
    as_manager.post(here, as_manager.get(here).fields(here))
    assert behind.one(ContactNote).contact_card_id == kept.id
    assert behind.one(ContactPhone, phone=contact.primary_phone).contact_card_id == kept.id

    delete = f"/contacts/{kept.id}/delete"
    as_manager.post(delete, as_manager.get(f"/contacts/{kept.id}").fields(delete))

    assert behind.one(ContactNote).deletion_batch_id == behind.one(ContactCard, id=kept.id).deletion_batch_id
