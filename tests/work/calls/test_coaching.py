"""Coaching notes at a turn of the transcript: their authors, replies, and visibility."""

from collections.abc import Callable
from typing import Any

import pytest

from app.db.ids import uuid7
from app.models import Call, CallNote, DeletionBatch, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.work.calls.conftest import Trail

Stored = Callable[[Any], Any]
NewClient = Callable[[], Client]

TURNS = [
    {"speaker": "agent", "start": 0.2, "end": 2.0, "text": "Blue Ridge Air, this is Maya."},
    {"speaker": "customer", "start": 2.5, "end": 4.0, "text": "What does a visit cost?"},
]
WORDS = "Offer the visit before the price."


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """A call of the CSR whose transcript has two turns."""
    call = make.call(organization, csr=csr)
    make.transcript(call, speaker_labels=TURNS)
    return call


@pytest.fixture
def note(make: Factories, call: Call, manager: User) -> CallNote:
    """The manager's coaching note at the second turn."""
    return make.note(call, manager, kind="coaching", body=WORDS, turn=1)


def coach(client: Client, call: Call, *, status: int = 303, **values: str) -> Any:
    sent = {"body": WORDS, "note_id": str(uuid7()), "turn": "1", **values}
    return client.post(f"/calls/{call.id}/coaching?turn=1", sent, status=status)


def answer(client: Client, note: CallNote, body: str = "I will.", *, status: int = 303, **options: Any) -> Any:
    sent = {"body": body, "note_id": options.pop("note_id", str(uuid7()))}
    return client.post(f"/calls/{note.call_id}/coaching/{note.id}/answers", sent, status=status, **options)


class TestWriting:
    def test_at_a_turn_it_is_marked_there_and_the_csr_is_told(
        self, client: Client, csr: User, manager: User, call: Call, behind: Behind, new_client: NewClient, told: Any
    ) -> None:
        page = client.sign_in(manager).get(f"/calls/{call.id}")
        there = next(one for one in page.links.values() if one.endswith("panel=coaching&turn=1"))
        page = client.get(there)
        action = page.one(".//form[@id='coaching-new']").get("action") or ""
        form = page.fields(action)

        client.post(action, {**form, "body": WORDS})
        client.post(action, {**form, "body": WORDS})

        note = behind.one(CallNote, call_id=call.id)
        assert (note.kind, note.turn, note.user_id) == ("coaching", 1, manager.id)
        assert told(csr) == [f"coaching_note /calls/{call.id}?panel=coaching&turn=1"]
        seen = new_client().sign_in(csr).get(f"/calls/{call.id}")
        assert seen.links["1 coaching note"] == f"/calls/{call.id}?panel=coaching&turn=1"
        assert WORDS in text_of(new_client().sign_in(csr).get(there).one(".//*[@id='coaching']"))

    def test_htmx_gets_the_note_with_an_empty_form_and_what_is_wrong_in_the_form(
        self, client: Client, manager: User, call: Call, note: CallNote, behind: Behind
    ) -> None:
        client.sign_in(manager)
        action, sent_id = f"/calls/{call.id}/coaching?turn=1", str(uuid7())
        wrong = client.post(action, {"body": "", "note_id": sent_id, "turn": "1"}, status=400, headers=HTMX)
        assert "Enter some text." in text_of(wrong.one(".//form[@id='coaching-new']"))

        sent = {"body": "And smile.", "note_id": sent_id, "turn": "1"}
        page = client.post(action, sent, status=200, headers=HTMX)

        assert behind.one(CallNote, id=sent_id).body == "And smile."
        assert "And smile." in text_of(page.one(f".//*[@id='coaching-{sent_id}']"))
        assert page.fields(page.one(".//form[@id='coaching-new']").get("action") or "")["note_id"] != sent_id
        for part in (wrong, page):
            assert part.all(f".//*[@id='coaching']|.//*[@id='coaching-{note.id}']") == [], (
                "other notes stay as they are"
            )

    @pytest.mark.parametrize("turn", ["2", "9999", "-1", "x"])
    def test_a_turn_that_is_not_there_is_refused(
        self, client: Client, manager: User, call: Call, behind: Behind, turn: str
    ) -> None:
        assert "This turn doesn’t exist" in coach(client.sign_in(manager), call, turn=turn, status=400).text
        assert behind.rows(CallNote) == []

    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.EXEC])
    def test_who_does_not_coach_is_refused(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        call: Call,
        role: Role,
        behind: Behind,
    ) -> None:
        coach(client.sign_in(csr if role is Role.CSR else make.user(organization, role)), call, status=403)

        assert behind.rows(CallNote) == []

    def test_another_organizations_call_is_not_there(
        self, client: Client, manager: User, strangers_call: Call, behind: Behind
    ) -> None:
        coach(client.sign_in(manager), strangers_call, status=404)

        assert behind.rows(CallNote) == []


