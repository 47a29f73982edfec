"""Reassignment of the work of people who leave for a smaller plan."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.declarations.open_work import WorkKind
from app.errors import ValidationFailed
from app.models import Organization, Subscription, Task, User, UserStatus
from tests.organization.billing.conftest import Trail
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

PLAN = "/organization/billing/plan"
Rows = Callable[..., Sequence[Any]]
Now = Callable[[], Subscription]


@pytest.fixture
def busy(make: Factories, organization: Organization, team: list[User]) -> list[User]:
    """The team; its first two people have open work."""
    make.task(organization, assignee=team[0], title="Call Ann")
    make.task(organization, assignee=team[1], title="Call Bob")
    make.event(organization, team[0], start_at=_later(), title="Review")
    return team


def _later() -> datetime:

    return datetime.now(UTC) + timedelta(days=60)


def holders(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        tasks = "SELECT title, assigned_to_user_id FROM tasks"
        return dict(connection.execute(text(f"{tasks} UNION SELECT title, organizer_id FROM events")).all())


def ticked(page: Page) -> list[str]:
    return [box.get("value", "") for box in page.all(".//input[@name='users'][@checked]")]


def test_the_page_asks_who_takes_over_and_it_goes_there(
    client: Client,
    make: Factories,
    organization: Organization,
    owner: User,
    busy: list[User],
    subscription: Now,
    apply: Callable[[], None],
    admin_engine: Engine,
) -> None:
    page = client.sign_in(owner).get(f"{PLAN}?plan=starter")
    chosen = [str(person.id) for person in busy[:2]]

    asked = client.post(PLAN, {**page.fields(PLAN), "users": chosen}, status=200)

    assert "2 open tasks" in asked.text
    assert "1 event as organizer" in asked.text
    assert subscription().scheduled_plan is None
    form = asked.fields(PLAN)
    assert set(ticked(asked)) == set(chosen)
    offered = [option.get("value") for option in asked.all(".//select[@name='takeover_tasks']/option")]
    assert chosen[0] not in offered
    taker = str(busy[2].id)
    client.post(PLAN, {**form, "users": chosen, "takeover_tasks": taker, "takeover_events": taker})
    assert subscription().scheduled_takers == {"tasks": taker, "events": taker}
    again = client.get(f"{PLAN}?plan=starter")
    assert (again.fields(PLAN)["takeover_tasks"], set(ticked(again))) == (taker, set(chosen))

    make.lead(organization, csr_id=busy[0].id)  # work of another kind, added since then
    apply()

    assert holders(admin_engine) == {"Call Ann": busy[2].id, "Call Bob": busy[2].id, "Review": busy[2].id}
    assert (subscription().plan, subscription().scheduled_takers) == ("starter", {})


def test_without_a_taker_nothing_is_scheduled(
    busy: list[User], schedule: Callable[..., None], subscription: Now
) -> None:
    for takers in ({}, {WorkKind.TASKS: busy[0].id, WorkKind.EVENTS: busy[2].id}):
        with pytest.raises(ValidationFailed) as refusal:
            schedule(*busy[:2], takers=takers)

        assert "takeover_tasks" in [wrong.field for wrong in refusal.value.field_errors]
    assert subscription().scheduled_plan is None


def test_a_taker_who_is_gone_by_then_keeps_the_plan_waiting(
    busy: list[User],
    schedule: Callable[..., None],
    apply: Callable[[], None],
    subscription: Now,
    rows: Rows,
    trail: Trail,
    make: Factories,
    admin_engine: Engine,
) -> None:
    schedule(*busy[:2], takers={WorkKind.TASKS: busy[2].id, WorkKind.EVENTS: busy[3].id})
    make.deletion(busy[2])

    apply()

    assert subscription().plan == "professional"
    assert rows(User, id=busy[0].id)[0].status == UserStatus.ACTIVE
    assert holders(admin_engine)["Call Ann"] == busy[0].id
    [entry] = trail("subscription.downgrade.refused")
    assert entry.details["reason"] == "no_taker"
    assert any("you chose to take over work" in task.description for task in rows(Task, category="billing"))
