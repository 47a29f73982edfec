"""The page `/organization/billing`: access, warnings, and plan changes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, PlanCode, Role, Subscription, User
from tests.organization.billing.conftest import END, START
from tests.support.client import Client
from tests.support.factories import DAY, PASSWORD, Factories
from tests.support.unconfirmed import aged

Now = Callable[[], Subscription]
Rows = Callable[..., Sequence[Any]]

BILLING = "/organization/billing"
PLAN = f"{BILLING}/plan"
CONFIRM = "/account/confirm"


@pytest.fixture
def full_team(make: Factories, organization: Organization, owner: User) -> list[User]:
    """Active users who, with the owner, exceed the seats of the starter plan by two."""
    return [make.user(organization, name=f"Person {number:02}") for number in range(26)]


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC, Role.ADMIN])
def test_who_may_read_sees_the_plan_and_no_way_to_change_it(
    role: Role, make: Factories, organization: Organization, owner: User, client: Client
) -> None:
    client.sign_in(make.user(organization, role))
    page = client.get(BILLING)

    assert "Professional" in page.text
    assert not [href for href in page.links.values() if href.startswith(PLAN)]
    assert client.status_of("GET", PLAN) == 403


def test_costs_are_for_those_who_may_read_them(
    make: Factories, organization: Organization, owner: User, client: Client
) -> None:
    client.sign_in(make.user(organization, Role.SUPPORT))
    assert "Costs this month" not in client.get(BILLING).text

    client.sign_in_by_form(make.user(organization, Role.MANAGER))
    assert "Costs this month" in client.get(BILLING).text


def test_a_csr_sees_nothing_of_it(make: Factories, organization: Organization, client: Client) -> None:
    client.sign_in(make.user(organization, Role.CSR))

    assert client.status_of("GET", BILLING) == 403


def test_meters_show_what_is_used_and_what_is_kept_apart(
    make: Factories, organization: Organization, owner: User, client: Client, admin_engine: Engine
) -> None:
    make.import_of_calls(organization, file_bytes=3 * 1024**2)
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE organization_usage SET used_minutes = 8500 WHERE organization_id = :id"),
            {"id": organization.id},
        )
    page = client.sign_in(owner).get(BILLING)

    assert "8,500 of 10,000" in page.text
    assert "85% used" in page.text
    assert "1 of 100" in page.text
    assert "from all periods: 3 MB" in page.text


def test_an_organization_without_a_subscription_is_told_so(make: Factories, client: Client) -> None:
    organization = make.organization()
    page = client.sign_in(make.user(organization, Role.OWNER)).get(BILLING)

    assert "No plan yet" in page.text
    assert client.status_of("GET", f"{PLAN}?plan=enterprise") == 404


def test_past_due_says_what_happens_and_what_to_do(owner: User, client: Client, change: Callable[..., None]) -> None:
    change(status="past_due", retry_count=4, payment_failed_at=DAY)
    page = client.sign_in(owner).get(BILLING)

    assert "The subscription is past due." in page.text
    assert "4 failed attempts so far." in page.text
    assert "Calls are still answered" in page.text


def test_a_first_failure_warns_without_alarm(owner: User, client: Client, change: Callable[..., None]) -> None:
    change(retry_count=1, payment_failed_at=DAY)
    page = client.sign_in(owner).get(BILLING)

    assert "Your last payment failed." in page.text
    assert "The subscription is past due." not in page.text


def test_the_larger_plan_begins_at_once(owner: User, client: Client, subscription: Now) -> None:
    client.sign_in(owner)
    page = client.get(f"{PLAN}?plan=enterprise")
    assert "The new plan starts right away." in page.text
    answer = client.post(PLAN, page.fields(PLAN))

    assert "Your plan was upgraded." in client.follow(answer).text
    assert subscription().plan == PlanCode.ENTERPRISE


def test_pressing_twice_is_pressing_once(owner: User, client: Client, subscription: Now) -> None:
    fields = client.sign_in(owner).get(f"{PLAN}?plan=enterprise").fields(PLAN)
    client.post(PLAN, fields)
    version = subscription().version
    client.post(PLAN, fields)

    assert subscription().version == version


def test_a_smaller_plan_asks_who_leaves_and_spares_the_only_owner(
    owner: User, client: Client, full_team: list[User]
) -> None:
    page = client.sign_in(owner).get(f"{PLAN}?plan=starter")

    assert "Choose at least 2 people to deactivate when the plan starts." in page.text
    boxes = page.all(".//input[@name='users']")
    assert len(boxes) == 27
    assert [box.get("value") for box in boxes if box.get("disabled") is not None] == [str(owner.id)]


def test_what_is_over_the_smaller_plan_is_told(
    make: Factories, organization: Organization, owner: User, client: Client
) -> None:
    for _ in range(6):
        make.phone_number(organization)
    page = client.sign_in(owner).get(f"{PLAN}?plan=starter")

    assert "You use 6 phone numbers, and Starter includes 5." in page.text


def test_too_few_chosen_come_back_beside_what_was_ticked(
    owner: User, client: Client, full_team: list[User], subscription: Now
) -> None:
    fields = client.sign_in(owner).get(f"{PLAN}?plan=starter").fields(PLAN)
    page = client.post(PLAN, {**fields, "users": [str(full_team[3].id)]}, status=400)

    assert "Choose 1 more person" in page.text
    ticked = [box.get("value") for box in page.all(".//input[@name='users']") if box.get("checked") is not None]
    assert ticked == [str(full_team[3].id)]
    assert subscription().scheduled_plan is None


def test_who_leaves_and_who_takes_over_outlast_the_confirmation(
    owner: User,
    client: Client,
    make: Factories,
    organization: Organization,
    full_team: list[User],
    subscription: Now,
    admin_engine: Engine,
) -> None:
    leaving, taker = full_team[:2], full_team[2]
    make.task(organization, assignee=leaving[0])
    fields = client.sign_in(owner).get(f"{PLAN}?plan=starter").fields(PLAN)
    sent = {**fields, "users": [str(one.id) for one in leaving], "takeover_tasks": str(taker.id)}
    question = aged(client, admin_engine).post(PLAN, sent, status=403)
    assert subscription().scheduled_plan is None

    form = client.post(CONFIRM, {**question.fields(CONFIRM), "password": PASSWORD}, status=200)
    waited: dict[str, list[str]] = {}
    for control in form.all(".//form[@data-send-at-once]/input"):
        waited.setdefault(control.get("name", ""), []).append(control.get("value", ""))
    client.post(PLAN, waited)

    now = subscription()
    assert set(now.scheduled_users_to_deactivate) == {one.id for one in leaving}
    assert now.scheduled_takers == {"tasks": str(taker.id)}


def test_a_scheduled_change_is_shown_and_can_be_taken_back(owner: User, client: Client, subscription: Now) -> None:
    fields = client.sign_in(owner).get(f"{PLAN}?plan=starter").fields(PLAN)
    page = client.follow(client.post(PLAN, fields))
    assert "Your plan changes to Starter on" in page.text

    client.post(f"{PLAN}/keep", page.fields(f"{PLAN}/keep"))

    assert subscription().scheduled_plan is None
    assert "Starter starts" not in client.get(BILLING).text


def test_a_stale_form_shows_that_it_is_and_can_be_sent_again(
    owner: User, client: Client, subscription: Now, change: Callable[..., None]
) -> None:
    fields = client.sign_in(owner).get(f"{PLAN}?plan=enterprise").fields(PLAN)
    change(version=9)
    page = client.post(PLAN, fields, status=409)
    assert "changed after you opened it" in page.text

    client.post(PLAN, page.fields(PLAN))

    assert subscription().plan == "enterprise"


def test_a_downgrade_that_does_not_fit_now_says_why(
    make: Factories, organization: Organization, owner: User, client: Client, change: Callable[..., None]
) -> None:
    for _ in range(25):
        make.user(organization)
    change(scheduled_plan="starter", scheduled_for=END)
    page = client.sign_in(owner).get(BILLING)

    assert "The change to Starter is scheduled but can’t go ahead yet." in page.text
    assert "Choose 1 more person" in page.text


@pytest.mark.parametrize("query", ["", "?plan=gold", "?plan=professional"])
def test_an_address_of_no_other_plan_leads_back(query: str, owner: User, client: Client) -> None:
    assert client.sign_in(owner).get(PLAN + query, status=303).headers["Location"] == BILLING


def test_the_history_tells_payments_and_plans(owner: User, client: Client, subscription: Now) -> None:
    fields = client.sign_in(owner).get(f"{PLAN}?plan=enterprise").fields(PLAN)
    client.post(PLAN, fields)
    page = client.get(BILLING)

    assert "Upgraded the plan" in page.text
    assert owner.name in page.text
    assert subscription().current_period_start == START
