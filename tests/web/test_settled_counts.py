"""Counts kept in memory and settled into a shared store."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from app.web.settled_counts import SettledCounts

LIMIT, HOUR = 1000, 3600


class Store:
    """A store of windows in memory that counts the writes to it."""

    def __init__(self) -> None:
        self.now, self.writes, self.is_broken = 1_000_000.0, 0, False
        self.hits: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    def add(self, key: str, seconds: int, amount: int) -> tuple[int, float]:
        if self.is_broken:
            raise ConnectionError
        with self._lock:
            hits, ends_at = self.hits.get(key, (0, 0.0))
            self.hits[key] = (hits + amount, ends_at) if ends_at > self.now else (amount, self.now + seconds)
            self.writes += 1
            return self.hits[key]

    def process(self) -> SettledCounts:
        return SettledCounts(self.add, HOUR, lambda: self.now)


@pytest.fixture
def store() -> Store:
    return Store()


def admitted(counts: SettledCounts, times: int, key: str = "ann") -> int:
    return sum(not counts.hit(key, LIMIT).is_over for _ in range(times))


def test_one_process_admits_exactly_the_limit(store: Store) -> None:
    assert admitted(store.process(), LIMIT + 50) == LIMIT
    assert store.hits["ann"][0] == LIMIT


def test_each_hit_takes_one_from_what_is_left(store: Store) -> None:
    counts = store.process()

    assert [counts.hit("ann", LIMIT).remaining for _ in range(45)] == list(range(999, 954, -1))


def test_the_first_request_is_settled_at_once_and_others_after_a_second(store: Store) -> None:
    counts = store.process()
    counts.hit("ann", LIMIT)
    counts.hit("ann", LIMIT)
    assert store.hits["ann"][0] == 1

    store.now += 1
    counts.hit("ann", LIMIT)

    assert store.hits["ann"][0] == 3


def test_a_burst_costs_one_write_for_twenty_requests_until_few_are_left(store: Store) -> None:
    admitted(store.process(), LIMIT)

    assert store.writes == 1 + 48 + 20


def test_processes_exceed_the_limit_by_less_than_a_fiftieth_each(store: Store) -> None:
    processes = [store.process() for _ in range(4)]

    total = sum(admitted(one, 1) for _ in range(LIMIT) for one in processes)

    assert LIMIT <= total <= LIMIT + 3 * (LIMIT // 50 - 1)


def test_a_new_process_continues_the_count(store: Store) -> None:
    admitted(store.process(), LIMIT)

    assert store.process().hit("ann", LIMIT).is_over


def test_refusing_costs_no_write(store: Store) -> None:
    counts = store.process()
    admitted(counts, LIMIT + 1)
    writes = store.writes

    refused = counts.hit("ann", LIMIT)

    assert (refused.is_over, refused.remaining, store.writes) == (True, 0, writes)


def test_the_next_window_begins_with_a_full_budget(store: Store) -> None:
    counts = store.process()
    admitted(counts, LIMIT + 1)
    store.now += HOUR

    after = counts.hit("ann", LIMIT)

    assert (after.is_over, after.remaining, after.ends_at) == (False, LIMIT - 1, store.now + HOUR)


def test_keys_are_counted_apart(store: Store) -> None:
    counts = store.process()
    admitted(counts, LIMIT + 1)

    assert admitted(counts, 5, "bob") == 5
    assert [counts.find_exceeded(key, LIMIT) is None for key in ("ann", "bob", "cy")] == [False, True, True]


def test_hits_that_could_not_be_settled_are_settled_later(store: Store) -> None:
    counts = store.process()
    admitted(counts, 5)
    store.now, store.is_broken = store.now + 1, True
    with pytest.raises(ConnectionError):
        counts.hit("ann", LIMIT)
    store.is_broken = False

    assert counts.hit("ann", LIMIT).remaining == LIMIT - 6
    assert store.hits["ann"][0] == 6


def test_memory_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.settled_counts._MAX_KEYS", 2)
    counts = store.process()
    for key in ("ann", "bob", "cy"):
        admitted(counts, LIMIT + 1, key)

    assert [counts.find_exceeded(key, LIMIT) is None for key in ("ann", "bob", "cy")] == [True, False, False]


def test_threads_lose_no_hits(store: Store) -> None:
    counts = store.process()
    with ThreadPoolExecutor(8) as threads:
        through = threads.map(lambda _number: admitted(counts, 1), range(LIMIT + 200))

    assert sum(through) == LIMIT
