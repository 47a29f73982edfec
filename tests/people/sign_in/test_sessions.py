"""Sessions as rows in the database, whose changes affect the browser's next request."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.errors import InvalidCredentials
from app.extensions import db
from app.models import Organization, OrganizationStatus, Role, User, UserPermission, UserSession, UserStatus
from app.people.sign_in.service import start_session, verify_credentials
from app.people.users.service import change_role
from app.security.identity import SESSION_COOKIE
from app.security.passwords import hash_password
from app.security.session_rules import IDLE_LIFETIME
from app.security.tokens import Token
from app.trust.trash.delete_service import delete
from tests.support.client import HTMX, Client
from tests.support.factories import DAY, PASSWORD, Factories
from tests.support.owner_races import acting
from tests.support.pages import Page
from tests.support.work import at_work

Change = Callable[..., None]
SessionOf = Callable[[User], UserSession]


def led_to_sign_in(client: Client) -> Page:
    """Request a page and return the sign-in page to which it redirects."""
    return client.follow(client.get("/account", status=303))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"revoked_at": DAY, "revoked_reason": "password_changed"}, "because your password was changed"),
        ({"revoked_at": DAY, "revoked_reason": None}, "Your session ended."),
        ({"last_seen_at": datetime.now(UTC) - IDLE_LIFETIME - timedelta(minutes=1)}, "because of inactivity"),
        ({"expires_at": DAY}, "you need to sign in again every 30 days"),
    ],
    ids=["for a reason", "for none", "left alone", "too old"],
)
def test_an_ended_session_leads_to_the_sign_in_page_with_the_reason(
    client: Client, user: User, session_of: SessionOf, change: Change, changes: dict[str, Any], sentence: str
) -> None:
    client.sign_in_by_form(user)
    change(session_of(user), **changes)

    page = led_to_sign_in(client)

    assert page.heading == "Sign in"
    assert sentence in page.text


@pytest.mark.parametrize(("reason", "is_taken_away"), [("signed_out", True), ("ended_by_admin", False)])
def test_the_sign_in_page_leaves_a_dead_session_that_forms_may_still_belong_to(
    client: Client, user: User, session_of: SessionOf, change: Change, reason: str, is_taken_away: bool
) -> None:
    client.sign_in_by_form(user)
    change(session_of(user), revoked_at=DAY, revoked_reason=reason)

    page = led_to_sign_in(client)

    taken_away = any(one.startswith(f"{SESSION_COOKIE}=;") for one in page.headers.getlist("Set-Cookie"))
    assert taken_away == is_taken_away
    client.sign_in_by_form(user)


def test_inside_a_swap_the_browser_is_told_to_leave_for_the_sign_in_page(
    client: Client, user: User, session_of: SessionOf, change: Change
) -> None:
    client.sign_in_by_form(user)
    change(session_of(user), revoked_at=DAY)

    page = client.get("/account", status=401, headers={**HTMX, "HX-Current-URL": "http://localhost/account?page=2"})

    assert page.headers["HX-Redirect"] == "/login?next=/account"
    assert page.html == ""


def test_a_program_is_told_in_json(client: Client, user: User, session_of: SessionOf, change: Change) -> None:
    client.sign_in_by_form(user)
    change(session_of(user), last_seen_at=DAY)

    page = client.get("/account", status=401, headers={"Accept": "application/json"})

    assert page.json["error"]["code"] == "TOKEN_EXPIRED"


def test_a_form_sent_after_the_end_changes_nothing(
    client: Client, user: User, session_of: SessionOf, change: Change, rows: Callable[..., list[Any]]
) -> None:
    form = client.sign_in_by_form(user).get("/account").fields("/account/preferences")
    change(session_of(user), revoked_at=DAY)

    client.post("/account/preferences", {**form, "language": "ru"}, status=401)

    assert rows(User, id=user.id)[0].language == "en"


@pytest.mark.parametrize("status", [UserStatus.INACTIVE, UserStatus.SUSPENDED])
def test_a_person_who_is_stopped_is_out_at_once(client: Client, user: User, change: Change, status: str) -> None:
    client.sign_in_by_form(user)
    change(user, status=status)

    assert "Your account is no longer active" in led_to_sign_in(client).text


def test_a_person_who_is_deleted_is_out_at_once(client: Client, user: User, change: Change) -> None:
    client.sign_in_by_form(user)
    change(user, deleted_at=DAY)

    assert led_to_sign_in(client).heading == "Sign in"


def test_a_person_who_is_deleted_is_told_so(
    app: Flask, client: Client, make: Factories, organization: Organization, user: User
) -> None:
    owner = make.user(organization, role=Role.OWNER)
    client.sign_in_by_form(user)

    with at_work(app, organization.id):
        delete(acting(owner), "user", [user.id])

    assert "because your account was deleted" in led_to_sign_in(client).text


def test_a_password_that_changes_within_the_moment_opens_no_session(
    app: Flask, user: User, change: Change, rows: Callable[..., list[Any]]
) -> None:
    with at_work(app, user.organization_id):
        (account,) = verify_credentials(user.email, PASSWORD)
        change(user, password_hash=hash_password("a quiet lake at dusk"), password_changed_at=datetime.now(UTC))

        with pytest.raises(InvalidCredentials):
            start_session(account)

    assert rows(UserSession, user_id=user.id) == []


def test_a_suspended_organization_is_closed_at_once(
    client: Client, user: User, organization: Organization, change: Change
) -> None:
    client.sign_in_by_form(user)
    change(organization, status=OrganizationStatus.SUSPENDED)

    assert "Your organization is suspended." in led_to_sign_in(client).text


@pytest.mark.parametrize("cookie", ["nonsense", "a.b", "x" * 5000])
def test_a_cookie_that_we_never_gave_opens_nothing(client: Client, cookie: str) -> None:
    client.get("/account", status=303, headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})


def test_a_made_up_token_opens_nothing_and_lends_no_organization(
    client: Client, make: Factories, organization: Organization
) -> None:
    make.user(organization, email="colleague@here.example")
    forged = {"Cookie": f"{SESSION_COOKIE}={Token.new(organization.id).text}"}

    client.get("/account", status=303, headers=forged)
    assert client.get("/login", headers=forged).heading == "Sign in"


def test_a_token_of_one_organization_opens_none_of_another(
    app: Flask, client: Client, user: User, make: Factories
) -> None:
    other = make.organization()
    answer = client.post("/login", {"email": user.email, "password": "correct horse battery staple"})
    secret = answer.headers["Set-Cookie"].split(";")[0].partition(".")[2]
    prefix = Token.new(other.id).text.partition(".")[0]

    Client(app).get("/account", status=303, headers={"Cookie": f"{SESSION_COOKIE}={prefix}.{secret}"})


def test_a_new_role_counts_from_the_next_click(client: Client, user: User, change: Change) -> None:
    client.sign_in_by_form(user)
    change(user, role=Role.MANAGER)

    assert "Manager" in client.get("/account").text


def test_a_downgrade_ends_the_session_with_the_reason(app: Flask, client: Client, make: Factories) -> None:
    organization = make.organization()
    make.user(organization, role=Role.OWNER)
    admin = make.user(organization, role=Role.ADMIN)
    client.sign_in_by_form(admin)

    with at_work(app, organization.id):
        change_role(db.session.get_one(User, (organization.id, admin.id)), Role.CSR)

    assert "because your role was changed" in led_to_sign_in(client).text


def test_single_permissions_count_beside_the_role(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization
) -> None:
    rep, plain_rep = (make.user(organization, role=Role.SALES_REP) for _ in range(2))
    for permission in ("dashboards:csr", "pages:no_longer_there"):
        make.add(UserPermission(organization_id=organization.id, user_id=rep.id, permission=permission))

    client.sign_in_by_form(rep).get("/csr")
    new_client().sign_in_by_form(plain_rep).get("/csr", status=403)


def test_who_is_signed_in_is_found_by_one_query(
    client: Client, user: User, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    client.sign_in_by_form(user)
    client.get("/account")

    with queries() as sent:
        client.get("/", status=303)

    found = [statement for statement in sent if "set_context" not in statement]
    assert ["find_session" in statement for statement in found] == [True, False]
    assert "start_page" in found[1], "where a person begins is read on this page only"


def test_last_seen_is_written_once_a_minute(
    client: Client, user: User, session_of: SessionOf, change: Change, rows: Callable[..., list[Any]]
) -> None:
    client.sign_in_by_form(user)
    a_minute_ago = datetime.now(UTC) - timedelta(seconds=61)
    change(session_of(user), last_seen_at=a_minute_ago)
    change(user, last_seen_at=a_minute_ago)

    client.get("/account")
    first = session_of(user).last_seen_at
    client.get("/account")

    assert first > a_minute_ago
    assert session_of(user).last_seen_at == first
    assert rows(User, id=user.id)[0].last_seen_at == first


def test_being_seen_leaves_no_trace_in_the_audit(
    client: Client, user: User, session_of: SessionOf, change: Change, trail: Callable[[], list[str]]
) -> None:
    client.sign_in_by_form(user)
    before = trail()
    change(session_of(user), last_seen_at=datetime.now(UTC) - timedelta(hours=1))

    client.get("/account")

    assert trail() == before
