"""Pages for creating, rotating and revoking API keys."""

import shlex
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.models import ApiKey, AuditLog, Organization, Role, StaffRole, User, UserPermission
from app.organization.api_keys.queries import get_shown_key
from app.people.roles.words import words_of_permission
from app.security.actor import Actor
from app.security.key_rules import NEVER_FOR_KEYS
from app.security.permissions import Permission
from app.security.tokens import Token, TokenType
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page, text_of

LIST, NEW = "/organization/api-keys", "/organization/api-keys/new"
CHOSEN = ["calls:read", "audit:read"]


def make_key(client: Client, status: int = 200, **values: Any) -> Page:
    """Submit the form for a new key; return the response, which shows the key if the form is valid."""
    form = client.get(NEW).fields(NEW)
    return client.post(NEW, {**form, "name": "Website", "permissions": CHOSEN, **values}, status=status)


def text_on(page: Page) -> str:
    """Return the full text of the key, which only this page shows."""
    return text_of(page.one(".//*[@data-key-text]"))


def show(key: ApiKey) -> str:
    return f"{LIST}/{key.id}"


def test_a_key_is_shown_once_and_only_its_hash_is_kept(
    as_admin: Client, organization: Organization, admin: User, behind: Behind, capsys: pytest.CaptureFixture[str]
) -> None:
    page = make_key(as_admin)
    token = Token.parse(text_on(page), TokenType.API_KEY)

    made = behind.one(ApiKey)
    assert token is not None
    assert (token.organization_id, token.digest) == (organization.id, made.key_hash)
    assert (made.name, made.permissions, made.created_by) == ("Website", sorted(CHOSEN), admin.id)
    assert made.expires_at is not None
    assert timedelta(days=89) < made.expires_at - datetime.now(UTC) <= timedelta(days=90)
    assert page.headers["Cache-Control"] == "no-store"
    for url in (LIST, show(made)):
        seen = as_admin.get(url)
        assert token.text not in seen.html
        assert made.prefix in seen.text
    [told] = behind.trail(organization.id, "api_key")
    assert told.action == "api_key.created"
    secret = token.text.partition(".")[2]
    assert secret not in str([(row.before, row.after, row.details) for row in behind.rows(AuditLog)])
    assert made.key_hash.hex() not in str(told.after)
    assert secret not in "".join(capsys.readouterr())


def test_the_same_form_twice_is_one_key(as_admin: Client, behind: Behind) -> None:
    form = {**as_admin.get(NEW).fields(NEW), "name": "Website", "permissions": CHOSEN}
    as_admin.post(NEW, form, status=200)

    page = as_admin.post(NEW, form, status=409)

    assert "This key was already created" in page.text
    assert len(behind.rows(ApiKey)) == 1


def test_the_same_form_twice_at_once_is_one_key(admin: User, new_client: Callable[[], Client], behind: Behind) -> None:
    browsers = [new_client().sign_in(admin) for _number in range(2)]
    for browser in browsers:
        browser.get(NEW)
    form = {**browsers[0].get(NEW).fields(NEW), "name": "Website", "permissions": CHOSEN}
    form.pop("csrf_token")
    statuses: list[int] = []

    def send(browser: Client) -> None:
        statuses.append(browser.answer_of(NEW, form).status)

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 409]
    assert len(behind.rows(ApiKey)) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "W"}, "Use 2 to 100 characters."),
        ({"name": ""}, "Give the key a name."),
        ({"permissions": []}, "Choose at least one permission."),
        ({"permissions": ["calls:sing"]}, "Choose from the permissions you have."),
        ({"permissions": ["billing:update"]}, "Choose from the permissions you have."),
        ({"permissions": ["organizations:enter"]}, "Choose from the permissions you have."),
        ({"days": "7"}, "Not a valid choice."),
        ({"row_id": "nonsense"}, "This form is incomplete."),
    ],
)
def test_what_cannot_be_is_said(as_admin: Client, behind: Behind, values: dict[str, Any], sentence: str) -> None:
    page = make_key(as_admin, 400, **values)

    assert sentence in page.text
    assert behind.rows(ApiKey) == []


