"""Permission of each role to change its own and others' calls, before and after a value is set."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.declarations.exportable import may_export_work
from app.models import BookingStatus
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.work.calls import coaching_rules, rules

ME = uuid4()
BOOKED, NOT_BOOKED = BookingStatus.BOOKED, BookingStatus.NOT_BOOKED


@dataclass
class FakeCall:
    csr_id: UUID | None = None
    handled_by_user_id: UUID | None = None
    assigned_rep_id: UUID | None = None
    booking_status: str | None = None


MINE, SOMEBODY_ELSES = FakeCall(csr_id=ME), FakeCall(csr_id=uuid4())


def actor(role: Role, *granted: Permission) -> Actor:
    return Actor(
        organization_id=uuid4(), user_id=ME, name="Ann", email="a@b.example", role=role, granted=frozenset(granted)
    )


@pytest.mark.parametrize("column", ["csr_id", "handled_by_user_id", "assigned_rep_id"])
def test_a_call_is_mine_when_i_am_credited_spoke_or_took_it_over(column: str) -> None:
    mine: dict[str, Any] = {column: ME}
    somebody_elses: dict[str, Any] = {column: uuid4()}

    assert rules.is_own(FakeCall(**mine), actor(Role.CSR))
    assert not rules.is_own(FakeCall(**somebody_elses), actor(Role.CSR))


@pytest.mark.parametrize(
    ("role", "mine", "others"),
    [
        (Role.CSR, True, False),
        (Role.SALES_REP, True, False),
        (Role.SUPPORT, False, False),
        (Role.MANAGER, True, True),
        (Role.EXEC, False, False),
        (Role.ADMIN, True, True),
        (Role.OWNER, True, True),
    ],
)
def test_who_may_change_a_call(role: Role, *, mine: bool, others: bool) -> None:
    assert rules.may_change(MINE, actor(role), Permission.CALLS_UPDATE) is mine
    assert rules.may_change(SOMEBODY_ELSES, actor(role), Permission.CALLS_UPDATE) is others


def test_seeing_every_call_is_not_changing_every_call() -> None:
    sees_all = actor(Role.CSR, Permission.CALLS_READ)

    assert not rules.may_change(SOMEBODY_ELSES, sees_all, Permission.CALLS_UPDATE)


@pytest.mark.parametrize(
    ("role", "unset", "already_set"),
    [
        (Role.CSR, True, False),
        (Role.SALES_REP, False, False),
        (Role.SUPPORT, False, False),
        (Role.MANAGER, True, True),
        (Role.EXEC, False, False),
        (Role.ADMIN, True, True),
        (Role.OWNER, True, True),
    ],
)
def test_who_may_set_the_booking_status(role: Role, *, unset: bool, already_set: bool) -> None:
    assert rules.may_classify(FakeCall(csr_id=ME), actor(role)) is unset
    assert rules.may_classify(FakeCall(csr_id=ME, booking_status=BOOKED), actor(role)) is already_set


def test_nobody_sets_the_booking_status_of_a_colleagues_call() -> None:
    assert not rules.may_classify(SOMEBODY_ELSES, actor(Role.CSR))


def test_only_overruling_needs_a_reason() -> None:
    assert not rules.needs_reason(None, BOOKED)
    assert not rules.needs_reason(BOOKED, BOOKED)
    assert rules.needs_reason(BOOKED, NOT_BOOKED)


def test_who_writes_coaching_notes() -> None:
    assert [role for role in Role if coaching_rules.may_coach(actor(role))] == [Role.MANAGER, Role.ADMIN, Role.OWNER]


def test_who_may_take_more_calls_than_a_list_counts() -> None:
    may = [role for role in Role if may_export_work(actor(role))]

    assert may == [Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER]
    assert may_export_work(actor(Role.SUPPORT, Permission.EXPORTS_CREATE))
