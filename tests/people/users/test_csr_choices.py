"""CSRs that a user can choose from in forms and filters."""

from flask import Flask

from app.models import Organization, Role, User, UserStatus
from app.people.users.queries import csr_choices
from app.security.actor import Actor
from tests.support.factories import DAY, Factories
from tests.support.work import at_work


def offered(app: Flask, user: User) -> list[str]:
    """Return the names of the CSRs that this user can choose from."""
    actor = Actor(
        organization_id=user.organization_id, user_id=user.id, name=user.name, email=user.email, role=Role(user.role)
    )
    with at_work(app, user.organization_id):
        return [choice.name for choice in csr_choices(actor)]


def test_a_manager_picks_from_all_csrs_and_whoever_else_took_calls(
    app: Flask, make: Factories, organization: Organization
) -> None:
    manager = make.user(organization, role=Role.MANAGER, name="Mo Manager")
    make.user(organization, name="zoe Active")
    make.user(organization, name="Bo Inactive", status=UserStatus.INACTIVE)
    make.user(organization, name="Deleted", deleted_at=DAY)
    make.user(organization, role=Role.SALES_REP, name="Rep Without Calls")
    rep = make.user(organization, role=Role.SALES_REP, name="Rep With Calls")
    make.call(organization, csr=rep)
    make.call(organization, csr=rep)

    assert offered(app, manager) == ["Bo Inactive", "Rep With Calls", "zoe Active"]


def test_a_csr_picks_nobody_but_themselves(app: Flask, make: Factories, organization: Organization) -> None:
    make.user(organization, name="Colleague")

    assert offered(app, make.user(organization, name="Myself")) == ["Myself"]