def test_what_one_may_do_is_offered_in_words_and_stays_ticked(as_admin: Client) -> None:
    page = make_key(as_admin, 400, name="")

    offered = {one.get("value"): one.get("checked") for one in page.all(".//input[@name='permissions']")}
    assert offered["calls:read"] is not None
    assert offered["calls:update"] is None
    assert "billing:update" not in offered
    assert "organizations:enter" not in offered
    assert "View calls" in page.text


def test_a_key_without_an_end(as_admin: Client, behind: Behind) -> None:
    make_key(as_admin, days="0")

    assert behind.one(ApiKey).expires_at is None


def test_hostile_names_are_text(as_admin: Client, behind: Behind) -> None:
    make_key(as_admin, name="<script>alert(1)</script>")

    assert as_admin.get(show(behind.one(ApiKey))).heading == "<script>alert(1)</script>"


def test_another_text_ends_the_old_one_and_belongs_to_who_gave_it(
    as_admin: Client, admin: User, owner: User, make: Factories, behind: Behind
) -> None:
    key = make.api_key(owner, permissions=["billing:update", "calls:read"])
    page = as_admin.get(show(key))

    shown = as_admin.post(f"{show(key)}/rotate", page.fields(f"{show(key)}/rotate"), status=200)

    token, now = Token.parse(text_on(shown), TokenType.API_KEY), behind.one(ApiKey)
    assert token is not None
    assert (now.key_hash, now.created_by, now.version) == (token.digest, admin.id, 2)
    assert "1 of 2" in as_admin.get(LIST).text, "an admin may not change the plan"
    assert behind.trail(admin.organization_id, "api_key")[-1].action == "api_key.rotated"


def test_two_who_rotate_do_not_undo_each_other(as_admin: Client, admin: User, make: Factories, behind: Behind) -> None:
    key = make.api_key(admin)
    form = as_admin.get(show(key)).fields(f"{show(key)}/rotate")
    as_admin.post(f"{show(key)}/rotate", form, status=200)
    first = behind.one(ApiKey).key_hash

    assert "has since been rotated" in as_admin.post(f"{show(key)}/rotate", form, status=409).text

    assert behind.one(ApiKey).key_hash == first


def test_whoever_may_manage_keys_revokes_anybodys(
    as_admin: Client, owner: User, make: Factories, behind: Behind
) -> None:
    key = make.api_key(owner)

    page = as_admin.follow(as_admin.post(f"{show(key)}/revoke"))
    as_admin.post(f"{show(key)}/revoke")

    assert "was revoked and no longer works" in page.text
    revoked = behind.one(ApiKey)
    assert revoked.revoked_at is not None
    assert revoked.version == 2
    assert [row.action for row in behind.trail(owner.organization_id, "api_key")] == ["api_key.revoked"]


@pytest.mark.parametrize("values", [{"revoked_at": datetime.now(UTC)}, {"expires_at": datetime.now(UTC)}])
def test_what_has_ended_is_not_given_another_text(
    as_admin: Client, admin: User, make: Factories, values: dict[str, Any]
) -> None:
    key = make.api_key(admin, **values)

    page = as_admin.get(show(key))

    assert "Rotate" not in page.text
    as_admin.post(f"{show(key)}/rotate", {"version": "1"}, status=409)


@pytest.mark.parametrize(
    ("fate", "left"),
    [
        ({"role": Role.MANAGER}, {Permission.CALLS_READ}),
        ({"status": "inactive"}, set()),
        ({"deleted_at": datetime(2026, 3, 18, tzinfo=UTC)}, set()),
    ],
    ids=["demoted", "deactivated", "deleted"],
)
def test_a_key_opens_what_its_maker_may_do_now(
    as_admin: Client, owner: User, organization: Organization, make: Factories, behind: Behind, fate: Any, left: Any
) -> None:
    maker = make.user(organization, role=Role.ADMIN)
    key = make.api_key(maker, permissions=CHOSEN)

    behind.change(maker, **fate)

    assert f"{len(left)} of 2" in as_admin.get(LIST).text
    page = as_admin.get(show(key))
    assert "has fewer permissions than were chosen" in page.text
    assert page.text.count("Not active") == 2 - len(left)


