"""Changes to a note: by its author and by managers, never overwriting a concurrent change."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Call, CallNote, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.work.calls.conftest import Trail

Stored = Callable[[Any], Any]


@pytest.fixture
def note(make: Factories, call: Call, csr: User) -> CallNote:
    """The CSR's note about their call."""
    return make.note(call, csr, body="Has a gas line.")


def address(note: CallNote) -> str:
    return f"/calls/{note.call_id}/notes/{note.id}/edit"


def test_its_author_changes_it(client: Client, csr: User, note: CallNote, stored: Stored, trail: Trail) -> None:
    page = client.sign_in(csr).get(f"/calls/{note.call_id}")
    form = client.get(page.links["Edit note"]).fields(address(note))
    assert form["body"] == "Has a gas line."

    page = client.follow(client.post(address(note), {**form, "body": "Has no gas line."}))

    assert "Note saved." in page.text
    assert "Has no gas line." in page.text
    assert (stored(note).body, stored(note).version) == ("Has no gas line.", 2)
    (changed,) = trail("call_note.updated")
    assert changed.before == {"body": "Has a gas line.", "version": 1}


def test_a_stale_form_shows_both_texts_and_saves_at_the_second_thought(
    client: Client, csr: User, manager: User, note: CallNote, new_client: Callable[[], Client], stored: Stored
) -> None:
    form = client.sign_in(csr).get(address(note)).fields(address(note))
    other = new_client().sign_in(manager)
    other.post(address(note), {**other.get(address(note)).fields(address(note)), "body": "By the manager."})

    page = client.post(address(note), {**form, "body": "By the CSR."}, status=409)

    shown = text_of(page.one(".//*[@id='note-conflict']"))
    assert "By the manager." in shown
    assert "By the CSR." in shown
    assert stored(note).body == "By the manager."
    client.post(address(note), page.fields(address(note)))
    assert (stored(note).body, stored(note).version) == ("By the CSR.", 3)


def test_sent_twice_it_is_changed_once(client: Client, csr: User, note: CallNote, stored: Stored) -> None:
    form = client.sign_in(csr).get(address(note)).fields(address(note))
    for _ in range(2):
        client.post(address(note), {**form, "body": "Has no gas line."})

    assert stored(note).version == 2


@pytest.mark.parametrize(("body", "sentence"), [("", "Enter some text."), ("x" * 5001, "Use up to 5000 characters.")])
def test_what_is_no_note_is_refused_beside_the_field(
    client: Client, csr: User, note: CallNote, stored: Stored, body: str, sentence: str
) -> None:
    page = client.sign_in(csr).post(address(note), {"body": body, "version": "1"}, status=400)

    assert sentence in text_of(page.one(".//*[@id='note-text-error']"))
    assert stored(note).body == "Has a gas line."


@pytest.mark.parametrize(("role", "status"), [(Role.SUPPORT, 403), (Role.EXEC, 403), (Role.SALES_REP, 404)])
def test_who_may_not_change_it_does_not_get_the_form(
    client: Client, make: Factories, organization: Organization, note: CallNote, role: Role, status: int
) -> None:
    client.sign_in(make.user(organization, role))

    client.get(address(note), status=status)
    client.post(address(note), {"body": "Mine", "version": "1"}, status=status)


def test_a_colleagues_note_about_ones_own_call_is_theirs(
    client: Client, make: Factories, call: Call, csr: User, manager: User, stored: Stored
) -> None:
    note = make.note(call, manager)

    client.sign_in(csr).post(address(note), {"body": "Mine", "version": "1"}, status=403)

    assert stored(note).version == 1
