"""The concurrency limit, which admits requests, lets them wait, or refuses them."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from flask import Flask

from app.errors import Overloaded, ShuttingDown
from app.security.requesters import UNPROVED
from app.web import concurrency_limit, stopping
from app.web.admission_rules import Shares
from app.web.concurrency_limit import ConcurrencyLimit, Lane, Presence, yielding
from tests.support.stopping import server_told_to_stop


def limit_of(slots: int, *, waiting: int, wait_seconds: float) -> ConcurrencyLimit:
    shares = Shares.of(slots, waiting, person=1, person_waiting=waiting + 1, organization=1)
    return ConcurrencyLimit(shares, wait_seconds, lambda _digest: UNPROVED)


class Room:
    """Admitted work that lasts until it is released; `inside` is raised by one whenever work has started."""

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


class Clock:
    """A clock that advances only during work or rest; `rests` are the durations of the rests."""

    def __init__(self) -> None:
        self.now = 100.0
        self.rests: list[float] = []

    def read(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds

    def work(self, *seconds: float) -> Iterator[float]:
        for taken in seconds:
            self.now += taken
            yield taken


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(concurrency_limit, "monotonic", clock.read)
    monkeypatch.setattr(concurrency_limit, "sleep", clock.rest)
    return clock


def test_a_long_answer_rests_while_pages_are_asked_for(app: Flask, clock: Clock) -> None:
    pages = app.extensions["switchboard_doors"].lanes[Lane.PAGES]
    with app.app_context():
        with pages.admitted():
            assert list(yielding(clock.work(0.25, 0.5))) == [0.25, 0.5]
        assert clock.rests == [0.5, 1.0]

        clock.now += 0.5  # the next page is about to be requested
        list(yielding(clock.work(0.25, 0.25)))
        assert clock.rests == [0.5, 1.0, 0.5]


def test_a_long_answer_does_not_rest_where_nobody_asks_for_pages(app: Flask, clock: Clock) -> None:
    with app.app_context(), app.extensions["switchboard_doors"].lanes[Lane.FILES].admitted():
        clock.now += 10

        assert list(yielding(clock.work(1, 1, 1))) == [1, 1, 1]

    assert clock.rests == []
