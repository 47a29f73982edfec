"""The page `/trash`: one list of all types of records, restricted by permission."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.trust.trash.conftest import Delete

NewClient = Callable[[], Client]


def labels(page: Page) -> list[str]:
    """Return the names of the deletions in the list, in order."""
    return [text_of(link) for link in page.all(".//tbody//th/a")]


@pytest.fixture
def move(admin_engine: Engine) -> Callable[..., None]:
    """Function that sets columns of a deletion: `move(batch_id, created_at=…)`."""

    def run(batch_id: UUID, **values: object) -> None:
        columns = ", ".join(f"{name} = :{name}" for name in values)
        with admin_engine.begin() as connection:
            connection.execute(
                text(f"UPDATE deletion_batches SET {columns} WHERE id = :id"), {**values, "id": batch_id}
            )

    return run


def test_a_deletion_says_what_who_why_when_from_where_how_much_and_how_long(
    client: Client, make: Factories, organization: Organization, admin: User, soft_delete: Delete
) -> None:
    card = make.contact(organization, first_name="Hollis", last_name="Park")
    make.task(organization, contact_card_id=card.id)
    client.sign_in(admin)
    task = make.task(organization, title="Send the quote")
    client.post(f"/tasks/{task.id}/delete")
    soft_delete(admin, "contact_card", card, reason="Asked us to")

    page = client.get("/trash")

    assert labels(page) == ["Hollis Park", "Send the quote"]
    first, second = (text_of(row) for row in page.all(".//tbody/tr"))
    assert "1 contact, 1 contact number, 1 task" in first
    assert "“Asked us to”" in first
    assert "Ada Byrne" in first
    assert "in 30 days" in first
    assert "127.0.0.1" in second
    assert "127.0.0.1" not in first  # not deleted by a request
    assert page.one(".//span[@data-count]").get("data-count") == "2"


def test_it_is_narrowed_by_kind_person_words_time_and_state(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    manager: User,
    soft_delete: Delete,
    move: Callable[..., None],
) -> None:
    task = soft_delete(manager, "task", make.task(organization, title="100% sure"))
    note = soft_delete(admin, "user", make.user(organization, name="Kyle Brandt"), reason="Has left us")
    old = soft_delete(admin, "task", make.task(organization, title="An old one"))
    now = datetime.now(UTC)
    move(old, created_at=now - timedelta(days=29), purge_after=now + timedelta(hours=20))
    restored = soft_delete(admin, "task", make.task(organization, title="Back again"))
    move(restored, restored_at=now)
    purged = soft_delete(admin, "task", make.task(organization, title="Gone"))
    move(purged, purged_at=now)
    client.sign_in(admin)
    assert len({task, note, old, restored, purged}) == 5

    assert labels(client.get("/trash")) == ["Kyle Brandt", "100% sure", "An old one"]
    assert labels(client.get("/trash?kind=user")) == ["Kyle Brandt"]
    assert labels(client.get(f"/trash?by={manager.id}")) == ["100% sure"]
    assert labels(client.get("/trash?q=HAS LEFT")) == ["Kyle Brandt"]
    assert labels(client.get("/trash?q=0%25")) == ["100% sure"]
    assert labels(client.get("/trash?due=soon")) == ["An old one"]
    assert labels(client.get("/trash?period=last_7")) == ["Kyle Brandt", "100% sure"]
    assert labels(client.get("/trash?state=restored")) == ["Back again"]
    assert labels(client.get("/trash?state=purged")) == ["Gone"]
    assert len(labels(client.get("/trash?state=any"))) == 5
    assert labels(client.get("/trash?sort=deletedAt"))[0] == "An old one"
    assert labels(client.get("/trash?sort=purgeAfter")) == ["An old one", "100% sure", "Kyle Brandt"]
    assert "in 1 day" in client.get("/trash?due=soon").text
    chips = client.get("/trash?kind=user&state=any")
    assert [text_of(chip) for chip in chips.all(".//span[@class='chip']/b")] == ["Person", "All"]


@pytest.mark.parametrize("query", ["kind=organization", "kind=nothing", "by=x", "state=x", "due=later", "x=1"])
def test_what_the_address_cannot_mean_is_refused(client: Client, admin: User, query: str) -> None:
    client.sign_in(admin).get(f"/trash?{query}", status=400)


def test_only_what_is_in_the_trash_is_sorted_by_when_it_goes(client: Client, admin: User) -> None:
    client.sign_in(admin).get("/trash?state=purged&sort=purgeAfter", status=400)


def test_pages_go_on_where_the_last_one_ended(
    client: Client, make: Factories, organization: Organization, admin: User, move: Callable[..., None]
) -> None:
    now = datetime.now(UTC)
    with make.batch():
        for number in range(55):
            task = make.task(organization)
            make.deletion(task, root_label=f"Task {number:02}", purge_after=now + timedelta(days=1, minutes=number))
    client.sign_in(admin)

    by_due = client.get("/trash?sort=purgeAfter")
    assert labels(by_due)[0] == "Task 00"
    assert labels(client.get(by_due.links["Due later"])) == [f"Task {number}" for number in range(50, 55)]
    newest = client.get("/trash")
    assert labels(newest)[0] == "Task 54"
    older = client.get(newest.links["Older"])
    assert labels(older) == [f"Task {number:02}" for number in reversed(range(5))]
    assert labels(client.get(older.links["Newer"])) == labels(newest)


class TestWho:
    def test_a_manager_sees_only_what_they_deleted_themselves(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        manager: User,
        soft_delete: Delete,
    ) -> None:
        theirs = soft_delete(manager, "task", make.task(organization, title="Mine"))
        others = soft_delete(admin, "task", make.task(organization, title="Not mine"))
        client.sign_in(manager)

        page = client.get("/trash")

        assert labels(page) == ["Mine"]
        assert "Deleted by" not in {text_of(one) for one in page.all(".//label[@class='filter']/span")}
        client.get(f"/trash/{theirs}")
        client.get(f"/trash/{others}", status=404)
        client.get(f"/trash/{others}/restore", status=404)
        client.post(f"/trash/{others}/restore", {"step": "restore"}, status=404)
        client.get(f"/trash/restore?row={theirs}&row={others}", status=404)
        client.get(f"/trash/purge?row={theirs}", status=403)

    def test_support_sees_all_and_changes_nothing(
        self, client: Client, make: Factories, organization: Organization, admin: User, soft_delete: Delete
    ) -> None:
        batch_id = soft_delete(admin, "task", make.task(organization, title="A task"))
        client.sign_in(make.user(organization, Role.SUPPORT))

        page = client.get("/trash")

        assert labels(page) == ["A task"]
        assert page.all(".//tbody//input") == []
        shown = client.get(f"/trash/{batch_id}")
        assert "You can view the trash. Admins can restore from it." in shown.text
        assert "Restore all…" not in shown.links
        client.get(f"/trash/{batch_id}/restore", status=403)
        client.post(f"/trash/{batch_id}/restore", status=403)
        client.post(f"/trash/{batch_id}/restore-all", status=403)
        client.post("/trash/restore", {"row": str(batch_id)}, status=403)
        client.post("/trash/purge", {"row": str(batch_id), "word": "delete"}, status=403)

    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.EXEC])
    def test_others_have_no_trash(
        self, client: Client, make: Factories, organization: Organization, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role)).get("/trash", status=403)

    def test_another_organizations_trash_is_not_there(
        self, client: Client, make: Factories, organization: Organization, admin: User, soft_delete: Delete
    ) -> None:
        batch_id = soft_delete(admin, "task", make.task(organization))
        client.sign_in(make.user(make.organization(), Role.OWNER))

        assert labels(client.get("/trash")) == []
        client.get(f"/trash/{batch_id}", status=404)
        client.post(f"/trash/{batch_id}/restore", {"step": "restore"}, status=404)
        client.post("/trash/restore", {"row": str(batch_id)}, status=404)
        client.post("/trash/purge", {"row": str(batch_id), "word": "delete"}, status=404)

    def test_the_deletion_of_the_organization_is_not_among_those_of_its_records(
        self, client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
    ) -> None:
        batch = make.deletion(make.task(organization), root_type="organization", root_label=organization.name)
        client.sign_in(admin)

        assert labels(client.get("/trash?state=any")) == []
        client.get(f"/trash/{batch.id}", status=404)


def test_coaching_is_not_shown_to_who_may_see_the_trash_only(
    client: Client, make: Factories, organization: Organization, manager: User, admin: User, soft_delete: Delete
) -> None:
    csr = make.user(organization)
    note = make.note(make.call(organization, csr=csr), manager, kind="coaching", body="Talks over people")
    batch_id = soft_delete(manager, "call_note", note)
    client.sign_in(make.user(organization, Role.SUPPORT))

    assert labels(client.get("/trash")) == ["Coaching note"]
    assert "Talks over people" not in client.get(f"/trash/{batch_id}").html
