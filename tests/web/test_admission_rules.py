"""The order in which requests get free slots, and the refusal of those that cannot wait."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Overloaded, TooManyAtOnce
from app.security.requesters import UNPROVED, Requester
from app.web.admission_rules import Admission, Shares

BLUE, ZEBRA, CEDAR = uuid4(), uuid4(), uuid4()
EIGHT = Shares.of(8, 64, person=0.375, person_waiting=8, organization=0.5)
#: Enough to observe the order: one request at a time.
ONE = Shares.of(1, 64, person=0.375, person_waiting=8, organization=0.5)


@dataclass(eq=False)
class Asked:
    """A request, and the requester that it currently counts for."""

    requester: Requester


def person(organization: UUID | None) -> Requester:
    return Requester(uuid4(), organization)


def admission(shares: Shares = EIGHT) -> Admission[Asked]:
    return Admission(shares, lambda asked: asked.requester)


def send(door: Admission[Asked], requester: Requester, number: int) -> list[Asked]:
    """Send this many requests on behalf of a requester; return them."""
    asked = [Asked(requester) for _ in range(number)]
    for one in asked:
        door.enter(one)
    return asked


def test_shares_are_rounded_down_and_never_below_one() -> None:
    assert (EIGHT.person_slots, EIGHT.organization_slots, EIGHT.organization_waiting) == (3, 4, 32)
    assert Shares.of(1, 1, person=0.375, person_waiting=8, organization=0.5).person_slots == 1
    assert Shares.of(100, 64, person=0.29, person_waiting=8, organization=0.5).person_slots == 29


def test_one_person_may_use_every_free_slot() -> None:
    door, busy = admission(), person(BLUE)

    assert [door.enter(Asked(busy)) for _ in range(9)] == [True] * 8 + [False]


def test_whoever_waits_beside_one_person_gets_the_next_slots() -> None:
    door, busy, other = admission(), person(BLUE), person(BLUE)
    working = send(door, busy, 16)[:8]
    waiting = send(door, other, 4)

    assert [door.leave(one) for one in working[:3]] == waiting[:3]


def test_a_person_below_their_share_goes_before_one_who_came_first() -> None:
    door, busy, other = admission(), person(BLUE), person(ZEBRA)
    working = send(door, busy, 10)[:8]
    [late] = send(door, other, 1)

    assert door.leave(working[0]) is late


def test_an_organization_below_its_share_goes_before_one_that_came_first() -> None:
    door = admission()
    working = [send(door, person(BLUE), 1)[0] for _ in range(8)]
    crowd = [send(door, person(BLUE), 1)[0] for _ in range(3)]
    [late] = send(door, person(ZEBRA), 1)

    assert [door.leave(one) for one in working[:4]] == [late, *crowd]


def test_shares_bind_nobody_where_nobody_else_waits() -> None:
    door, busy = admission(), person(BLUE)
    asked = send(door, busy, 16)

    assert [door.leave(one) for one in asked[:8]] == asked[8:]


def test_organizations_take_turns() -> None:
    door = admission(ONE)
    [first] = send(door, person(BLUE), 1)
    blue, zebra, cedar = (send(door, person(where), 3) for where in (BLUE, ZEBRA, CEDAR))

    order, current = [], first
    while (following := door.leave(current)) is not None:
        order.append(following)
        current = following

    assert order == [
        zebra[0], cedar[0], blue[0],
        zebra[1], cedar[1], blue[1],
        zebra[2], cedar[2], blue[2],
    ]  # fmt: skip


def test_a_person_has_so_many_requests_waiting_and_no_more() -> None:
    door, busy, other = admission(), person(BLUE), person(BLUE)
    send(door, busy, 16)

    with pytest.raises(TooManyAtOnce) as refused:
        door.enter(Asked(busy))
    assert refused.value.extra == {"limit": 11, "remaining": 0, "retry_after": 2}
    assert door.enter(Asked(other)) is False


def test_all_unproved_requests_are_one_persons() -> None:
    door = admission()
    send(door, UNPROVED, 16)

    with pytest.raises(TooManyAtOnce):
        door.enter(Asked(UNPROVED))


def test_an_organization_leaves_others_room_to_wait() -> None:
    door = admission()
    for _ in range(8 + 32):
        send(door, person(BLUE), 1)

    with pytest.raises(Overloaded):
        door.enter(Asked(person(BLUE)))
    assert door.enter(Asked(person(ZEBRA))) is False


def test_a_full_queue_refuses_everybody() -> None:
    door = admission(Shares.of(1, 3, person=1, person_waiting=3, organization=1))
    for _ in range(4):
        send(door, person(uuid4()), 1)

    with pytest.raises(Overloaded):
        door.enter(Asked(person(ZEBRA)))


def test_sessions_of_one_person_count_together_as_soon_as_they_are_known() -> None:
    door, busy = admission(), person(BLUE)
    phone, laptop = send(door, busy, 8), send(door, UNPROVED, 4)
    [other] = send(door, person(BLUE), 1)
    for one in laptop:
        one.requester = busy

    assert door.leave(phone[0]) is other


def test_who_gives_up_is_passed_over() -> None:
    door = admission(ONE)
    [working] = send(door, person(BLUE), 1)
    [first, second] = send(door, person(BLUE), 2)

    assert door.give_up(first)
    assert door.leave(working) is second
    assert not door.give_up(second)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=200))
def test_no_slot_stays_free_while_somebody_waits(steps: list[tuple[int, bool]]) -> None:
    people = [person(where) for where in (BLUE, ZEBRA, CEDAR) for _ in range(2)]
    door = admission(Shares.of(3, 12, person=0.375, person_waiting=4, organization=0.5))
    working: list[Asked] = []
    waiting: list[Asked] = []
    for who, comes in steps:
        if comes or not working:
            asked = Asked(people[who])
            with suppress(TooManyAtOnce, Overloaded):
                (working if door.enter(asked) else waiting).append(asked)
        else:
            following = door.leave(working.pop(who % len(working)))
            if following is not None:
                waiting.remove(following)
                working.append(following)
        assert len(working) <= 3
        assert not waiting or len(working) == 3
        assert max(Counter(one.requester for one in waiting).values(), default=0) <= 4


def test_a_client_of_the_api_has_three_slots_even_while_others_are_free() -> None:
    door = Admission[tuple[int, bytes | None]](EIGHT, lambda _one: UNPROVED, lambda one: one[1])
    asked = [(number, b"zapier") for number in range(5)]

    assert [door.enter(one) for one in asked] == [True, True, True, False, False]
    assert door.enter((5, b"other"))
    assert door.enter((6, None))
    assert door.leave(asked[0]) == asked[3], "one of its own has left"
    assert door.leave((5, b"other")) is None, "nobody else waits"


def test_the_slot_of_another_goes_to_those_below_their_limit() -> None:
    door = Admission[tuple[int, bytes | None]](EIGHT, lambda _one: UNPROVED, lambda one: one[1])
    working = [(number, b"zapier" if number < 3 else None) for number in range(8)]
    waiting: list[tuple[int, bytes | None]] = [(8, b"zapier"), (9, None)]

    assert [door.enter(one) for one in [*working, *waiting]] == [True] * 8 + [False] * 2
    assert door.leave(working[7]) == waiting[1]
    assert door.leave(working[0]) == waiting[0]
