"""Creation of notes about a call."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Call, CallNote, Organization, Role, User
from app.work.calls.detail_queries import MAX_NOTES
from tests.support.client import HTMX, Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.calls.conftest import Trail

Notes = Callable[[], list[CallNote]]


@pytest.fixture
def notes(admin_engine: Engine) -> Notes:
    """Function that returns all notes, oldest first."""

    def read() -> list[CallNote]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(CallNote).order_by(CallNote.created_at)))

    return read


def address(call: Call) -> str:
    return f"/calls/{call.id}/notes"


def write(
    client: Client, call: Call, body: str, *, note_id: UUID | None = None, status: int = 303, **more: Any
) -> Page:
    headers = more.pop("headers", {})
    data = {"body": body, "note_id": str(note_id or uuid4()), **more}
    return client.post(address(call), data, status=status, headers=headers)


def test_a_note_is_written_and_shown(client: Client, csr: User, call: Call, notes: Notes, trail: Trail) -> None:
    form = client.sign_in(csr).get(f"/calls/{call.id}").fields(address(call))

    page = client.follow(client.post(address(call), {**form, "body": "  Has a gas line.\r\n1,900 sq ft.  "}))

    assert "Note added." in page.text
    assert "Maya Torres now Has a gas line. 1,900 sq ft." in page.text
    (note,) = notes()
    assert (note.call_id, note.user_id, note.kind, note.body) == (
        call.id, csr.id, "note", "Has a gas line.\n1,900 sq ft.",
    )  # fmt: skip
    (created,) = trail("call_note.created")
    assert (created.resource_id, created.user_id, str(created.ip_address)) == (note.id, csr.id, "127.0.0.1")


def test_the_call_itself_is_not_changed_by_a_note(
    client: Client, csr: User, call: Call, stored: Callable[[Any], Any]
) -> None:
    write(client.sign_in(csr), call, "Has a gas line.")

    assert stored(call).version == 1


def test_htmx_gets_the_notes_with_an_empty_form_and_a_new_id(client: Client, csr: User, call: Call) -> None:
    client.sign_in(csr)
    note_id = uuid4()
    page = write(client, call, "Has a gas line.", note_id=note_id, status=200, headers=HTMX)

    assert not page.is_whole
    assert "Has a gas line." in text_of(page.one(".//*[@id='call-timeline']"))
    form = page.fields(address(call))
    assert form["body"] == ""
    assert form["note_id"] != str(note_id)


def test_sent_twice_it_is_written_once(client: Client, csr: User, call: Call, notes: Notes) -> None:
    client.sign_in(csr)
    note_id = uuid4()
    for _ in range(2):
        write(client, call, "Has a gas line.", note_id=note_id)

    assert len(notes()) == 1


def test_another_text_with_the_same_id_is_refused_and_kept_in_the_form(
    client: Client, csr: User, call: Call, notes: Notes
) -> None:
    client.sign_in(csr)
    note_id = uuid4()
    write(client, call, "Has a gas line.", note_id=note_id)

    page = write(client, call, "Has no gas line.", note_id=note_id, status=409)

    assert page.fields(address(call))["body"] == "Has no gas line."
    assert [note.body for note in notes()] == ["Has a gas line."]


def test_of_very_many_notes_the_oldest_are_counted_only(
    client: Client, csr: User, call: Call, make: Factories, organization: Organization
) -> None:
    for number in range(MAX_NOTES + 3):
        note = CallNote(organization_id=organization.id, call_id=call.id, user_id=csr.id, body=f"Note {number}.")
        make.add(note)

    page = client.sign_in(csr).get(f"/calls/{call.id}")

    assert "3 older notes aren’t shown." in page.text
    assert f"Note {MAX_NOTES + 2}." in page.text
    assert "Note 2." not in page.text
    assert "Note 3." in page.text


class TestCoaching:
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OWNER])
    def test_managers_write_it(
        self, client: Client, make: Factories, organization: Organization, call: Call, role: Role, notes: Notes
    ) -> None:
        client.sign_in(make.user(organization, role))
        write(client, call, "Offer the visit first.", is_coaching="y")

        assert [note.kind for note in notes()] == ["coaching"]
        assert "Coaching Offer the visit first." in client.get(f"/calls/{call.id}").text

    def test_a_csr_neither_sees_the_box_nor_gets_around_it(
        self, client: Client, csr: User, call: Call, notes: Notes
    ) -> None:
        assert "is_coaching" not in client.sign_in(csr).get(f"/calls/{call.id}").html

        page = write(client, call, "Offer the visit first.", is_coaching="y", status=400)

        assert "Only managers can add coaching notes. Add a regular note instead." in page.text
        assert notes() == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ("", "Enter some text."),
            (" \n\t ", "Enter some text."),
            ("x" * 5001, "Use up to 5000 characters."),
            ("a\0b", "that can’t be used"),
        ],
        ids=["nothing", "blanks", "too long", "NUL"],
    )
    def test_what_is_no_note_is_refused_beside_the_field(
        self, client: Client, csr: User, call: Call, notes: Notes, body: str, sentence: str
    ) -> None:
        page = write(client.sign_in(csr), call, body, status=400)

        assert sentence in text_of(page.one(".//*[@id='note-body-error']"))
        assert notes() == []

    def test_five_thousand_characters_of_any_kind_fit(
        self, client: Client, csr: User, call: Call, notes: Notes
    ) -> None:
        write(client.sign_in(csr), call, "🔥" * 5000)

        assert notes()[0].body == "🔥" * 5000

    @pytest.mark.parametrize("note_id", ["", "7", "x" * 36])
    def test_an_id_that_is_none_is_refused(
        self, client: Client, csr: User, call: Call, notes: Notes, note_id: str
    ) -> None:
        client.sign_in(csr).post(address(call), {"body": "Hello", "note_id": note_id}, status=400)

        assert notes() == []

    @pytest.mark.parametrize(("role", "status"), [(Role.SUPPORT, 403), (Role.EXEC, 403), (Role.SALES_REP, 404)])
    def test_who_may_not_write_about_this_call_is_refused(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        call: Call,
        notes: Notes,
        role: Role,
        status: int,
    ) -> None:
        write(client.sign_in(make.user(organization, role)), call, "Hello", status=status)

        assert notes() == []

    def test_a_colleagues_and_a_strangers_call_are_not_there(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        colleague: User,
        strangers_call: Call,
        notes: Notes,
    ) -> None:
        client.sign_in(csr)
        for call in (make.call(organization, csr=colleague), strangers_call):
            write(client, call, "Hello", status=404)

        assert notes() == []
