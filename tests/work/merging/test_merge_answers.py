"""Decisions about a merged contact: rejected duplicates, and the label of its deletion."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import ContactCard, ContactDistinction, ContactMerge, Organization, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.work.contacts.test_duplicates import suggested
from tests.work.merging.test_merge import merge, undo


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    return client.sign_in(manager)


@pytest.fixture
def ruth(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Ruth", last_name="Delgado", email="ruth@example.com")


@pytest.fixture
def twin(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Ruth", last_name="Delgado", email="family@example.com")


@pytest.fixture
def brother(make: Factories, organization: Organization) -> ContactCard:
    """A different person with the email address of the twin."""
    return make.contact(organization, first_name="Paul", last_name="Delgado", email="family@example.com")


def tell_apart(client: Client, one: ContactCard, other: ContactCard) -> None:
    client.post(f"/contacts/{one.id}/not-the-same", {"other": str(other.id)}, status=303)


def pairs(engine: Engine) -> set[frozenset[Any]]:
    with Session(engine) as session:
        found = session.scalars(select(ContactDistinction))
        return {frozenset({one.contact_card_id, one.other_card_id}) for one in found}


class TestNotTheSame:
    def test_it_follows_the_contact_that_stays_and_goes_back(
        self, as_manager: Client, admin_engine: Engine, make: Factories, organization: Organization,
        behind: Behind, ruth: ContactCard, twin: ContactCard, brother: ContactCard,
    ) -> None:  # fmt: skip
        elsewhere = make.contact(organization, first_name="Decoy")
        tell_apart(as_manager, twin, brother)
        tell_apart(as_manager, elsewhere, brother)
        before = pairs(admin_engine)

        merge(as_manager, ruth, twin, email="merged")
        assert suggested(as_manager, ruth) == suggested(as_manager, brother) == []
        assert pairs(admin_engine) == before | {frozenset({ruth.id, brother.id})}
        as_manager.post(f"/trash/{behind.one(ContactMerge).deletion_batch_id}/undo", status=303)

        assert pairs(admin_engine) == before
        assert suggested(as_manager, twin) == []

    def test_what_was_said_of_both_stays_said_of_the_one(
        self, as_manager: Client, admin_engine: Engine, ruth: ContactCard, twin: ContactCard, brother: ContactCard
    ) -> None:
        for one in (ruth, twin):
            tell_apart(as_manager, one, brother)
        before = pairs(admin_engine)

        undo(as_manager, merge(as_manager, ruth, twin))

        assert pairs(admin_engine) == before

    def test_of_two_that_become_one_all_the_same_nothing_is_left_to_say(
        self, as_manager: Client, admin_engine: Engine, ruth: ContactCard, twin: ContactCard
    ) -> None:
        tell_apart(as_manager, ruth, twin)
        before = pairs(admin_engine)

        merge(as_manager, ruth, twin)

        assert pairs(admin_engine) == before

    def test_the_trail_tells_of_it(
        self, as_manager: Client, behind: Behind, organization: Organization,
        ruth: ContactCard, twin: ContactCard, brother: ContactCard,
    ) -> None:  # fmt: skip
        tell_apart(as_manager, twin, brother)
        undo(as_manager, merge(as_manager, ruth, twin))

        said = [one.action for one in behind.trail(organization.id, "contact_distinction")]
        assert said == ["contact_distinction.created"] * 2 + ["contact_distinction.deleted"]


class TestWords:
    def test_a_merge_that_is_undone_is_called_so(
        self, as_manager: Client, make: Factories, organization: Organization, ruth: ContactCard, twin: ContactCard,
        behind: Behind,
    ) -> None:  # fmt: skip
        make.task(organization, contact_card_id=twin.id)
        make.task(organization, contact_card_id=twin.id)
        merge(as_manager, ruth, twin)
        batch_id = behind.one(ContactMerge).deletion_batch_id

        page = as_manager.get(f"/trash/{batch_id}/restore")
        assert "Records moved by the merge" in page.text
        assert "reassigned" not in page.text
        form = {**page.fields(f"/trash/{batch_id}/restore"), "step": "restore"}
        shown = as_manager.follow(as_manager.post(f"/trash/{batch_id}/restore", form))

        assert "Merge undone." in shown.text
        assert "merge undone, 3 records moved back" in shown.text
        assert "reassigned" not in shown.text

    def test_so_is_its_undo(
        self, as_manager: Client, make: Factories, organization: Organization, ruth: ContactCard, twin: ContactCard
    ) -> None:
        make.task(organization, contact_card_id=twin.id)
        undo(as_manager, merge(as_manager, ruth, twin))
        page = as_manager.get("/tasks")

        assert "Merge undone: “Ruth Delgado” was restored, and 2 records moved back." in page.text
        assert "reassigned" not in page.text