class TestAnswering:
    def test_the_csr_answers_and_the_author_is_told(
        self, client: Client, csr: User, manager: User, note: CallNote, behind: Behind, told: Any
    ) -> None:
        sent_id = str(uuid7())
        client.sign_in(csr)
        answer(client, note, note_id=sent_id)
        answer(client, note, note_id=sent_id)

        reply = behind.one(CallNote, parent_id=note.id)
        assert (reply.kind, reply.body, reply.user_id) == ("coaching", "I will.", csr.id)
        assert told(manager) == [f"coaching_note /calls/{note.call_id}?panel=coaching&turn=1"]
        panel = client.get(f"/calls/{note.call_id}?panel=coaching&turn=1").one(".//*[@id='coaching']")
        assert "I will." in text_of(panel)

    def test_htmx_gets_the_thread_and_what_is_wrong_in_the_panel(
        self, client: Client, csr: User, note: CallNote
    ) -> None:
        client.sign_in(csr)
        assert "Enter some text." in answer(client, note, "", status=400, headers=HTMX).text
        page = answer(client, note, status=200, headers=HTMX)

        assert not page.is_whole
        assert "I will." in text_of(page.one(f".//*[@id='coaching-{note.id}']"))
        assert page.all(".//*[@id='coaching']") == [], "an answer that is half written below another stays"

    def test_what_is_no_part_of_the_panel_any_more_brings_all_of_it(
        self, client: Client, csr: User, note: CallNote
    ) -> None:
        address = f"/calls/{note.call_id}/coaching/{note.id}/answers?turn=0"
        fields = {"note_id": str(uuid7()), "body": ""}
        page = client.sign_in(csr).post(address, fields, status=400, headers=HTMX)

        assert page.headers["HX-Retarget"] == "#coaching"
        assert page.all(".//*[@id='coaching']") != []

    def test_an_answer_is_not_answered(
        self, client: Client, make: Factories, csr: User, manager: User, note: CallNote, call: Call
    ) -> None:
        reply = make.note(call, csr, kind="coaching", body="I will.", parent_id=note.id)

        answer(client.sign_in(csr), reply, status=404)


class TestDone:
    def test_the_csr_marks_it_once_and_the_author_is_told(
        self, client: Client, csr: User, manager: User, note: CallNote, stored: Stored, trail: Trail, told: Any
    ) -> None:
        client.sign_in(csr)
        for _ in range(2):
            client.post(f"/calls/{note.call_id}/coaching/{note.id}/done", {"version": "1"})

        assert stored(note).done_at is not None
        assert [one.user_id for one in trail("call_note.done")] == [csr.id]
        assert len(told(manager)) == 1

    def test_a_note_that_was_changed_meanwhile_is_read_first(
        self, client: Client, csr: User, note: CallNote, stored: Stored, behind: Behind
    ) -> None:
        behind.change(note, version=2, body="Offer it twice.")

        page = client.sign_in(csr).post(
            f"/calls/{note.call_id}/coaching/{note.id}/done", {"version": "1"}, status=409, headers=HTMX
        )

        assert "Offer it twice." in page.text
        assert stored(note).done_at is None

    def test_a_manager_does_not_mark_it(self, client: Client, manager: User, note: CallNote, stored: Stored) -> None:
        address = f"/calls/{note.call_id}/coaching/{note.id}/done"
        client.sign_in(manager).post(address, {"version": "1"}, status=403)

        assert stored(note).done_at is None


