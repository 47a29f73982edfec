"""Large merges, which the worker performs and undoes with visible progress."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.extensions import db
from app.models import Call, ContactCard, ContactMerge, Message, Organization, Role, StaffRole, Task, User
from app.ops.jobs.worker import run_worker
from app.work.merging import merge_run_service, merge_service
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.work import at_work
from tests.work.merging.test_merge import address, stored

CALLS = 7


@pytest.fixture
def few_in_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_service, "MAX_IN_A_REQUEST", CALLS)
    monkeypatch.setattr(merge_run_service, "ROWS_A_STEP", 3)


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    return client.sign_in(manager)


@pytest.fixture
def kept(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Ruth")


@pytest.fixture
def merged(make: Factories, organization: Organization) -> ContactCard:
    """A contact with a phone number and more calls than a request can move."""
    contact = make.contact(organization, first_name="Ruth", last_name="Again")
    for _ in range(CALLS):
        make.call(organization, contact_card_id=contact.id)
    return contact


@pytest.mark.usefixtures("few_in_a_request")
def test_more_than_a_request_moves_is_done_by_the_worker_and_can_be_watched(
    app: Flask, as_manager: Client, behind: Behind, organization: Organization, kept: ContactCard, merged: ContactCard
) -> None:
    before = stored(behind, organization)
    here = address(kept, merged)

    page = as_manager.follow(as_manager.post(here, as_manager.get(here).fields(here)))

    assert f"0 of {CALLS + 1} records moved" in page.text
    assert stored(behind, organization) == before
    waiting = as_manager.post(here, as_manager.get(here).fields(here), status=409)
    assert "being merged in the background" in waiting.text
    run_worker(app, schedule=(), until_idle=True)
    assert {one.contact_card_id for one in behind.rows(Call, organization_id=organization.id)} == {kept.id}
    made = behind.one(ContactMerge)
    assert (made.status, made.rows_moved) == ("done", CALLS + 1)
    [told] = [one for one in behind.trail(organization.id, "contact_card") if one.action == "contact_card.merged"]
    assert told.operation_id == made.operation_id
    assert "Records moved: 8." in as_manager.get(f"/contacts/merges/{made.id}").text
    as_manager.post(f"/trash/{made.deletion_batch_id}/undo")
    assert stored(behind, organization) == before


def test_as_much_as_a_request_moves_is_done_in_it(
    monkeypatch: pytest.MonkeyPatch, as_manager: Client, behind: Behind, kept: ContactCard, merged: ContactCard
) -> None:
    monkeypatch.setattr(merge_service, "MAX_IN_A_REQUEST", CALLS + 1)
    here = address(kept, merged)

    as_manager.post(here, as_manager.get(here).fields(here))

    assert behind.one(ContactMerge).status == "done"


@pytest.mark.usefixtures("few_in_a_request")
def test_one_that_changed_while_it_waited_is_not_merged_and_the_page_says_why(
    app: Flask, as_manager: Client, behind: Behind, kept: ContactCard, merged: ContactCard
) -> None:
    here, edit = address(kept, merged), f"/contacts/{merged.id}/edit"
    page = as_manager.post(here, as_manager.get(here).fields(here))
    as_manager.post(edit, {**as_manager.get(edit).fields(edit), "city": "Austin"})

    run_worker(app, schedule=(), until_idle=True)

    assert "someone changed one of the two" in as_manager.follow(page).text
    assert behind.one(ContactCard, id=merged.id).deleted_at is None
    assert {one.contact_card_id for one in behind.rows(Call)} == {merged.id}
    as_manager.post(here, as_manager.get(here).fields(here))


def test_a_form_with_more_tags_than_a_contact_may_have_is_refused(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization
) -> None:
    one, other = (make.contact(organization, tags=[f"{name}{number}" for number in range(11)]) for name in "ab")
    make.task(organization, contact_card_id=other.id)

    page = as_manager.post(
        address(one, other), as_manager.get(address(one, other)).fields(address(one, other)), status=409
    )

    assert "Together, the two contacts have 22 tags, and the maximum is 20." in page.text
    assert {task.contact_card_id for task in behind.rows(Task)} == {other.id}


@pytest.mark.usefixtures("few_in_a_request")
def test_a_guest_of_the_platform_merges_no_more_than_a_request_moves(
    client: Client, make: Factories, behind: Behind, organization: Organization, kept: ContactCard, merged: ContactCard
) -> None:
    """A large merge by a guest is refused.

    The worker acts with the permissions of the organization's own users.
    """
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})
    here = address(kept, merged)

    page = client.post(here, client.get(here).fields(here), status=403)

    assert "you’re a guest" in page.text
    assert behind.rows(ContactMerge) == []


@pytest.mark.usefixtures("few_in_a_request")
def test_why_a_merge_that_waited_was_not_done_names_nobody(
    app: Flask, as_manager: Client, make: Factories, behind: Behind, organization: Organization, kept: ContactCard,
    merged: ContactCard,
) -> None:  # fmt: skip
    """The reason for a failed merge names no one, since the name would outlast a later erasure."""
    here = address(kept, merged)
    as_manager.post(here, as_manager.get(here).fields(here))
    waits = behind.one(ContactMerge)
    other = make.contact(organization, first_name="Third")
    with at_work(app, organization.id):
        as_before = ContactMerge(
            organization_id=organization.id, id=uuid7(), kept_card_id=other.id, merged_card_id=merged.id,
            kept_version=1, merged_version=1, operation_id=uuid7(), requested_by_label="Marcus Bell", status="done",
            finished_at=DAY,
        )  # fmt: skip
        db.session.add(as_before)
    behind.change(merged, deleted_at=DAY)

    run_worker(app, schedule=(), until_idle=True)

    failed = behind.one(ContactMerge, id=waits.id)
    assert (failed.status, failed.failure) == ("failed", "One of the two contacts no longer exists.")


def test_a_merge_of_more_rows_than_a_statement_has_parameters_is_shown_and_undone(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization, kept: ContactCard,
    merged: ContactCard,
) -> None:  # fmt: skip
    message = make.message(organization, contact_card_id=merged.id)
    here = address(kept, merged)
    as_manager.post(here, as_manager.get(here).fields(here))
    made = behind.one(ContactMerge)
    gone = 66_000
    behind.change(made, unrecorded={"message": [str(message.id), *(str(uuid7()) for _ in range(gone))]})

    assert "66,000" in as_manager.get(f"/contacts/merges/{made.id}").text
    as_manager.post(f"/trash/{made.deletion_batch_id}/undo")

    assert behind.one(Message, id=message.id).contact_card_id == merged.id


def test_another_manager_sees_how_a_merge_stands_and_no_way_to_undo_it(
    as_manager: Client, new_client: Callable[[], Client], make: Factories, behind: Behind, organization: Organization,
    kept: ContactCard, merged: ContactCard,
) -> None:  # fmt: skip
    here = address(kept, merged)
    as_manager.post(here, as_manager.get(here).fields(here))
    shown = f"/contacts/merges/{behind.one(ContactMerge).id}"
    another = new_client().sign_in(make.user(organization, Role.MANAGER))

    assert "Undo merge" in as_manager.get(shown).text
    page = another.get(shown)
    assert "Records moved: 8." in page.text
    assert "Undo merge" not in page.text
