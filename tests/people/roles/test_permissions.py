"""Extra permissions: at most those of the granting user; losing one signs the user out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.models import ApiKey, Organization, Role, StaffRole, User, UserPermission
from app.people.roles import service
from app.people.roles.rules import OWNERS_ALONE, grantable, may_grant
from app.people.users.access_service import issue_reset_link
from app.people.users.queries import find_rights, grants_of_user
from app.people.users.rules import Rights
from app.security.matrix import PLATFORM_PERMISSIONS
from app.security.permissions import Permission
from tests.platform.organizations.visiting import enter
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work

WHY = "They look after the machines"

Trail = Callable[..., list[Any]]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR who is granted an extra permission."""
    return make.user(organization, name="Cora Counter")


@pytest.fixture
def granted(admin_engine: Engine) -> Callable[[User], list[str]]:
    """Function that returns the extra permissions of a user."""

    def read(user: User) -> list[str]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(UserPermission.permission).where(UserPermission.user_id == user.id)))

    return read


def test_one_is_granted_at_once_and_shown_with_who_granted_it(
    client: Client, new_client: Callable[[], Client], admin: User, csr: User, trail: Trail
) -> None:
    theirs = new_client().sign_in(csr)
    theirs.get("/jobs", status=403)
    client.sign_in(admin)
    client.get(f"/users/{csr.id}/permissions")

    page = client.follow(client.post(f"/users/{csr.id}/permissions", {"permission": "jobs:read", "reason": WHY}))

    theirs.get("/jobs")
    row = page.one(".//table[1]/tbody/tr")
    assert "View background jobs" in "".join(row.itertext())
    assert "Ada Admin" in "".join(row.itertext())
    (recorded,) = trail("user_permission")
    assert (recorded.action, recorded.user_id, recorded.after["permission"]) == (
        "user_permission.granted",
        admin.id,
        "jobs:read",
    )


def test_a_reason_is_asked_for_shown_and_told(
    client: Client, admin: User, csr: User, granted: Callable[[User], list[str]], trail: Trail
) -> None:
    client.sign_in(admin)
    page = f"/users/{csr.id}/permissions"

    client.post(page, {"permission": "jobs:read", "reason": " "}, status=400)
    assert granted(csr) == []
    shown = client.follow(client.post(page, {"permission": "jobs:read", "reason": WHY}))

    assert WHY in "".join(shown.one(".//table[1]/tbody/tr").itertext())
    (recorded,) = trail("user_permission")
    assert recorded.after["reason"] == WHY


def test_one_that_has_expired_counts_no_more_and_is_shown_so(
    client: Client, new_client: Callable[[], Client], admin: User, csr: User, behind: Behind, trail: Trail
) -> None:
    page, until = f"/users/{csr.id}/permissions", f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
    client.sign_in(admin)
    client.post(page, {"permission": "jobs:read", "reason": WHY, "until": until})
    theirs = new_client().sign_in(csr)
    theirs.get("/jobs")
    row = behind.one(UserPermission, user_id=csr.id)
    (recorded,) = trail("user_permission")
    assert recorded.after["expires_at"] is not None

    behind.change(row, expires_at=datetime.now(UTC) - timedelta(seconds=1), created_at=DAY)

    theirs.get("/jobs", status=403)
    shown = client.get(page)
    assert "Expired" in "".join(shown.one(".//table[1]/tbody/tr").itertext())
    assert csr.name not in "".join(client.get("/roles?permission=jobs:read").one(".//main").itertext())
    client.post(page, {"permission": "jobs:read", "reason": WHY})
    theirs.get("/jobs")
    assert behind.one(UserPermission, user_id=csr.id).expires_at is None


def test_rights_for_a_job_and_a_key_leave_out_what_has_expired(app: Flask, make: Factories, csr: User) -> None:
    make.grant(csr, Permission.JOBS_READ, created_at=DAY, expires_at=DAY + timedelta(days=1))

    with at_work(app, csr.organization_id):
        rights = find_rights(csr.organization_id, csr.id)
        assert rights is not None
        assert Permission.JOBS_READ not in rights.permissions
        assert grants_of_user(csr) == frozenset()


