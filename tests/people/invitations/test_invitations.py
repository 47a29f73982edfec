"""Invitation of a colleague, and its acceptance."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models import Invitation, Organization, Role, User, UserStatus
from app.security.tokens import Token
from tests.people.invitations.inviting import ADDRESS, PASSWORD, invite, join, link_on
from tests.support.client import Client
from tests.support.factories import Factories

Rows = Callable[..., list[Any]]


def test_from_the_invitation_to_the_first_sign_in(
    as_admin: Client, new_client: Callable[[], Client], rows: Rows, organization: Organization
) -> None:
    path = link_on(invite(as_admin))
    newcomer = new_client()

    offer = newcomer.get(path)
    assert offer.heading == "Join Blue Ridge Air"
    assert "Ada Admin invited Dana@new.example to join as Manager." in offer.text
    assert "Welcome. Sign in with your new password." in newcomer.follow(join(newcomer, path)).text

    (made,) = rows(User, email=ADDRESS)
    assert (made.organization_id, made.role, made.name, made.status) == (
        organization.id,
        Role.MANAGER,
        "Dana D.",
        UserStatus.ACTIVE,
    )
    assert made.email_verified_at is not None
    newcomer.sign_in_by_form(made, password=PASSWORD).get("/calls")
    (kept,) = rows(Invitation)
    assert kept.user_id == made.id


def test_a_link_is_good_once(as_admin: Client, new_client: Callable[[], Client]) -> None:
    path = link_on(invite(as_admin))
    join(new_client(), path)

    assert "This invitation no longer works" in new_client().get(path, status=404).text
    join(new_client(), path, status=404)


def test_a_link_expires_after_seven_days(
    as_admin: Client, new_client: Callable[[], Client], rows: Rows, change: Callable[..., None]
) -> None:
    path = link_on(invite(as_admin))
    (kept,) = rows(Invitation)
    assert timedelta(days=6, hours=23) < kept.expires_at - datetime.now(UTC) <= timedelta(days=7)

    change(kept, expires_at=datetime.now(UTC))

    new_client().get(path, status=404)
    assert "Expired" in as_admin.get("/invitations").text


def test_a_revoked_link_opens_nothing(as_admin: Client, new_client: Callable[[], Client], rows: Rows) -> None:
    path = link_on(invite(as_admin))
    (kept,) = rows(Invitation)

    page = as_admin.follow(as_admin.post(f"/invitations/{kept.id}/revoke"))

    assert "Revoked" in page.text
    join(new_client(), path, status=404)
    as_admin.post(f"/invitations/{kept.id}/revoke", status=409)


def test_a_new_link_replaces_the_old(as_admin: Client, new_client: Callable[[], Client], rows: Rows) -> None:
    old = link_on(invite(as_admin))
    (kept,) = rows(Invitation)

    new = link_on(as_admin.post(f"/invitations/{kept.id}/send-again", status=200))

    new_client().get(old, status=404)
    join(new_client(), new)
    as_admin.post(f"/invitations/{kept.id}/send-again", status=409)


def test_only_the_hash_of_a_link_is_kept(as_admin: Client, rows: Rows) -> None:
    token = Token.parse(link_on(invite(as_admin)).rpartition("/")[2])

    (kept,) = rows(Invitation)
    assert token is not None
    assert kept.token_hash == token.digest


@pytest.mark.parametrize("token", ["nonsense", "a" * 22 + "." + "b" * 43])
def test_a_made_up_link_opens_nothing(client: Client, token: str) -> None:
    client.get(f"/invitations/accept/{token}", status=404)
    join(client, f"/invitations/accept/{token}", status=404)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"email": "nonsense"}, "Enter an email address such as"),
        ({"email": ""}, "Enter an email address."),
        ({"name": "D"}, "Use 2 to 100 characters."),
        ({"role": "owner"}, "Not a valid choice."),
        ({"role": "king"}, "Not a valid choice."),
    ],
    ids=["no address", "nothing", "short", "above one's own", "unknown"],
)
def test_what_cannot_be_is_said_beside_the_field(
    as_admin: Client, rows: Rows, values: dict[str, str], sentence: str
) -> None:
    page = invite(as_admin, status=400, **values)

    assert sentence in page.text
    assert rows(Invitation) == []


def test_somebody_who_is_here_is_not_invited(as_admin: Client, owner: User, rows: Rows) -> None:
    assert "Someone here already has this email address" in invite(as_admin, status=409, email=owner.email.upper()).text
    assert rows(Invitation) == []


def test_nobody_is_invited_twice(as_admin: Client, rows: Rows) -> None:
    invite(as_admin)

    assert "This address already has an invitation" in invite(as_admin, status=409, email=ADDRESS.lower()).text
    assert len(rows(Invitation)) == 1


def test_an_invitation_above_ones_own_role_is_not_touched(as_admin: Client, make: Factories, rows: Rows) -> None:
    (admin,) = rows(User, role=Role.ADMIN, name="Ada Admin")
    organization = rows(Organization, id=admin.organization_id)[0]
    invitation = make.invitation(organization, role=Role.OWNER)

    as_admin.post(f"/invitations/{invitation.id}/send-again", status=403)
    as_admin.post(f"/invitations/{invitation.id}/revoke", status=403)


def test_one_sees_the_invitations_of_ones_own_organization(as_admin: Client, make: Factories) -> None:
    elsewhere = make.invitation(make.organization())

    assert elsewhere.email not in as_admin.get("/invitations").text
    as_admin.post(f"/invitations/{elsewhere.id}/revoke", status=404)


def test_a_filter_keeps_what_it_says(as_admin: Client, organization: Organization, make: Factories) -> None:
    expired = make.invitation(organization, expires_at=datetime.now(UTC))
    still_open = make.invitation(organization)

    page = as_admin.get("/invitations?status=expired")

    assert expired.email in page.text
    assert still_open.email not in page.text