class TestDeleting:
    def test_its_answers_go_with_it_and_come_back_with_it(
        self, client: Client, csr: User, manager: User, call: Call, note: CallNote, behind: Behind, make: Factories
    ) -> None:
        answers = [make.note(call, csr, kind="coaching", body=body, parent_id=note.id) for body in ("I will.", "Done.")]
        other = make.note(call, manager, kind="coaching", body="Say the company’s name.", turn=0)
        own = make.note(call, csr, body="Wants a price.")
        make.deletion(gone := make.note(call, csr, kind="coaching", body="Never mind.", parent_id=note.id))
        client.sign_in(manager).post(f"/calls/{call.id}/notes/{note.id}/delete", {"version": "1"}, status=303)

        deleted = behind.one(CallNote, id=note.id).deletion_batch_id
        assert deleted is not None
        assert {behind.one(CallNote, id=one.id).deletion_batch_id for one in answers} == {deleted}
        assert {behind.one(CallNote, id=one.id).deleted_at for one in (other, own)} == {None}
        assert behind.one(DeletionBatch, id=deleted).counts == {"call_note": 3}
        client.post(f"/trash/{deleted}/undo", status=303)

        for one in (note, *answers):
            assert behind.one(CallNote, id=one.id).deleted_at is None
        assert behind.one(CallNote, id=gone.id).deleted_at is not None
        page = client.get(f"/calls/{call.id}?panel=coaching&turn=1")
        assert "I will." in page.text
        assert "Done." in page.text
        assert "Never mind." not in page.text

    def test_an_answer_goes_alone_and_comes_back_to_what_it_answers(
        self, client: Client, csr: User, manager: User, call: Call, note: CallNote, behind: Behind, make: Factories
    ) -> None:
        mine = make.note(call, manager, kind="coaching", body="And offer it twice.", parent_id=note.id)
        client.sign_in(manager)
        for one in (mine, note):
            client.post(f"/calls/{call.id}/notes/{one.id}/delete", {"version": "1"}, status=303)
        alone, whole = (behind.one(CallNote, id=one.id).deletion_batch_id for one in (mine, note))
        assert alone != whole

        client.post(f"/trash/{whole}/undo", status=303)
        assert behind.one(CallNote, id=mine.id).deleted_at is not None
        client.post(f"/trash/{alone}/undo", status=303)
        assert "And offer it twice." in client.get(f"/calls/{call.id}?panel=coaching&turn=1").text

    def test_of_an_answer_what_it_answers_has_to_be_there(
        self, client: Client, manager: User, call: Call, note: CallNote, behind: Behind, make: Factories
    ) -> None:
        mine = make.note(call, manager, kind="coaching", body="And offer it twice.", parent_id=note.id)
        client.sign_in(manager)
        for one in (mine, note):
            client.post(f"/calls/{call.id}/notes/{one.id}/delete", {"version": "1"}, status=303)
        alone = behind.one(CallNote, id=mine.id).deletion_batch_id

        led = client.post(f"/trash/{alone}/undo", status=303)
        assert led.headers["Location"].startswith(f"/trash/{alone}/restore")
        assert behind.one(CallNote, id=mine.id).deleted_at is not None


class TestNobodyElse:
    @pytest.fixture
    def bystander(self, make: Factories, organization: Organization, call: Call, behind: Behind, request: Any) -> User:
        """A user who can see the call but is neither credited with it nor a manager."""
        if request.param == "support":
            return make.user(organization, Role.SUPPORT)
        if request.param == "colleague":
            person = make.user(organization, Role.CSR)
            behind.change(call, handled_by_user_id=person.id)
            return person
        person = make.user(organization, Role.SALES_REP)
        behind.change(call, assigned_rep_id=person.id)
        return person

    @pytest.mark.parametrize("bystander", ["support", "colleague", "rep"], indirect=True)
    def test_sees_it_on_no_path(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        call: Call,
        note: CallNote,
        behind: Behind,
        bystander: User,
    ) -> None:
        contact = make.contact(organization, created_by=bystander.id)
        behind.change(call, contact_card_id=contact.id)
        make.note(call, csr, kind="coaching", body="A secret answer.", parent_id=note.id)
        client.sign_in(bystander)
        paths = [
            f"/calls/{call.id}",
            f"/calls/{call.id}?panel=coaching&turn=1",
            f"/contacts/{contact.id}",
            "/calls.csv",
            *(
                ["/audit", f"/audit?resource_type=call_note&resource_id={note.id}"]
                if bystander.role == "support"
                else []
            ),
        ]

        for path in paths:
            text = client.get(path).response.get_data(as_text=True)
            assert WORDS not in text, path
            assert "A secret answer." not in text, path
            assert "coaching note" not in text.lower().replace("coaching notes are", "") or path.startswith("/audit"), (
                path
            )
        if bystander.role != "support":
            answer(client, note, status=404)
            client.post(f"/calls/{call.id}/coaching/{note.id}/done", {"version": "1"}, status=404)
