"""Limits of the plan and permissions of the user in restores."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.errors import Forbidden, NotFound
from app.models import Organization, Role, User
from app.trust.trash.rules import Choices
from tests.support.factories import DAY, Factories
from tests.trust.trash.conftest import Delete, Preview, Restore, Stored, problems


class TestLimits:
    def test_people_without_a_seat_are_a_conflict(
        self,
        make: Factories,
        admin_engine: Any,
        soft_delete: Delete,
        bring_back: Restore,
        preview_restore: Preview,
        stored: Stored,
    ) -> None:
        organization = make.organization(team_members_quota=3)
        admin = make.user(organization, Role.ADMIN)
        one, two, inactive = (
            make.user(organization),
            make.user(organization),
            make.user(organization, status="inactive"),
        )
        batch_id = soft_delete(admin, "user", one, two, inactive)
        make.user(organization)

        outcomes = {outcome.row_id: outcome.problem for outcome in preview_restore(admin, batch_id)}

        assert outcomes[one.id] is None
        assert outcomes[inactive.id] is None
        assert (problem := outcomes[two.id]) is not None
        assert problem.code == "QUOTA_EXCEEDED"
        bring_back(admin, batch_id, choices=Choices(skipped=frozenset({two.id})))
        assert [stored(person)["is_deleted"] for person in (one, two, inactive)] == [False, True, False]

    def test_a_lead_whose_contact_has_a_new_open_one_is_a_conflict(
        self, make: Factories, organization: Organization, admin: User, soft_delete: Delete, preview_restore: Preview
    ) -> None:
        card = make.contact(organization)
        batch_id = soft_delete(admin, "lead", make.lead(organization, contact=card))
        make.lead(organization, contact=card)

        assert problems(preview_restore(admin, batch_id)) == {"lead": "uq_leads_open_contact_source"}


class TestWhoMay:
    def test_an_admin_does_not_bring_an_owner_back(
        self,
        make: Factories,
        organization: Organization,
        owner: User,
        admin: User,
        soft_delete: Delete,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        second = make.user(organization, Role.OWNER)
        batch_id = soft_delete(owner, "user", second)

        with pytest.raises(Forbidden):
            bring_back(admin, batch_id)

        assert stored(second)["is_deleted"]
        assert bring_back(owner, batch_id).left == {}

    def test_nobody_takes_over_an_account_by_giving_it_another_address_on_the_way(
        self,
        make: Factories,
        organization: Organization,
        owner: User,
        admin: User,
        soft_delete: Delete,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        """An admin who restores another admin can't change their email address.

        Otherwise they could take over the account, since the address receives the link to set the password.
        """
        peer = make.user(organization, Role.ADMIN)
        batch_id = soft_delete(owner, "user", peer)

        with pytest.raises(Forbidden):
            bring_back(admin, batch_id, choices=Choices(renamed={peer.id: "mine@blue.example"}))

        assert stored(peer)["email"] == peer.email
        assert bring_back(admin, batch_id).left == {}

    def test_a_new_address_has_to_be_proved_again_and_both_mailboxes_are_told(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        admin_engine: Engine,
        soft_delete: Delete,
        bring_back: Restore,
        stored: Stored,
    ) -> None:
        person = make.user(organization, email="kyle@blue.example", email_verified_at=DAY)
        batch_id = soft_delete(admin, "user", person)

        bring_back(admin, batch_id, choices=Choices(renamed={person.id: "kyle.b@blue.example"}))

        assert stored(person)["email_verified_at"] is None
        with admin_engine.connect() as connection:
            told = connection.scalars(text("SELECT to_address FROM messages")).all()
        assert sorted(told) == ["kyle.b@blue.example", "kyle@blue.example"]

    def test_a_manager_restores_their_own_deletions_only(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        manager: User,
        soft_delete: Delete,
        bring_back: Restore,
    ) -> None:
        own = soft_delete(manager, "task", make.task(organization))
        others = soft_delete(admin, "task", make.task(organization))

        assert bring_back(manager, own).left == {}
        with pytest.raises(NotFound):
            bring_back(manager, others)

    def test_support_sees_the_trash_and_restores_nothing(
        self, make: Factories, organization: Organization, admin: User, soft_delete: Delete, bring_back: Restore
    ) -> None:
        batch_id = soft_delete(admin, "task", make.task(organization))

        with pytest.raises(Forbidden):
            bring_back(make.user(organization, Role.SUPPORT), batch_id)

    def test_another_organizations_deletion_is_not_there(
        self, make: Factories, organization: Organization, admin: User, soft_delete: Delete, bring_back: Restore
    ) -> None:
        elsewhere = make.organization()
        strangers = soft_delete(make.user(elsewhere, Role.ADMIN), "task", make.task(elsewhere))

        with pytest.raises(NotFound):
            bring_back(admin, strangers)