def test_a_single_grant_of_its_maker_counts(app: Any, owner: User, make: Factories) -> None:
    manager = make.user(make.organization(), role=Role.MANAGER)
    make.add(UserPermission(organization_id=manager.organization_id, user_id=manager.id, permission="audit:read"))
    key = make.api_key(manager, permissions=CHOSEN)
    actor = Actor(organization_id=key.organization_id, user_id=manager.id, name="", email="", role=Role.ADMIN)

    with app.app_context(), use_context(Context(organization_id=key.organization_id)):
        shown = get_shown_key(actor, key.id)

    assert shown.effective == {Permission.CALLS_READ, Permission.AUDIT_READ}


def test_the_list_keeps_what_it_is_asked_for(as_admin: Client, admin: User, make: Factories) -> None:
    make.api_key(admin, name="In use")
    make.api_key(admin, name="Over", expires_at=datetime.now(UTC) - timedelta(days=1))
    make.api_key(admin, name="Gone", revoked_at=datetime.now(UTC))

    for status, name in (("active", "In use"), ("expired", "Over"), ("revoked", "Gone")):
        rows = as_admin.get(f"{LIST}?status={status}").all(".//tbody/tr")
        assert [name in text_of(row) for row in rows] == [True]
    as_admin.get(f"{LIST}?status=lost", status=400)


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_others_see_and_make_none(client: Client, organization: Organization, make: Factories, role: Role) -> None:
    key = make.api_key(make.user(organization, role=Role.ADMIN))
    client.sign_in(make.user(organization, role=role))

    for url in (LIST, NEW, show(key)):
        client.get(url, status=403)
    client.post(f"{show(key)}/revoke", status=403)


def test_those_of_a_neighbour_are_not_found(as_admin: Client, make: Factories, behind: Behind) -> None:
    key = make.api_key(make.user(make.organization(), role=Role.ADMIN), name="Theirs")

    assert "Theirs" not in as_admin.get(LIST).text
    as_admin.get(show(key), status=404)
    as_admin.post(f"{show(key)}/rotate", {"version": "1"}, status=404)
    as_admin.post(f"{show(key)}/rotate", status=404)
    as_admin.post(f"{show(key)}/revoke", status=404)
    assert behind.one(ApiKey).revoked_at is None


def test_a_guest_of_the_platform_revokes_and_makes_none(
    client: Client, organization: Organization, owner: User, make: Factories, behind: Behind
) -> None:
    key = make.api_key(owner)
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    assert "New key" not in client.get(LIST).text
    assert "Rotate" not in client.get(show(key)).text
    assert "you’re a guest" in client.get(NEW).text
    assert "you’re a guest" in make_key(client, 403).text
    client.post(f"{show(key)}/rotate", {"version": "1"}, status=403)
    client.post(f"{show(key)}/revoke")

    assert behind.one(ApiKey).revoked_at is not None


def test_the_command_beside_a_new_key_works_as_it_stands(app: Flask, as_admin: Client, admin: User) -> None:
    page = make_key(as_admin)
    command = shlex.split(text_of(page.one(".//*[@id='curl']")))

    name, _colon, value = command[command.index("-H") + 1].partition(": ")
    answer = app.test_client().get(command[-1], headers={name: value})

    assert (command[0], len(command)) == ("curl", 4)
    assert answer.get_json()["data"]["apiKey"]["permissions"] == sorted(CHOSEN)


def test_the_page_of_a_key_shows_its_last_use_and_a_command_without_the_key(
    as_admin: Client, admin: User, make: Factories
) -> None:
    used = datetime.now(UTC) - timedelta(days=89)
    key = make.api_key(admin, last_used_at=used, last_used_ip="203.0.113.9", last_used_operation="GET /api/v1/calls")

    page = as_admin.get(show(key))

    assert "GET /api/v1/calls" in page.text
    assert "203.0.113.9" in page.text
    assert "Authorization: Bearer YOUR_API_KEY" in text_of(page.one(".//*[@id='curl']"))
    assert "unused for 90 days" not in page.text