def test_an_end_that_has_passed_is_refused(
    client: Client, admin: User, csr: User, granted: Callable[[User], list[str]]
) -> None:
    client.sign_in(admin)

    page = client.post(
        f"/users/{csr.id}/permissions", {"permission": "jobs:read", "reason": WHY, "until": "2020-01-01"}, status=400
    )

    assert "Choose a future date." in page.text
    assert granted(csr) == []


@pytest.mark.parametrize("until", ["soon", "0000-00-00", "9999-12-31"])
def test_an_end_that_is_no_day_is_refused_beside_it(
    client: Client, admin: User, csr: User, granted: Callable[[User], list[str]], until: str
) -> None:
    client.sign_in(admin)

    page = client.post(
        f"/users/{csr.id}/permissions", {"permission": "jobs:read", "reason": WHY, "until": until}, status=400
    )

    assert page.one(".//input[@name='until']").get("aria-invalid") == "true"
    assert granted(csr) == []


def test_granted_again_it_has_another_reason_and_end(
    app: Flask, make: Factories, admin: User, csr: User, behind: Behind, trail: Trail
) -> None:
    make.grant(csr, Permission.JOBS_READ, reason="For the winter")
    until = datetime.now(UTC) + timedelta(days=9)

    with at_work(app, csr.organization_id):
        service.grant(acting(admin), csr.id, Permission.JOBS_READ, reason=WHY, expires_at=until)

    [row] = behind.rows(UserPermission, user_id=csr.id)
    assert (row.reason, row.expires_at, row.granted_by) == (WHY, until, admin.id)
    [told] = trail("user_permission.granted")
    assert (told.before["reason"], told.after["reason"]) == ("For the winter", WHY)


def test_a_second_click_grants_nothing_twice(
    client: Client, admin: User, csr: User, granted: Callable[[User], list[str]]
) -> None:
    client.sign_in(admin)
    client.get("/roles")

    for _ in range(2):
        client.post(f"/users/{csr.id}/permissions", {"permission": "jobs:read", "reason": WHY})

    assert granted(csr) == ["jobs:read"]


def test_taking_one_away_signs_the_person_out_and_says_why(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    admin: User,
    csr: User,
    granted: Callable[[User], list[str]],
    trail: Trail,
) -> None:
    row = make.grant(csr, Permission.JOBS_READ)
    theirs = new_client().sign_in(csr)
    theirs.get("/jobs")
    client.sign_in(admin)
    client.get("/roles")

    for _ in range(2):
        client.post(f"/users/{csr.id}/permissions/{row.id}/take")

    assert granted(csr) == []
    assert "because one of your permissions was removed" in theirs.follow(theirs.get("/jobs", status=303)).text
    assert [one.action for one in trail("user_permission")] == ["user_permission.taken"]


def test_what_remains_for_own_rows_only_is_a_loss_too(
    client: Client, new_client: Callable[[], Client], make: Factories, admin: User, csr: User, admin_engine: Engine
) -> None:
    row = make.grant(csr, Permission.CALLS_READ)
    key = make.api_key(csr, permissions=["calls:read"])
    theirs = new_client().sign_in(csr)

    client.sign_in(admin).post(f"/users/{csr.id}/permissions/{row.id}/take")

    assert "because one of your permissions was removed" in theirs.follow(theirs.get("/calls", status=303)).text
    with Session(admin_engine) as session:
        assert session.scalars(select(ApiKey.revoked_at).where(ApiKey.id == key.id)).one() is not None


def test_what_the_role_gives_anyway_is_taken_without_a_loss(
    client: Client, new_client: Callable[[], Client], make: Factories, admin: User, manager: User
) -> None:
    row = make.grant(manager, Permission.REPORTS_READ)
    theirs = new_client().sign_in(manager)
    client.sign_in(admin)
    client.get("/roles")

    client.post(f"/users/{manager.id}/permissions/{row.id}/take")

    theirs.get("/roles")


@pytest.mark.parametrize("permission", sorted(OWNERS_ALONE | PLATFORM_PERMISSIONS))
def test_what_only_an_owner_or_the_platform_has_is_not_granted_by_an_admin(
    app: Flask, client: Client, admin: User, csr: User, granted: Callable[[User], list[str]], permission: Permission
) -> None:
    client.sign_in(admin)
    page = client.get(f"/users/{csr.id}/permissions")

    assert permission.value not in [option.get("value") for option in page.all(".//option")]
    client.post(f"/users/{csr.id}/permissions", {"permission": permission.value, "reason": WHY}, status=403)

    assert granted(csr) == []


