"""Quotas of a plan: one warning per level, and refusal beyond the quota, even under concurrency."""

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.data.imports.service import count_file, receive_file
from app.errors import QuotaExceeded
from app.extensions import db
from app.models import ImportKind, Notification, Organization, Role, User, UserStatus
from app.people.users.service import activate, create_user
from app.tenancy.quota_queries import read_quotas, sum_stored_bytes
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import refuse_over_quota, use_minutes, use_storage, warn_of_quotas
from app.trust.trash.restore_service import restore
from tests.organization.billing.conftest import Look, Work
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work, both_at_once

Rows = Callable[..., Sequence[Any]]

GIB = 1024**3
FULL = {
    QuotaKind.CALL_MINUTES: (10_000, "All 10000 call minutes"),
    QuotaKind.STORAGE: (100 * GIB, "storage left"),
}


@pytest.mark.parametrize("kind", list(FULL))
def test_an_action_over_quota_is_refused_with_the_numbers(
    kind: QuotaKind, app: Flask, organization: Organization, owner: User, work: Work
) -> None:
    limit, sentence = FULL[kind]
    use = use_minutes if kind is QuotaKind.CALL_MINUTES else use_storage
    work(lambda: use(organization.id, limit + 3))

    with pytest.raises(QuotaExceeded, match=sentence) as refusal, at_work(app, organization.id):
        refuse_over_quota(organization.id, kind)

    assert refusal.value.status == 422
    assert refusal.value.extra == {"quota": {"limit": limit, "used": limit + 3, "remaining": 0}}


def test_the_last_byte_still_fits(app: Flask, organization: Organization, work: Work) -> None:
    work(lambda: use_storage(organization.id, 100 * GIB - 10))

    with at_work(app, organization.id):
        refuse_over_quota(organization.id, QuotaKind.STORAGE, 10)
        with pytest.raises(QuotaExceeded):
            refuse_over_quota(organization.id, QuotaKind.STORAGE, 11)


def test_what_is_counted_is_never_refused(organization: Organization, owner: User, work: Work, usage: Look) -> None:
    """Minutes beyond the quota are counted but not refused."""
    work(lambda: use_minutes(organization.id, 50_000))
    work(lambda: use_minutes(organization.id, 1))

    assert usage()["used_minutes"] == 50_001


def test_nothing_is_given_back(app: Flask, organization: Organization) -> None:
    with pytest.raises(ValueError, match="call_minutes"), at_work(app, organization.id):
        use_minutes(organization.id, -1)


def test_people_and_numbers_count_as_they_are_now(
    app: Flask, make: Factories, organization: Organization, owner: User
) -> None:
    make.user(organization, status=UserStatus.SUSPENDED)
    make.user(organization, deleted_at=DAY)
    make.phone_number(organization)
    make.phone_number(organization, deleted_at=DAY)

    with at_work(app, organization.id):
        used = {quota.kind: quota.used for quota in read_quotas(organization.id)}

    assert used == {
        QuotaKind.CALL_MINUTES: 0,
        QuotaKind.TEAM_MEMBERS: 2,
        QuotaKind.PHONE_NUMBERS: 1,
        QuotaKind.STORAGE: 0,
    }


def test_owners_and_admins_are_warned_once_at_each_level(
    make: Factories, organization: Organization, owner: User, work: Work, told: Look
) -> None:
    make.user(organization, Role.ADMIN, name="Ada Admin")
    make.user(organization, Role.MANAGER)
    make.user(organization, Role.ADMIN, status=UserStatus.INACTIVE)
    for minutes in (7_999, 1, 500, 500, 1, 999, 1):
        work(partial(use_minutes, organization.id, minutes))

    levels = [f"{percent}% of this period’s call minutes have been used." for percent in (80, 90, 100)]
    assert sorted(told()) == sorted((name, text) for text in levels for name in ("Ada Admin", "Olga Owner"))


def test_who_passes_several_levels_at_once_hears_of_the_highest(
    organization: Organization, owner: User, work: Work, told: Look, usage: Look
) -> None:
    work(lambda: use_storage(organization.id, 95 * GIB))
    work(lambda: warn_of_quotas(organization.id))

    assert [text for _who, text in told()] == ["90% of this period’s storage has been used."]
    assert [usage()[f"quota_warning_{percent}_sent"] for percent in (80, 90, 100)] == [["storage"], ["storage"], []]


def test_many_at_once_are_all_counted_and_warn_once(
    app: Flask, organization: Organization, owner: User, told: Look, usage: Look
) -> None:
    refused = both_at_once(app, organization.id, *[partial(use_minutes, organization.id, 1_010) for _ in range(8)])

    assert refused == []
    assert usage()["used_minutes"] == 8_080
    assert len(told()) == 1


def test_a_seat_that_is_taken_warns_too(app: Flask, make: Factories) -> None:
    small = make.organization(team_members_quota=3)
    make.user(small, Role.OWNER)
    asleep = make.user(small, status=UserStatus.INACTIVE)

    with at_work(app, small.id):
        create_user(small.id, email="new@here.example", name="New Person", role=Role.CSR)
        activate(asleep)
    with at_work(app, small.id), pytest.raises(QuotaExceeded):
        create_user(small.id, email="newer@here.example", name="Newer Person", role=Role.CSR)
    with at_work(app, small.id):
        assert db.session.scalars(select(Notification.text)).all() == ["100% of the plan’s seats are in use."]


def test_two_do_not_take_the_last_of_anything(app: Flask, organization: Organization, owner: User, usage: Look) -> None:
    def upload() -> None:
        refuse_over_quota(organization.id, QuotaKind.STORAGE, 60 * GIB)
        use_storage(organization.id, 60 * GIB)

    refused = both_at_once(app, organization.id, upload, upload)

    assert [type(error) for error in refused] == [QuotaExceeded]
    assert usage()["used_storage_bytes"] == 60 * GIB


def test_what_is_kept_is_told_apart_from_what_was_added(
    app: Flask, make: Factories, organization: Organization, owner: User
) -> None:
    make.import_of_calls(organization, file_bytes=700)
    make.import_of_calls(make.organization(), file_bytes=5_000)

    with at_work(app, organization.id):
        [storage] = read_quotas(organization.id, [QuotaKind.STORAGE])
        assert (storage.used, sum_stored_bytes(organization.id)) == (0, 700)


def test_a_file_of_history_is_counted_and_let_in_beyond_the_limit(
    organization: Organization, owner: User, work: Work, usage: Look, told: Look
) -> None:
    work(lambda: use_storage(organization.id, 200 * GIB))
    work(lambda: count_file(receive_file(BytesIO(b"Date,Time\n"), "calls.csv", ImportKind.CALLS)))

    assert usage()["used_storage_bytes"] == 200 * GIB + 10
    assert len(told()) == 1


def test_somebody_restored_takes_a_seat_that_warns(app: Flask, make: Factories, rows: Rows) -> None:
    small = make.organization(team_members_quota=2)
    owner = make.user(small, Role.OWNER)
    batch = make.deletion(make.user(small), root_type="user")

    with at_work(app, small.id):
        restore(acting(owner), batch.id)
    with at_work(app, small.id):
        assert db.session.scalars(select(Notification.text)).all() == ["100% of the plan’s seats are in use."]
