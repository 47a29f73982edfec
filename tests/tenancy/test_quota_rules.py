"""Quota rules, tested without a database."""

import pytest

from app.tenancy.quota_rules import Quota, QuotaKind, levels_to_warn_of


@pytest.mark.parametrize(
    ("used", "limit", "levels"),
    [(79, 100, ()), (80, 100, (80,)), (90, 100, (80, 90)), (100, 100, (80, 90, 100)), (130, 100, (80, 90, 100)),
     (4, 5, (80,)), (0, 0, ()), (1, 0, (80, 90, 100)), (7, 9, ())],
)  # fmt: skip
def test_a_quota_reaches_its_levels(used: int, limit: int, levels: tuple[int, ...]) -> None:
    assert Quota(QuotaKind.STORAGE, limit, used).levels == levels


def test_only_what_was_not_told_is_told() -> None:
    quota = Quota(QuotaKind.STORAGE, 100, 95)

    assert levels_to_warn_of(quota, {80: ["storage"], 90: ["call_minutes"], 100: []}) == (90,)


@pytest.mark.parametrize(("used", "remaining"), [(3, 7), (10, 0), (14, 0)])
def test_what_remains_is_never_below_zero(used: int, remaining: int) -> None:
    assert Quota(QuotaKind.TEAM_MEMBERS, 10, used).remaining == remaining
