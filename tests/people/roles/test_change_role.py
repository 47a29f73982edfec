"""Change of a user's role: a preview first, then an immediate loss of the revoked access."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import ApiKey, Organization, RefreshToken, Role, StaffRole, User, UserPermission
from app.security.permissions import Permission
from tests.people.roles.conftest import WHY, Give
from tests.platform.organizations.visiting import enter
from tests.support.client import Client
from tests.support.factories import Factories

Now = Callable[[User], User]
Trail = Callable[..., list[Any]]


def test_the_difference_is_shown_and_nothing_has_changed(
    client: Client, make: Factories, admin: User, manager: User, now: Now
) -> None:
    make.session_of(manager)
    client.sign_in(admin)

    page = client.get(f"/users/{manager.id}/role?role=csr")

    assert "Changes from Manager to CSR" in page.text
    assert "1 open session will end." in page.text
    (lost,) = [one for one in page.all(".//section") if one.findtext("h3") == "Permissions lost"]
    assert "Assign call credit" in [item.text for item in lost.iter("li")]
    (own,) = [one for one in page.all(".//section") if one.findtext("h3") == "Permissions narrowed to own records"]
    assert "View calls" in [item.text for item in own.iter("li")]
    (pages,) = [one for one in page.all(".//section") if one.findtext("h3") == "Pages lost"]
    assert "Roles" in [item.text for item in pages.iter("li")]
    assert now(manager).role == Role.MANAGER


def test_it_is_given_with_a_reason_and_recorded(
    client: Client, admin: User, manager: User, give: Give, now: Now, trail: Trail
) -> None:
    client.sign_in(admin)

    page = client.follow(give(client, manager, Role.ADMIN))

    assert "Mona Manager’s role is now Admin." in page.text
    assert now(manager).role == Role.ADMIN
    (changed,) = trail("user.role.changed")
    assert (changed.before["role"], changed.after["role"]) == ("manager", "admin")
    assert (changed.user_id, changed.details) == (admin.id, {"reason": WHY})


def test_a_downgrade_ends_sessions_and_tokens_and_the_next_click_says_why(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    admin: User,
    manager: User,
    give: Give,
    admin_engine: Engine,
) -> None:
    theirs = new_client().sign_in(manager)
    theirs.get("/exports")
    make.refresh_token(make.session_of(manager, client_id="phone"))

    give(client.sign_in(admin), manager, Role.CSR)

    told = theirs.follow(theirs.get("/exports", status=303))
    assert "Your session ended because your role was changed." in told.text
    with Session(admin_engine) as session:
        assert session.scalars(select(RefreshToken.revoked_at)).one() is not None


def test_a_rise_signs_nobody_out(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    admin: User,
    give: Give,
) -> None:
    csr = make.user(organization)
    theirs = new_client().sign_in(csr)

    give(client.sign_in(admin), csr, Role.MANAGER)

    theirs.get("/exports")


def test_what_was_granted_counts_and_stays_or_goes_as_it_is_ticked(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    admin: User,
    give: Give,
    admin_engine: Engine,
    trail: Trail,
) -> None:
    exec_ = make.user(organization, role=Role.EXEC)
    for permission in (Permission.REPORTS_READ, Permission.OUTBOX_READ):
        make.grant(exec_, permission)
    theirs = new_client().sign_in(exec_)

    give(client.sign_in(admin), exec_, Role.ADMIN, kept="reports:read")

    with Session(admin_engine) as session:
        assert session.scalars(select(UserPermission.permission)).all() == ["reports:read"]
    assert [one.action for one in trail("user_permission")] == ["user_permission.taken"]
    theirs.get("/outbox")  # the new role includes it: nothing is lost, so the user was not signed out


def test_a_grant_that_covers_what_the_role_loses_is_no_loss(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    csr = make.user(organization)
    for permission in (Permission.DASHBOARDS_CSR, Permission.MISSED_CALLS_READ, Permission.MISSED_CALLS_WORK):
        make.grant(csr, permission)
    make.grant(csr, Permission.CALLS_RECLASSIFY)
    client.sign_in(admin)

    assert (
        "They lose no permissions, so they stay signed in." in client.get(f"/users/{csr.id}/role?role=sales_rep").text
    )


def test_the_keys_that_may_more_than_their_maker_now_end(
    client: Client,
    make: Factories,
    organization: Organization,
    owner: User,
    give: Give,
    admin_engine: Engine,
    trail: Trail,
) -> None:
    demoted = make.user(organization, role=Role.ADMIN)
    too_much = make.api_key(demoted, permissions=["calls:read", "outbox:read"])
    narrower = make.api_key(demoted, permissions=["calls:read", "jobs:read"])
    still_good = make.api_key(demoted, permissions=["calls:read"])
    of_another = make.api_key(owner, permissions=["outbox:read"])
    client.sign_in(owner)

    assert (
        "1 API key with more permissions than the new role allows will stop working."
        in client.get(f"/users/{demoted.id}/role?role=support").text
    )
    give(client, demoted, Role.SUPPORT)

    with Session(admin_engine) as session:
        ended = {one.id for one in session.scalars(select(ApiKey)) if one.revoked_at is not None}
    assert ended == {too_much.id}
    assert {narrower.id, still_good.id, of_another.id}.isdisjoint(ended)
    (recorded,) = trail("api_key.revoked")
    assert (recorded.resource_id, recorded.details["beyond_creator"]) == (too_much.id, ["outbox:read"])


def test_a_second_click_changes_nothing(
    client: Client, admin: User, manager: User, give: Give, now: Now, trail: Trail
) -> None:
    client.sign_in(admin)
    address = f"/users/{manager.id}/role"
    form = {**client.get(f"{address}?role=admin").fields(address, "post"), "reason": WHY}

    client.post(address, form)
    client.post(address, form)

    assert now(manager).version == manager.version + 1
    assert len(trail("user.role.changed")) == 1


def test_of_two_admins_the_second_is_shown_what_the_first_has_done(
    client: Client, new_client: Callable[[], Client], owner: User, admin: User, manager: User, give: Give, now: Now
) -> None:
    client.sign_in(admin)
    address = f"/users/{manager.id}/role"
    form = {**client.get(f"{address}?role=csr").fields(address, "post"), "reason": WHY}
    give(new_client().sign_in(owner), manager, Role.EXEC)

    page = client.post(address, form, status=409)

    assert "Nothing was saved: this was changed after you opened it." in page.text
    row = page.one(".//div[@id='role-conflict']//tbody/tr")
    assert ["".join(cell.itertext()) for cell in row] == ["Role", "Exec", "CSR"]
    assert now(manager).role == Role.EXEC
    client.post(address, {**page.fields(address, "post"), "reason": WHY})
    assert now(manager).role == Role.CSR


@pytest.mark.parametrize("reason", ["", "ab", "x" * 501], ids=["none", "short", "long"])
def test_it_takes_a_reason(client: Client, admin: User, manager: User, give: Give, now: Now, reason: str) -> None:
    client.sign_in(admin)

    give(client, manager, Role.CSR, 400, reason=reason)

    assert now(manager).role == Role.MANAGER


def test_the_last_owner_stays(client: Client, owner: User, give: Give, now: Now) -> None:
    client.sign_in(owner)

    page = give(client, owner, Role.ADMIN, 409)

    assert "This is the organization’s only active owner." in page.text
    assert now(owner).role == Role.OWNER


def test_rank_and_forged_roles(client: Client, owner: User, admin: User, manager: User, now: Now) -> None:
    client.sign_in(admin)
    address = f"/users/{manager.id}/role"
    page = client.get(f"{address}?role=owner")
    assert "Owner" not in [link.text for link in page.all(".//nav[@class='seg']/a")]
    sent = {"reason": WHY, "version": str(manager.version)}

    client.post(address, {**sent, "role": "owner"}, status=403)
    client.post(address, {**sent, "role": "emperor"}, status=400)
    client.get(f"{address}?role=emperor", status=400)
    client.get(f"/users/{owner.id}/role", status=403)
    client.post(f"/users/{owner.id}/role", {**sent, "role": "csr"}, status=403)

    assert (now(manager).role, now(owner).role) == (Role.MANAGER, Role.OWNER)


def test_only_who_may_make_owners_makes_one(client: Client, owner: User, manager: User, give: Give, now: Now) -> None:
    give(client.sign_in(owner), manager, Role.OWNER)

    assert now(manager).role == Role.OWNER


def test_who_demotes_themselves_is_signed_out_too(
    client: Client, make: Factories, organization: Organization, owner: User, admin: User, give: Give
) -> None:
    client.sign_in(admin)

    page = give(client, admin, Role.MANAGER)

    assert "because your role was changed" in client.follow(client.get(page.headers["Location"], status=303)).text


def test_deleted_people_and_those_of_others_are_not_found(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    gone, stranger = make.user(organization), make.user(make.organization())
    make.deletion(gone, root_type="user")
    client.sign_in(admin)
    client.get("/roles")

    for person in (gone, stranger):
        client.get(f"/users/{person.id}/role", status=404)
        client.post(f"/users/{person.id}/role", {"role": "manager", "reason": WHY, "version": "1"}, status=404)


def test_a_guest_of_the_platform_changes_roles_as_an_admin_does(
    client: Client, make: Factories, organization: Organization, owner: User, manager: User, give: Give, now: Now
) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    enter(client, organization)

    give(client, manager, Role.EXEC)

    assert now(manager).role == Role.EXEC
    client.get(f"/users/{owner.id}/role", status=403)


def test_open_work_of_who_is_demoted_goes_to_somebody(
    client: Client, make: Factories, organization: Organization, admin: User, give: Give, now: Now, admin_engine: Engine
) -> None:
    rep, other = (make.user(organization, role=Role.SALES_REP) for _ in range(2))
    visit = make.appointment(
        organization, sales_rep_id=rep.id, scheduled_start_at=datetime.now(UTC) + timedelta(days=2)
    )
    client.sign_in(admin)

    page = give(client, rep, Role.SUPPORT, 400)
    assert "Choose who takes over this work." in page.text
    assert now(rep).role == Role.SALES_REP

    give(client, rep, Role.SUPPORT, takeover_visits=str(other.id))

    with Session(admin_engine) as session:
        assert session.get_one(type(visit), (visit.organization_id, visit.id)).sales_rep_id == other.id
