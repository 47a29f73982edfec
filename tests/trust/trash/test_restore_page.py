"""The pages of a deletion and of its restore, which does exactly what its preview shows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of
from tests.trust.trash.conftest import Delete, Restore, Stored, kept

NewClient = Callable[[], Client]


def told(page: Page) -> str:
    """Return the texts of the toasts."""
    return " ".join(text_of(one) for one in page.all(".//*[@data-toast]"))


def form_of(page: Page, batch_id: UUID) -> dict[str, str]:
    """Return the fields of the restore form as a browser would submit them unchanged."""
    return page.fields(f"/trash/{batch_id}/restore", "post")


def conflicts(page: Page) -> list[str]:
    """Return the IDs of the rows that have a conflict to decide."""
    return [one.get("data-conflict", "") for one in page.all(".//*[@data-conflict]")]


@pytest.fixture
def person_whose_address_is_taken(
    make: Factories, organization: Organization, admin: User, soft_delete: Delete
) -> tuple[User, UUID]:
    """A deleted user whose email address now belongs to another one, and the ID of the deletion."""
    person = make.user(organization, name="Kyle Brandt", email="kyle@blue.example", phone="+12125550142")
    batch_id = soft_delete(admin, "user", person, reason="Has left us")
    make.user(organization, name="Kyle Other", email="Kyle@blue.example")
    return person, batch_id


def test_a_person_whose_address_was_taken_comes_back_with_another(
    client: Client, admin: User, person_whose_address_is_taken: tuple[User, UUID], stored: Stored
) -> None:
    person, batch_id = person_whose_address_is_taken
    before = stored(person)
    client.sign_in(admin)

    page = client.get(f"/trash/{batch_id}/restore")

    assert conflicts(page) == [str(person.id)]
    assert "Someone here already has this email address." in page.text
    form = form_of(page, batch_id)
    assert form[f"choice-{person.id}"] == "rename"
    assert form[f"value-{person.id}"] == "kyle@blue.example"
    assert "Restore 1 item" not in page.text
    assert stored(person) == before

    looked = client.post(
        f"/trash/{batch_id}/restore", {**form, f"value-{person.id}": "kyle.b@blue.example", "step": "look"}, status=200
    )
    assert "Restore 1 item" in looked.text
    assert stored(person) == before

    done = client.post(f"/trash/{batch_id}/restore", {**form_of(looked, batch_id), "step": "restore"})

    assert "Restored: 1 item." in told(client.follow(done))
    after = stored(person)
    assert after["email"] == "kyle.b@blue.example"
    chosen = {"email", "email_key", "version"}
    assert {**kept(after), **dict.fromkeys(chosen)} == {**kept(before), **dict.fromkeys(chosen)}
    assert not after["is_deleted"]


def test_a_contact_with_its_closed_leads_and_tasks_comes_back_exactly(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    manager: User,
    soft_delete: Delete,
    admin_engine: Engine,
) -> None:
    card = make.contact(
        organization, first_name="Hollis", last_name="Park", tags=["vip"], custom_metadata={"gate": None}, version=3
    )
    rows = [
        make.lead(organization, contact=card, stage="dead", closed_at=DAY),
        make.lead(organization, contact=card, stage="dead", closed_at=DAY),
        make.task(organization, contact_card_id=card.id, description=""),
        make.task(organization, contact_card_id=card.id),
        make.pending_action(organization, contact=card),
    ]
    before = hashes(admin_engine, organization)
    batch_id = soft_delete(manager, "contact_card", card)
    assert hashes(admin_engine, organization) != before
    client.sign_in(admin)
    shown = client.get(f"/trash/{batch_id}")
    assert "1 contact, 1 contact number, 2 leads, 1 suggested task, 2 tasks" in shown.text

    page = client.get(f"/trash/{batch_id}/restore")
    assert "Everything will be restored as it was." in page.text
    client.post(f"/trash/{batch_id}/restore", {**form_of(page, batch_id), "step": "restore"})

    assert hashes(admin_engine, organization) == before
    assert len(rows) == 5
    assert "Restored" in client.get(f"/trash/{batch_id}").text
    assert client.get("/trash").all(".//tbody/tr") == []


def hashes(engine: Engine, organization: Organization) -> dict[str, str]:
    """Return a hash of each table with rows about a contact.

    It covers all columns except the time of the last change.
    """
    tables = ("contact_cards", "contact_phones", "leads", "tasks", "pending_actions")
    found = {}
    with engine.connect() as connection:
        for table in tables:
            rows = connection.execute(
                text(
                    "SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, '|' ORDER BY t.id)) "
                    f"FROM {table} t WHERE organization_id = :id"
                ),
                {"id": organization.id},
            )
            found[table] = rows.scalar_one()
    return found


class TestParts:
    def test_ticked_rows_come_back_and_the_page_shows_what_is_left(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        tasks = [make.task(organization, title=f"Task {number}") for number in range(3)]
        batch_id = soft_delete(admin, "task", *tasks)
        client.sign_in(admin)
        assert len(client.get(f"/trash/{batch_id}").all(".//input[@name='row']")) == 3

        page = client.get(f"/trash/{batch_id}/restore?row={tasks[0].id}&row={tasks[2].id}")
        rows = [one.get("value", "") for one in page.all(".//form[@method='post']//input[@name='row']")]
        assert set(rows) == {str(tasks[0].id), str(tasks[2].id)}
        done = client.post(f"/trash/{batch_id}/restore", {**form_of(page, batch_id), "row": rows, "step": "restore"})

        assert [stored(task)["is_deleted"] for task in tasks] == [False, True, False]
        left = client.follow(done)
        assert "2 of 3 records restored. You can still restore the rest." in left.text
        assert [one.get("value") for one in left.all(".//input[@name='row']")] == [str(tasks[1].id)]
        # A repeated submission reports what happened, and nothing happens twice.
        again = client.post(f"/trash/{batch_id}/restore", {**form_of(page, batch_id), "row": rows, "step": "restore"})
        assert "no longer in the trash" in told(client.follow(again))

    def test_a_lead_brings_its_contact_along_if_that_is_chosen(
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
        batch_id = soft_delete(admin, "lead", lead)
        soft_delete(admin, "contact_card", card)
        client.sign_in(admin)

        page = client.get(f"/trash/{batch_id}/restore")
        assert form_of(page, batch_id)[f"choice-{lead.id}"] == "with_parent"
        looked = client.post(f"/trash/{batch_id}/restore", {**form_of(page, batch_id), "step": "look"}, status=200)
        client.post(f"/trash/{batch_id}/restore", {**form_of(looked, batch_id), "step": "restore"})

        assert [stored(row)["is_deleted"] for row in (lead, card)] == [False, False]

    def test_a_managers_own_lead_does_not_bring_back_what_somebody_else_deleted(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        manager: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        card = make.contact(organization)
        lead = make.lead(organization, contact=card)
        batch_id = soft_delete(manager, "lead", lead)
        soft_delete(admin, "contact_card", card)
        client.sign_in(manager)

        page = client.get(f"/trash/{batch_id}/restore")
        form = form_of(page, batch_id)
        looked = client.post(f"/trash/{batch_id}/restore", {**form, "step": "look"}, status=200)

        assert conflicts(looked) == [str(lead.id)]
        assert "Restore 1 item" not in looked.text
        assert stored(lead)["is_deleted"]


class TestDeciding:
    def test_what_remains_in_conflict_is_shown_again_with_what_was_typed(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        people = [make.user(organization, email=f"{name}@blue.example") for name in ("one", "two", "three")]
        batch_id = soft_delete(admin, "user", *people)
        for name in ("one", "two", "free"):
            make.user(organization, email=f"{name}@blue.example")
        first, second, _third = people
        client.sign_in(admin)
        form = form_of(client.get(f"/trash/{batch_id}/restore"), batch_id)

        sent = {
            **form,
            f"value-{first.id}": "free@blue.example",
            f"value-{second.id}": "no address",
            "step": "look",
        }
        wrong = client.post(f"/trash/{batch_id}/restore", sent, status=200)

        again = form_of(wrong, batch_id)
        assert again[f"value-{first.id}"] == "free@blue.example"
        assert again[f"value-{second.id}"] == "no address"
        (error,) = wrong.all(f".//p[@id='value-{second.id}-error']")
        assert text_of(error)

        sent = {**again, f"choice-{second.id}": "skip", "step": "look"}
        taken = client.post(f"/trash/{batch_id}/restore", sent, status=200)
        assert "1 record can’t be restored as it was." in taken.text

        sent = {**form_of(taken, batch_id), f"value-{first.id}": "free.2@blue.example", "step": "look"}
        good = client.post(f"/trash/{batch_id}/restore", sent, status=200)
        client.post(f"/trash/{batch_id}/restore", {**form_of(good, batch_id), "step": "restore"})

        assert [stored(person)["is_deleted"] for person in people] == [False, True, False]
        assert stored(first)["email"] == "free.2@blue.example"

    def test_choices_that_were_not_looked_at_are_looked_at_first(
        self, client: Client, admin: User, person_whose_address_is_taken: tuple[User, UUID], stored: Stored
    ) -> None:
        person, batch_id = person_whose_address_is_taken
        client.sign_in(admin)
        form = form_of(client.get(f"/trash/{batch_id}/restore"), batch_id)
        looked = client.post(
            f"/trash/{batch_id}/restore", {**form, f"value-{person.id}": "k1@blue.example", "step": "look"}, status=200
        )

        changed = {**form_of(looked, batch_id), f"value-{person.id}": "k2@blue.example", "step": "restore"}
        page = client.post(f"/trash/{batch_id}/restore", changed, status=200)

        assert stored(person)["is_deleted"]
        client.post(f"/trash/{batch_id}/restore", {**form_of(page, batch_id), "step": "restore"})
        assert stored(person)["email"] == "k2@blue.example"

    def test_what_was_taken_between_looking_and_restoring_is_told(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        person_whose_address_is_taken: tuple[User, UUID],
        stored: Stored,
    ) -> None:
        person, batch_id = person_whose_address_is_taken
        client.sign_in(admin)
        form = form_of(client.get(f"/trash/{batch_id}/restore"), batch_id)
        looked = client.post(
            f"/trash/{batch_id}/restore", {**form, f"value-{person.id}": "k1@blue.example", "step": "look"}, status=200
        )
        make.user(organization, email="k1@blue.example")

        page = client.post(f"/trash/{batch_id}/restore", {**form_of(looked, batch_id), "step": "restore"}, status=409)

        assert conflicts(page) == [str(person.id)]
        assert form_of(page, batch_id)[f"value-{person.id}"] == "k1@blue.example"
        assert stored(person)["is_deleted"]

    def test_all_that_cannot_come_back_is_left_at_once(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        people = [make.user(organization, email=f"p{number}@blue.example") for number in range(3)]
        batch_id = soft_delete(admin, "user", *people)
        for number in range(2):
            make.user(organization, email=f"p{number}@blue.example")
        client.sign_in(admin)
        form = form_of(client.get(f"/trash/{batch_id}/restore"), batch_id)

        looked = client.post(f"/trash/{batch_id}/restore", {**form, "rest": "skip", "step": "look"}, status=200)
        client.post(f"/trash/{batch_id}/restore", {**form_of(looked, batch_id), "step": "restore"})

        assert [stored(person)["is_deleted"] for person in people] == [True, True, False]

    def test_a_number_is_typed_as_people_dial_it(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        card = make.contact(organization, primary_phone="+12125550199")
        batch_id = soft_delete(admin, "contact_card", card)
        make.contact(organization, primary_phone="+12125550199")
        client.sign_in(admin)
        page = client.get(f"/trash/{batch_id}/restore")
        (row_id,) = conflicts(page)

        sent = {**form_of(page, batch_id), f"value-{row_id}": "(212) 555-0188", "step": "look"}
        looked = client.post(f"/trash/{batch_id}/restore", sent, status=200)
        client.post(f"/trash/{batch_id}/restore", {**form_of(looked, batch_id), "step": "restore"})

        assert stored(card)["primary_phone"] == "+12125550188"

    def test_more_people_than_the_plan_has_seats_for_lead_to_the_plan(
        self,
        client: Client,
        make: Factories,
        admin_engine: Engine,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
    ) -> None:
        person = make.user(organization)
        batch_id = soft_delete(admin, "user", person)
        with admin_engine.begin() as connection:
            connection.execute(
                text("UPDATE organizations SET team_members_quota = 1 WHERE id = :id"), {"id": organization.id}
            )
        client.sign_in(admin)

        page = client.get(f"/trash/{batch_id}/restore")

        assert "All seats in the plan are in use." in page.text
        assert form_of(page, batch_id)[f"choice-{person.id}"] == "skip"

    @pytest.mark.parametrize("sent", [{"choice-x": "skip"}, {"choice-{id}": "all"}, {"row": "x"}, {"value-x": "y"}])
    def test_what_no_page_sends_is_refused(
        self, client: Client, admin: User, person_whose_address_is_taken: tuple[User, UUID], sent: dict[str, str]
    ) -> None:
        person, batch_id = person_whose_address_is_taken
        client.sign_in(admin)

        form = {name.replace("{id}", str(person.id)): value for name, value in sent.items()}
        client.post(f"/trash/{batch_id}/restore", form, status=400)


class TestOthersAreQuicker:
    def test_of_two_admins_who_restore_at_once_one_does_and_the_other_is_told(
        self,
        new_client: NewClient,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        stored: Stored,
    ) -> None:
        card = make.contact(organization)
        batch_id = soft_delete(admin, "contact_card", card)
        clients = [new_client().sign_in(who) for who in (admin, make.user(organization, Role.ADMIN))]
        forms = [form_of(one.get(f"/trash/{batch_id}/restore"), batch_id) for one in clients]

        def send(one: Client, form: dict[str, str]) -> Page:
            return one.answer_of(f"/trash/{batch_id}/restore", {**form, "step": "restore"})

        with ThreadPoolExecutor(2) as pool:
            answers: Sequence[Page] = list(pool.map(send, clients, forms))

        assert [answer.status for answer in answers] == [303, 303]
        said = sorted(told(one.follow(answer)) for one, answer in zip(clients, answers, strict=True))
        assert ["Restored: 2 items." in said[0], "This was already restored." in said[1]] == [True, True]
        assert not stored(card)["is_deleted"]

    def test_a_deletion_that_is_settled_is_shown_as_it_is(
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

        page = client.follow(client.get(f"/trash/{batch_id}/restore", status=303))

        assert "This was already restored." in told(page)
        assert page.all(".//input[@name='row']") == []


def test_a_wrong_id_is_not_found(client: Client, admin: User, organization: Organization) -> None:
    client.sign_in(admin)

    for address in (f"/trash/{organization.id}", f"/trash/{organization.id}/restore", "/trash/5"):
        client.get(address, status=404)


def test_the_page_lists_ten_of_a_kind_and_leads_to_the_rest(
    client: Client, make: Factories, organization: Organization, admin: User, soft_delete: Delete
) -> None:
    tasks = [make.task(organization) for _ in range(12)]
    batch_id = soft_delete(admin, "task", *tasks)
    client.sign_in(admin)

    page = client.get(f"/trash/{batch_id}")
    rest = client.get(page.links["Next page"])

    assert len(page.all(".//input[@name='row']")) == 10
    assert len(rest.all(".//input[@name='row']")) == 2


def test_the_trail_of_the_deletion_stands_on_its_page(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    client.sign_in(admin)
    task = make.task(organization)
    client.post(f"/tasks/{task.id}/delete")
    (link,) = [href for name, href in client.get("/trash").links.items() if name == task.title]

    page = client.get(link)

    assert "Deleted: Ada Byrne" in page.text
    assert "From 127.0.0.1, request" in page.text
