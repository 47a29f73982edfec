"""The links of a chain of seals, without a database."""

from datetime import date
from uuid import UUID

from app.audit.chain import Place, Seal, SealKeys, follows
from tests.support.factories import DAY


def link(*, start: int = 0, end: int = 10, month: int = 1) -> Seal:
    return Seal(UUID(int=7), 1, Place(start), Place(end), date(2026, month, 1), 1, b"rows", b"before", DAY)


def test_a_seal_follows_where_the_one_before_it_ends() -> None:
    assert follows(link(), None)
    assert not follows(link(start=3), None)
    assert follows(link(start=10, end=12), link())
    assert not follows(link(start=11, end=12), link())


def test_a_later_month_of_the_same_range_follows() -> None:
    assert follows(link(month=2), link(month=1))
    assert not follows(link(month=1), link(month=2))
    assert not follows(link(month=2, end=11), link(month=1))


def test_the_name_of_a_key_does_not_give_it_away() -> None:
    key = "a long random value that stays the same"
    assert SealKeys(key).current_id not in key
    assert SealKeys(key).current_id != SealKeys(key + "!").current_id
