"""Records skipped in an organization's restore: a deletion that its users can see, restore or purge."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import DeletionBatch, Organization, PhoneNumber, StaffRole, User
from app.organization.settings.deletion_service import delete_organization
from app.trust.trash.purge_service import purge_due
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trust.trash.conftest import Stored, Trail, kept

NUMBER = "+12125550100"


@pytest.fixture
def number(make: Factories, organization: Organization) -> PhoneNumber:
    return make.phone_number(organization, number=NUMBER, display_name="Front desk")


@pytest.fixture
def deleted(app: Flask, organization: Organization, owner: User, number: PhoneNumber) -> UUID:
    """ID of the deletion of the organization, which is in the trash."""
    with at_work(app, organization.id):
        return delete_organization(
            organization.id, slug=organization.slug, reason="They have moved", actor=acting(owner)
        ).id


@pytest.fixture
def restored(client: Client, make: Factories, organization: Organization, number: PhoneNumber, deleted: UUID) -> UUID:
    """ID of the organization's deletion, which has been restored except for the skipped phone number.

    The number, which another organization has now, is in a separate deletion.
    """
    make.phone_number(make.organization(), number=NUMBER)
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    address = f"/organizations/{organization.id}/restore"
    page = client.get(address)
    assert "Anything you leave in the trash becomes a separate deletion" in page.text
    looked = client.post(
        address, {**page.fields(address, "post"), f"choice-{number.id}": "skip", "step": "look"}, status=200
    )
    client.post(address, {**looked.fields(address, "post"), "step": "restore"})
    client.get(address, status=409)
    return deleted


@pytest.fixture
def apart(admin_engine: Engine, restored: UUID) -> DeletionBatch:
    with Session(admin_engine) as session:
        return session.scalars(select(DeletionBatch).where(DeletionBatch.parent_batch_id == restored)).one()


def test_it_stands_in_the_trash_of_the_organization(
    client: Client, owner: User, number: PhoneNumber, apart: DeletionBatch, stored: Stored
) -> None:
    assert stored(number)["deletion_batch_id"] == apart.id
    assert (apart.root_type, apart.root_label, apart.counts) == ("phone_number", "Front desk", {"phone_number": 1})
    client.sign_in_by_form(owner)
    assert "Front desk" in client.get("/trash").text
    page = client.get(f"/trash/{apart.id}")
    assert "They have moved" in page.text
    assert "These records weren’t restored with the organization" in page.text


def test_the_deletion_of_the_whole_is_over(
    admin_engine: Engine, restored: UUID, trail: Trail, number: PhoneNumber
) -> None:
    with Session(admin_engine) as session:
        whole = session.scalars(select(DeletionBatch).where(DeletionBatch.id == restored)).one()
    assert (whole.restored_at is not None, whole.restored_by_label) == (True, "Sam Staff")
    (entry,) = trail("deletion.restored")
    assert entry.details["counts"] == {"organization": 1, "user": 1}


def test_its_own_people_restore_it(
    client: Client, owner: User, number: PhoneNumber, apart: DeletionBatch, stored: Stored, admin_engine: Engine
) -> None:
    before = kept(stored(number))
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM phone_numbers WHERE deleted_at IS NULL"))
    client.sign_in_by_form(owner)
    page = client.get(f"/trash/{apart.id}/restore")

    client.post(f"/trash/{apart.id}/restore", {**page.fields(f"/trash/{apart.id}/restore", "post"), "step": "restore"})

    assert kept(stored(number)) == before
    assert not stored(number)["is_deleted"]


def test_it_is_removed_in_time(
    app: Flask,
    organization: Organization,
    number: PhoneNumber,
    apart: DeletionBatch,
    stored: Stored,
    expire: Callable[[], None],
) -> None:
    expire()

    with at_work(app, organization.id):
        assert purge_due(organization.id) == 1

    assert stored(number) == {}
