"""Who gets in, who waits and who is sent away."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from app.errors import Overloaded, ShuttingDown
from app.security.requesters import UNPROVED
from app.web import stopping
from app.web.admission_rules import Shares
from app.web.concurrency_limit import ConcurrencyLimit, Presence
from tests.support.stopping import server_told_to_stop


def limit_of(slots: int, *, waiting: int, wait_seconds: float) -> ConcurrencyLimit:
    shares = Shares.of(slots, waiting, person=1, person_waiting=waiting + 1, organization=1)
    return ConcurrencyLimit(shares, wait_seconds, lambda _digest: UNPROVED)


class Room:
    """Work that lasts until it is let go; `inside` tells how much is going on."""

    def __init__(self, limit: ConcurrencyLimit) -> None:
        self._admission = limit
        self._over = threading.Event()
        self.inside = threading.Semaphore(0)

    def stay(self) -> str:
        with self._admission.admitted():
            self.inside.release()
            self._over.wait(10)
        return "done"

    def let_go(self) -> None:
        self._over.set()


@pytest.fixture
def threads() -> Callable[[], ThreadPoolExecutor]:
    return lambda: ThreadPoolExecutor(10)


def test_who_finds_no_place_waits_for_one(threads: Callable[[], ThreadPoolExecutor]) -> None:
    room = Room(limit_of(2, waiting=3, wait_seconds=10))
    with threads() as pool:
        all_of_them = [pool.submit(room.stay) for _ in range(5)]
        assert all(room.inside.acquire(timeout=5) for _ in range(2))
        assert not room.inside.acquire(timeout=0.1)
        room.let_go()
        assert [one.result(timeout=5) for one in all_of_them] == ["done"] * 5


def test_who_finds_no_place_to_wait_is_sent_away_at_once(threads: Callable[[], ThreadPoolExecutor]) -> None:
    limit = limit_of(1, waiting=0, wait_seconds=10)
    room = Room(limit)
    with threads() as pool:
        first = pool.submit(room.stay)
        assert room.inside.acquire(timeout=5)
        began = monotonic()
        with pytest.raises(Overloaded), limit.admitted():
            pass
        assert monotonic() - began < 1
        room.let_go()
        assert first.result(timeout=5) == "done"


def test_who_has_waited_long_enough_is_sent_away(threads: Callable[[], ThreadPoolExecutor]) -> None:
    limit = limit_of(1, waiting=5, wait_seconds=0.05)
    room = Room(limit)
    with threads() as pool:
        first = pool.submit(room.stay)
        assert room.inside.acquire(timeout=5)
        with pytest.raises(Overloaded), limit.admitted():
            pass
        room.let_go()
        assert first.result(timeout=5) == "done"


def test_a_place_is_given_back_whatever_happens() -> None:
    limit = limit_of(1, waiting=0, wait_seconds=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limit.admitted():
            raise ZeroDivisionError
    with limit.admitted():
        pass


def test_nobody_gets_in_any_more_once_the_end_is_announced() -> None:
    presence = Presence()
    with server_told_to_stop(), pytest.raises(ShuttingDown), presence.noted():
        pass
    with presence.noted():
        pass


def test_it_is_known_whether_a_process_is_at_work() -> None:
    presence = Presence()
    with presence.noted():
        assert stopping.are_busy([os.getpid()])
    assert not stopping.are_busy([os.getpid()])