@pytest.mark.parametrize("also", [[], [Permission.USERS_GRANT_OWNER]])
def test_even_an_admin_who_was_granted_it_does_not_pass_it_on(
    app: Flask,
    make: Factories,
    admin: User,
    csr: User,
    granted: Callable[[User], list[str]],
    also: list[Permission],
) -> None:
    given = frozenset({Permission.TRASH_PURGE, *also})
    for permission in given:
        make.grant(admin, permission)
    actor = replace(acting(admin), granted=given)

    with pytest.raises(Forbidden), at_work(app, csr.organization_id):
        service.grant(actor, csr.id, Permission.TRASH_PURGE, reason=WHY)

    assert granted(csr) == []


def test_an_owner_grants_what_is_an_owners(
    client: Client, owner: User, csr: User, granted: Callable[[User], list[str]]
) -> None:
    client.sign_in(owner)
    client.get("/roles")

    client.post(f"/users/{csr.id}/permissions", {"permission": "trash:purge", "reason": WHY})
    client.post(f"/users/{csr.id}/permissions", {"permission": "organizations:enter", "reason": WHY}, status=403)

    assert granted(csr) == ["trash:purge"]


def test_a_guest_of_the_platform_does_not_grant_what_is_the_platforms(
    client: Client,
    make: Factories,
    organization: Organization,
    owner: User,
    csr: User,
    granted: Callable[[User], list[str]],
) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    enter(client, organization)
    client.get("/roles")

    client.post(f"/users/{csr.id}/permissions", {"permission": "organizations:enter", "reason": WHY}, status=403)
    client.post(f"/users/{csr.id}/permissions", {"permission": "jobs:read", "reason": WHY})

    assert granted(csr) == ["jobs:read"]


def test_own_rows_are_not_enough_to_grant_for_all(make: Factories, organization: Organization, csr: User) -> None:
    actor = acting(csr)

    assert actor.may(Permission.CALLS_READ)
    assert not may_grant(actor, Permission.CALLS_READ)
    assert may_grant(actor, Permission.MISSED_CALLS_READ)
    assert Permission.MISSED_CALLS_READ in grantable(actor, Rights(Role.SALES_REP))
    assert Permission.MISSED_CALLS_READ not in grantable(actor, Rights(Role.CSR))


@pytest.mark.parametrize("forged", ["", "calls:everything", "calls:read' OR 1=1"])
def test_what_is_no_permission_is_refused(client: Client, admin: User, csr: User, forged: str) -> None:
    client.sign_in(admin)
    client.get("/roles")

    client.post(f"/users/{csr.id}/permissions", {"permission": forged, "reason": WHY}, status=400)


def test_rank_other_organizations_and_other_peoples_grants(
    client: Client,
    make: Factories,
    organization: Organization,
    owner: User,
    admin: User,
    csr: User,
    granted: Callable[[User], list[str]],
) -> None:
    of_owner = make.grant(owner, Permission.REPORTS_READ)
    stranger = make.user(make.organization())
    of_stranger = make.grant(stranger, Permission.REPORTS_READ)
    client.sign_in(admin)
    client.get("/roles")

    client.get(f"/users/{owner.id}/permissions", status=403)
    client.post(f"/users/{owner.id}/permissions", {"permission": "jobs:read", "reason": WHY}, status=403)
    client.post(f"/users/{owner.id}/permissions/{of_owner.id}/take", status=403)
    client.get(f"/users/{stranger.id}/permissions", status=404)
    client.post(f"/users/{stranger.id}/permissions", {"permission": "jobs:read", "reason": WHY}, status=404)
    client.post(f"/users/{stranger.id}/permissions/{of_stranger.id}/take", status=404)
    client.post(f"/users/{csr.id}/permissions/{of_owner.id}/take")

    assert (granted(owner), granted(stranger), granted(csr)) == (["reports:read"], ["reports:read"], [])


def test_a_link_given_before_a_grant_opens_no_more(app: Flask, client: Client, admin: User, csr: User) -> None:
    with at_work(app, csr.organization_id):
        link = issue_reset_link(csr)

    with at_work(app, csr.organization_id):
        service.grant(acting(admin), csr.id, Permission.JOBS_READ, reason=WHY)

    client.get(f"/password/{link.text}", status=404)
