"""Choice of another plan: a smaller one is scheduled, a larger one starts immediately."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from app.errors import Conflict, Forbidden, ValidationFailed, VersionConflict
from app.models import (
    Organization,
    PlanCode,
    Role,
    Subscription,
    User,
)
from app.organization.billing import service
from tests.organization.billing.conftest import END, Look, Trail, Work
from tests.support.factories import Factories
from tests.support.owner_races import acting

Rows = Callable[..., Sequence[Any]]
Now = Callable[[], Subscription]


@pytest.mark.parametrize("chosen", [0, 1])
def test_too_few_are_refused_beside_the_list(chosen: int, schedule: Callable[..., None], team: list[User]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        schedule(*team[:chosen])

    assert [wrong.field for wrong in refusal.value.field_errors] == ["users"]


def test_the_last_owner_and_people_of_others_cannot_be_chosen(
    make: Factories, schedule: Callable[..., None], team: list[User], owner: User
) -> None:
    stranger = make.user(make.organization())

    for person in (owner, stranger):
        with pytest.raises(ValidationFailed):
            schedule(person, *team[:2])


def test_asking_twice_is_asking_once_and_a_stale_form_is_refused(
    schedule: Callable[..., None], team: list[User], subscription: Now, trail: Trail
) -> None:
    seen = subscription().version
    schedule(*team[:2], version=seen)
    schedule(*team[:2], version=seen)
    assert len(trail("subscription.downgrade.scheduled")) == 1

    with pytest.raises(VersionConflict):
        schedule(*team[:3], version=seen)


def test_it_can_be_cancelled(
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
    work: Work,
    owner: User,
    trail: Trail,
) -> None:
    schedule(*team[:2])
    version = subscription().version
    for _ in range(2):
        work(lambda: service.cancel_downgrade(acting(owner), version=version))
    apply()

    assert (subscription().plan, subscription().scheduled_plan) == ("professional", None)
    assert len(trail("subscription.downgrade.cancelled")) == 1


def test_a_larger_plan_begins_at_once_and_forgets_the_smaller_one(
    schedule: Callable[..., None],
    team: list[User],
    subscription: Now,
    work: Work,
    owner: User,
    quotas: Look,
    trail: Trail,
) -> None:
    schedule(*team[:2])
    version = subscription().version
    for _ in range(2):
        work(lambda: service.upgrade(acting(owner), PlanCode.ENTERPRISE, version=version))

    now = subscription()
    assert (now.plan, now.scheduled_plan, now.current_period_end) == ("enterprise", None, END)
    assert quotas()["team_members_quota"] == 1_000
    assert [(entry.after or {})["plan"] for entry in trail("subscription.upgraded")] == ["enterprise"]


def test_each_direction_has_its_own_way(work: Work, owner: User, subscription: Now) -> None:
    version = subscription().version

    with pytest.raises(Conflict):
        work(lambda: service.upgrade(acting(owner), PlanCode.STARTER, version=version))
    with pytest.raises(Conflict):
        work(lambda: service.schedule_downgrade(acting(owner), PlanCode.ENTERPRISE, [], takers={}, version=version))


def test_only_an_owner_changes_the_plan(make: Factories, organization: Organization, owner: User, work: Work) -> None:
    admin = make.user(organization, Role.ADMIN)

    with pytest.raises(Forbidden):
        work(lambda: service.upgrade(acting(admin), PlanCode.ENTERPRISE, version=1))
    with pytest.raises(Forbidden):
        work(lambda: service.cancel_downgrade(acting(admin), version=1))
