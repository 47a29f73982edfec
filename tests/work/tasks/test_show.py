"""The page of a task, its buttons, and its forms."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.models import Organization, Role, Task, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of
from tests.work.calls.conftest import Trail

Stored = Callable[[Any], Any]


@pytest.fixture
def task(make: Factories, organization: Organization, csr: User) -> Task:
    """A pending task of the CSR, due on `DAY` at noon in New York."""
    return make.task(organization, assignee=csr, title="Call back about the quote")


def history(page: Page) -> list[str]:
    return [text_of(one) for one in page.all(".//ol[@class='timeline']/li//b")]


class TestPage:
    def test_it_says_what_it_is_about_as_far_as_that_may_be_seen(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        mine, theirs = make.call(organization, csr=csr), make.call(organization, csr=colleague)
        of_mine = make.task(organization, assignee=csr, call_id=mine.id, description="She is in after 4")
        of_theirs = make.task(organization, assignee=csr, call_id=theirs.id)
        client.sign_in(csr)

        page = client.get(f"/tasks/{of_mine.id}")
        assert page.links["Open call"] == f"/calls/{mine.id}"
        assert "She is in after 4" in page.text
        assert "Open call" not in client.get(f"/tasks/{of_theirs.id}").links

    def test_an_appointment_in_the_trash_is_told_of_and_leads_nowhere(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User
    ) -> None:
        visit = make.appointment(organization)
        task = make.task(organization, assignee=csr, appointment_id=visit.id)
        assert client.sign_in(manager).get(f"/tasks/{task.id}").links["Open appointment"]
        make.deletion(visit, root_type="appointment", counts={"appointment": 1})

        page = client.get(f"/tasks/{task.id}")
        assert "Appointment (in the trash)" in page.text
        assert str(visit.id) not in page.html
        # Users who could not see the appointment outside the trash learn nothing about it.
        assert "in the trash" not in client.sign_in_by_form(csr).get(f"/tasks/{task.id}").text

    def test_one_from_an_analysis_shows_what_the_analysis_said_and_finishes_it(
        self, client: Client, make: Factories, organization: Organization, csr: User, stored: Stored
    ) -> None:
        action = make.pending_action(organization, raw_text="Send the customer a quote by Friday.")
        task = make.task(organization, assignee=csr, title="Send a quote", pending_action_id=action.id)

        assert "Send the customer a quote by Friday." in client.sign_in(csr).get(f"/tasks/{task.id}").text
        client.post(f"/tasks/{task.id}/complete")
        assert stored(action).status == "completed"

    def test_its_history_tells_what_was_done(self, client: Client, csr: User, task: Task) -> None:
        client.sign_in(csr)
        for change in ("complete", "reopen", "start"):
            client.post(f"/tasks/{task.id}/{change}")

        told = history(client.get(f"/tasks/{task.id}"))
        assert told[:3] == ["Changed by Maya Torres", "Reopened by Maya Torres", "Completed by Maya Torres"]

    def test_what_is_not_mine_and_what_is_elsewhere_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        client.sign_in(csr)
        for there in (make.task(organization, assignee=colleague), make.task(make.organization())):
            for page in ("", "/edit"):
                client.get(f"/tasks/{there.id}{page}", status=404)

    def test_a_deleted_one_is_not_there(self, client: Client, manager: User, task: Task) -> None:
        client.sign_in(manager)
        page = client.follow(
            client.post(f"/tasks/{task.id}/remove", client.get(f"/tasks/{task.id}").fields(f"/tasks/{task.id}/remove"))
        )

        assert "Task deleted." in page.text
        client.get(f"/tasks/{task.id}", status=404)

    def test_an_exec_only_reads(self, client: Client, make: Factories, organization: Organization, task: Task) -> None:
        client.sign_in(make.user(organization, Role.EXEC))

        page = client.get(f"/tasks/{task.id}")
        assert [form for form in page.all(".//main//form") if "/tasks/" in form.get("action", "")] == []
        for change in ("complete", "reopen", "start", "pause", "cancel", "snooze", "assign", "remove"):
            client.post(f"/tasks/{task.id}/{change}", status=403)


class TestButtons:
    def test_one_tap_completes_and_undo_gives_back_just_what_was_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, stored: Stored
    ) -> None:
        task = make.task(organization, assignee=csr, status="in_progress")
        page = client.sign_in(csr).get("/tasks")
        done = client.follow(client.post(f"/tasks/{task.id}/complete", page.fields(f"/tasks/{task.id}/complete")))

        assert "Task completed." in done.text
        assert stored(task).status == "completed"
        [undo] = [form.get("action") for form in done.all(".//form") if "reopen?" in form.get("action", "")]
        client.post(undo or "")
        assert (stored(task).status, stored(task).completed_at) == ("in_progress", None)

    def test_the_second_is_told_who_was_first(
        self, client: Client, new_client: Callable[[], Client], csr: User, manager: User, task: Task, trail: Trail
    ) -> None:
        client.sign_in(csr).post(f"/tasks/{task.id}/complete")
        theirs = new_client().sign_in(manager)

        page = theirs.follow(theirs.post(f"/tasks/{task.id}/complete"))
        assert "Maya Torres already completed this task." in page.text
        answer = theirs.post(f"/tasks/{task.id}/complete", status=409, headers={"Accept": "application/json"})
        assert answer.json["error"]["code"] == "TASK_ALREADY_COMPLETED"
        assert len(trail("task.completed")) == 1

    def test_a_task_is_snoozed_and_comes_back(self, client: Client, csr: User, task: Task, stored: Stored) -> None:
        client.sign_in(csr).get("/tasks")
        page = client.follow(client.post(f"/tasks/{task.id}/snooze", {"to": "tomorrow"}))

        assert stored(task).snoozed_until > datetime.now(UTC)
        assert stored(task).due_at == DAY
        [undo] = [form.get("action") for form in page.all(".//form") if "snooze?" in form.get("action", "")]
        client.post(undo or "")
        assert stored(task).snoozed_until is None

    def test_it_is_brought_back_before_its_time(
        self, client: Client, make: Factories, organization: Organization, csr: User, stored: Stored
    ) -> None:
        task = make.task(organization, assignee=csr, due_at=None)
        client.sign_in(csr).post(f"/tasks/{task.id}/snooze", {"to": "day", "day": "2027-03-08"})
        assert stored(task).snoozed_until == datetime(2027, 3, 8, 14, tzinfo=UTC)

        assert "Unsnooze" in client.get(f"/tasks/{task.id}").text
        client.post(f"/tasks/{task.id}/snooze", {"back": "none"})

        assert (stored(task).snoozed_until, stored(task).due_at) == (None, None)

    @pytest.mark.parametrize("sent", [{}, {"to": "never"}, {"to": "day"}, {"to": "day", "day": "0001-01-01"}])
    def test_a_date_that_is_none_changes_nothing(
        self, client: Client, csr: User, task: Task, stored: Stored, sent: dict[str, str]
    ) -> None:
        client.sign_in(csr).answer_of(f"/tasks/{task.id}/snooze", sent)

        assert stored(task).version == 1

    def test_a_manager_gives_it_to_somebody_and_takes_it_back(
        self, client: Client, manager: User, csr: User, colleague: User, task: Task, stored: Stored
    ) -> None:
        form = client.sign_in(manager).get(f"/tasks/{task.id}").fields(f"/tasks/{task.id}/assign")
        assert form["assignee"] == str(csr.id)

        page = client.follow(client.post(f"/tasks/{task.id}/assign", {**form, "assignee": str(colleague.id)}))
        assert stored(task).assigned_to_user_id == colleague.id
        [undo] = [form.get("action") for form in page.all(".//form") if "assign?" in form.get("action", "")]
        client.post(undo or "")
        assert stored(task).assigned_to_user_id == csr.id

    def test_a_csr_gives_it_to_nobody(
        self, client: Client, csr: User, colleague: User, task: Task, stored: Stored
    ) -> None:
        assert f"/tasks/{task.id}/assign" not in client.sign_in(csr).get(f"/tasks/{task.id}").text

        page = client.follow(client.post(f"/tasks/{task.id}/assign", {"assignee": str(colleague.id)}))
        assert "Only managers can assign tasks to others." in page.text
        assert stored(task).assigned_to_user_id == csr.id


class TestForms:
    def test_a_new_one_from_a_call_is_about_it_and_leads_back(
        self, client: Client, make: Factories, organization: Organization, csr: User, trail: Trail
    ) -> None:
        contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
        call = make.call(organization, csr=csr, contact_card_id=contact.id)
        page = client.sign_in(csr).get(f"/tasks/new?call={call.id}")
        assert "Ruth Delgado" in page.text

        form = page.fields("/tasks/new", "post")
        sent = {**form, "title": "Send the offer", "due_day": "2027-03-08", "due_time": "15:30"}
        assert client.post("/tasks/new", sent).headers["Location"] == f"/calls/{call.id}"
        client.post("/tasks/new", sent)

        [made] = trail("task.created")
        assert made.after is not None
        assert (made.after["call_id"], made.after["contact_card_id"]) == (str(call.id), str(contact.id))
        assert made.after["due_at"].startswith("2027-03-08T20:30")
        assert made.after["assigned_to_user_id"] == str(csr.id)

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"title": ""}, "Enter what needs to be done."),
            ({"title": "x" * 201}, "Use up to 200 characters."),
            ({"description": "x" * 2001}, "Use up to 2000 characters."),
            ({"due_time": "15:30"}, "Also choose a date."),
            ({"due_day": "1066-10-14"}, "Choose a day between 1990 and 2199."),
            ({"due_day": "soon"}, "Not a valid date value."),
            ({"priority": "huge"}, "Choose one of the options."),
            ({"assignee": "everybody"}, "Choose one of the options."),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
        self, client: Client, csr: User, trail: Trail, wrong: dict[str, str], says: str
    ) -> None:
        form = client.sign_in(csr).get("/tasks/new").fields("/tasks/new", "post")
        sent = {**form, "title": "Send the offer", "description": "By email", **wrong}

        page = client.post("/tasks/new", sent, status=400)

        assert says in page.text
        if "description" not in wrong:
            assert page.fields("/tasks/new", "post")["description"] == "By email"
        assert trail("task.created") == []

    def test_a_call_that_is_not_mine_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        theirs = make.call(organization, csr=colleague)
        client.sign_in(csr).get(f"/tasks/new?call={theirs.id}", status=404)

    def test_edits_are_saved_and_the_form_shows_what_is_there(
        self, client: Client, csr: User, task: Task, stored: Stored
    ) -> None:
        form = client.sign_in(csr).get(f"/tasks/{task.id}/edit").fields(f"/tasks/{task.id}/edit")
        assert form["title"] == "Call back about the quote"

        client.post(f"/tasks/{task.id}/edit", form)
        assert stored(task).version == 1, "nothing was changed"
        client.post(f"/tasks/{task.id}/edit", {**form, "title": "Send the quote"})
        assert (stored(task).title, stored(task).due_at) == ("Send the quote", DAY)

    def test_a_stale_form_shows_both_and_saves_nothing(
        self, client: Client, new_client: Callable[[], Client], csr: User, manager: User, task: Task, stored: Stored
    ) -> None:
        address = f"/tasks/{task.id}/edit"
        mine = client.sign_in(csr).get(address).fields(address)
        theirs = new_client().sign_in(manager)
        theirs.post(address, {**theirs.get(address).fields(address), "title": "Theirs", "due_time": "09:15"})

        page = client.post(address, {**mine, "title": "Mine"}, status=409)

        shown = [text_of(row) for row in page.all(".//*[@class='conflict']//tbody/tr")]
        assert shown[0] == "Task Theirs Mine"
        assert stored(task).title == "Theirs"
        client.post(address, page.fields(address))
        assert stored(task).title == "Mine"


class TestHostileForms:
    """Values that none of the page's buttons submits."""

    @pytest.mark.parametrize(
        "back", ["soon", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00", "2027-03-08T10:00"]
    )
    def test_a_date_that_is_none_moves_nothing(
        self, client: Client, csr: User, task: Task, stored: Stored, back: str
    ) -> None:
        client.sign_in(csr).post(f"/tasks/{task.id}/snooze", {"back": back}, status=400)

        assert stored(task).due_at == DAY
        client.get("/tasks")

    @pytest.mark.parametrize("assignee", ["", "nobody at all", "00000000-0000-0000-0000-00000000000g"])
    def test_what_names_nobody_takes_a_task_from_nobody(
        self, client: Client, manager: User, csr: User, task: Task, stored: Stored, assignee: str
    ) -> None:
        client.sign_in(manager).post(f"/tasks/{task.id}/assign", {"assignee": assignee}, status=400)

        assert stored(task).assigned_to_user_id == csr.id

    def test_a_contact_of_another_organization_is_not_found_whatever_else_is_named(
        self, client: Client, make: Factories, organization: Organization, csr: User, behind: Behind
    ) -> None:
        contact, stranger = make.contact(organization), make.contact(make.organization())
        call = make.call(organization, csr=csr, contact_card_id=contact.id)
        form = client.sign_in(csr).get(f"/tasks/new?call={call.id}").fields("/tasks/new")

        for named in ({"contact": stranger.id}, {"contact": make.contact(organization).id, "call": call.id}):
            client.post("/tasks/new", {**form, "title": "Call back", **named}, status=404)
        assert behind.rows(Task, organization_id=organization.id) == []