@pytest.mark.parametrize("ended", [False, True])
def test_a_key_without_use_for_90_days_is_marked_while_it_works(
    as_admin: Client, admin: User, make: Factories, ended: bool
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=90)
    key = make.api_key(admin, created_at=long_ago, revoked_at=datetime.now(UTC) if ended else None)

    page = as_admin.get(show(key))

    assert ("has been unused for 90 days" in page.text) is not ended
    assert bool(page.all(".//*[@id='curl']")) is not ended


def test_what_no_key_may_do_is_not_offered_and_said_on_its_page(
    client: Client, owner: User, make: Factories, behind: Behind
) -> None:
    key = make.api_key(owner, permissions=["calls:read", "users:invite"])
    client.sign_in(owner)
    client.post("/account/confirm", {"password": PASSWORD})

    offered = {one.get("value") for one in client.get(NEW).all(".//input[@name='permissions']")}

    assert offered.isdisjoint(NEVER_FOR_KEYS)
    assert {"organization:export", "billing:update", "calls:read"} <= offered
    assert "Choose from the permissions you have." in make_key(client, 400, permissions=["users:invite"]).text
    page = client.get(show(key))
    closed = text_of(page.one(".//section[@aria-labelledby='never']"))
    assert str(words_of_permission(Permission.USERS_INVITE).label) in closed
    assert str(words_of_permission(Permission.CALLS_READ).label) not in closed
    assert page.text.count("Not active") == 1


def selected_on(page: Page) -> set[str]:
    return {str(box.get("value")) for box in page.all(".//input[@name='permissions'][@checked]")}


def test_dashboards_propose_the_reads_of_their_numbers(as_admin: Client, behind: Behind) -> None:
    """The form comes back once, with the proposal selected: it can be accepted, or cleared."""
    reads = {"calls:read", "leads:read", "appointments:read", "missed_calls:read", "recordings:read", "users:read"}

    page = make_key(as_admin, status=400, permissions=["dashboards:exec", "audit:read"])

    assert behind.rows(ApiKey) == []
    assert selected_on(page) == {"dashboards:exec", "audit:read"} | reads
    assert str(words_of_permission(Permission.RECORDINGS_READ).label) in page.text
    form = page.fields(NEW)
    as_admin.post(NEW, {**form, "permissions": sorted(selected_on(page))}, status=200)
    assert set(behind.one(ApiKey).permissions) == selected_on(page)


def test_a_proposal_can_be_cleared(as_admin: Client, behind: Behind) -> None:
    page = make_key(as_admin, status=400, permissions=["dashboards:csr"])

    as_admin.post(NEW, {**page.fields(NEW), "permissions": ["dashboards:csr"]}, status=200)

    assert behind.one(ApiKey).permissions == ["dashboards:csr"]


def test_what_was_not_proposed_yet_is_proposed(as_admin: Client, behind: Behind) -> None:
    page = make_key(as_admin, status=400, permissions=["dashboards:csr"])

    again = as_admin.post(NEW, {**page.fields(NEW), "permissions": ["dashboards:csr", "dashboards:rep"]}, status=400)

    assert selected_on(again) == {"dashboards:csr", "dashboards:rep", "recordings:read"}
    assert behind.rows(ApiKey) == []


def test_keys_whose_requests_are_refused_are_marked(
    as_admin: Client, admin: User, make: Factories, organization: Organization
) -> None:
    reads = ["calls:read", "leads:read", "appointments:read", "missed_calls:read", "users:read"]
    refused = make.api_key(admin, name="Half a screen", permissions=["dashboards:csr", *reads[1:]])
    whole = make.api_key(admin, name="Whole screen", permissions=["dashboards:csr", *reads])
    queue = make.api_key(admin, name="Queue", permissions=["missed_calls:read"])
    now = datetime.now(UTC)
    ended = make.api_key(admin, name="Ended", permissions=["dashboards:csr"], revoked_at=now)

    rows = [text_of(row) for row in as_admin.get(LIST).all(".//tbody/tr")]

    label = str(words_of_permission(Permission.CALLS_READ).label)
    assert len(rows) == len((refused, whole, queue, ended))
    assert [refused.name in row for row in rows if f"Lacks: {label}" in row] == [True]
    assert f"because it lacks permissions that they need: {label}." in as_admin.get(show(refused)).text
    assert "because it lacks permissions" not in as_admin.get(show(whole)).text
