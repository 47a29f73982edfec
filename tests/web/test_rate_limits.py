"""Rate limits of requests, counted in the database."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import ANY

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import Storage
from sqlalchemy import Engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.web import rate_storage
from app.web.body_buffering import STATE, BodyState
from app.web.rate_storage import PostgresStorage
from app.web.rate_windows import Window
from tests.support.database import WorkerDatabase
from tests.support.pages import Page
from tests.support.relay import Relay
from tests.web.callers import JSON, PAGE, all_connections_taken, error_of

Queries = Callable[[], AbstractContextManager[list[str]]]


def ask(browser: FlaskClient, times: int) -> list[int]:
    """Send this many counted requests, and return their statuses: 403 unless a request is limited."""
    return [browser.post("/probe/limited", headers=JSON).status_code for _ in range(times)]


def test_what_is_over_the_limit_is_refused(browser: FlaskClient) -> None:
    assert ask(browser, 5) == [403, 403, 403, 429, 429]


def test_refusal_says_when_to_come_back(browser: FlaskClient) -> None:
    ask(browser, 3)

    response = browser.post("/probe/limited", headers=JSON)

    error = error_of(response)
    assert error["code"] == "RATE_LIMIT_EXCEEDED"
    assert (error["limit"], error["remaining"]) == (3, 0)
    assert 0 < error["retryAfter"] <= 60
    assert time.time() < error["reset"] <= time.time() + 61
    assert response.headers["Retry-After"] == str(error["retryAfter"])
    assert response.headers["X-RateLimit-Reset"] == str(error["reset"])


def test_refusal_is_a_page_for_a_person(browser: FlaskClient) -> None:
    ask(browser, 3)

    response = browser.post("/probe/limited", headers=PAGE)

    assert response.status_code == 429
    assert response.text.startswith("<!doctype html>")
    assert re.search(r"Too many attempts\. Wait (1 min 0|\d+) s and try again\.", Page(response).text)


def test_every_answer_of_a_limited_route_counts_down(browser: FlaskClient) -> None:
    answers = [browser.post("/probe/limited").headers for _ in range(4)]

    assert [headers["X-RateLimit-Remaining"] for headers in answers] == ["2", "1", "0", "0"]
    assert {headers["X-RateLimit-Limit"] for headers in answers} == {"3"}
    assert ["Retry-After" in headers for headers in answers] == [False, False, False, True]


def test_route_without_a_limit_says_nothing_of_one(browser: FlaskClient) -> None:
    assert not [name for name, _value in browser.get("/probe/fine").headers if name.startswith("X-RateLimit")]


def test_callers_are_counted_apart(app: Flask) -> None:
    near, far = app.test_client(), app.test_client()
    far.environ_base["REMOTE_ADDR"] = "203.0.113.7"

    assert ask(near, 4)[-1] == 429
    assert ask(far, 3) == [403, 403, 403]


def test_processes_share_their_counts(app: Flask, app_with: Callable[..., Flask]) -> None:
    ask(app.test_client(), 3)

    assert ask(app_with().test_client(), 1) == [429]


def test_of_many_at_once_only_so_many_get_through(app: Flask) -> None:
    with ThreadPoolExecutor(6) as threads:
        statuses = threads.map(lambda _number: ask(app.test_client(), 1), range(12))

    assert sorted(chain.from_iterable(statuses)) == [403] * 3 + [429] * 9


def test_statement_is_all_that_counting_costs(app: Flask, browser: FlaskClient, queries: Queries) -> None:
    ask(browser, 1)

    with queries() as sent:
        ask(browser, 1)

    assert [statement for statement in sent if "count_hit" in statement] == [ANY]


def test_a_body_that_cannot_be_read_is_no_attempt(browser: FlaskClient) -> None:
    form = "application/x-www-form-urlencoded"
    answers = [browser.post("/login", data=b"email=\xff", content_type=form, headers=JSON) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["50", "50"]


@pytest.mark.parametrize("status", [400, 408, 500, 502, 503, 504])
def test_a_fault_of_the_server_is_not_counted(browser: FlaskClient, status: int) -> None:
    failed = [browser.post(f"/probe/limited?status={status}") for _ in range(5)]

    assert {answer.status_code for answer in failed} == {status}
    assert failed[-1].headers["X-RateLimit-Remaining"] == "3"
    assert ask(browser, 4) == [403, 403, 403, 429]


def test_a_broken_body_is_counted_and_one_that_is_awaited_or_proves_nothing_is_not(browser: FlaskClient) -> None:
    def left(path: str, state: BodyState) -> list[str]:
        answers = [browser.post(path, headers=JSON, environ_base={STATE: state}) for _ in range(3)]
        return [answer.headers["X-RateLimit-Remaining"] for answer in answers]

    assert left("/login/forgot", BodyState.AWAITED) == ["20", "20", "20"]
    assert left("/login/forgot", BodyState.BROKEN) == ["19", "18", "17"]
    assert left("/login", BodyState.BROKEN) == ["50", "50", "50"]


def test_a_form_without_its_token_is_not_counted(browser: FlaskClient) -> None:
    refused = [browser.post("/probe/limited-form", headers=JSON) for _ in range(5)]

    assert {error_of(answer)["code"] for answer in refused} == {"CSRF_FAILED"}
    assert ask(browser, 4) == [403, 403, 403, 429]


def test_refusal_names_nobody_in_the_log(browser: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        ask(browser, 4)

    assert "127.0.0.1" not in caplog.text


def test_counts_hold_no_address_in_clear(browser: FlaskClient, admin_engine: Engine) -> None:
    ask(browser, 1)

    with admin_engine.connect() as connection:
        [key] = connection.execute(text("SELECT key FROM rate_limits")).scalars()
    assert "127.0.0.1" not in key
    assert "probe" not in key


def test_without_a_database_each_process_counts_for_itself(app_with: Callable[..., Flask]) -> None:
    browser = app_with(database_url="postgresql://app_rw@127.0.0.1:1/nowhere").test_client()

    assert ask(browser, 4) == [403, 403, 403, 429]


class TestStoreInTrouble:
    """A database behind a relay, which stops responding, or disconnects and comes back."""

    @pytest.fixture
    def relay(self, database: WorkerDatabase) -> Iterator[Relay]:
        with TemporaryDirectory() as folder:  # the path of a socket has to be short
            relay = Relay(Path(folder), database.server.socket_dir)
            yield relay
            relay.close()

    @pytest.fixture
    def behind_relay(self, app_with: Callable[..., Flask], relay: Relay, database: WorkerDatabase) -> FlaskClient:
        url = relay.address(database.url("app_rw"))
        browser = app_with(database_url=url, request_seconds=1.0).test_client()
        browser.get("/probe/fine")  # reads the maintenance state while it can
        return browser

    def test_a_passed_deadline_is_no_dead_store(self, behind_relay: FlaskClient, relay: Relay) -> None:
        assert ask(behind_relay, 2) == [403, 403]

        relay.fall_silent()
        assert ask(behind_relay, 1) == [504]
        relay.speak_again()

        # The request that timed out may have been counted.
        statuses = ask(behind_relay, 3)
        assert statuses[1:] == [429, 429]

    def test_a_store_that_is_overloaded_is_not_gone(self, app_with: Callable[..., Flask]) -> None:
        app = app_with(web_threads=1, sign_in_slots=1, pool_size=8, pool_wait_seconds=0.05)
        browser = app.test_client()
        assert ask(browser, 3) == [403, 403, 403]

        with all_connections_taken(app):
            assert ask(browser, 1) == [503]

        assert ask(browser, 1) == [429]

    def test_the_fallback_goes_on_where_the_store_left_off(self, behind_relay: FlaskClient, relay: Relay) -> None:
        assert ask(behind_relay, 2) == [403, 403]

        relay.hang_up()

        assert ask(behind_relay, 3) == [403, 429, 429]

    def test_what_was_counted_without_the_store_is_told_to_it(
        self, app: Flask, behind_relay: FlaskClient, relay: Relay
    ) -> None:
        relay.hang_up()
        assert ask(behind_relay, 2) == [403, 403]
        relay.answer_again()

        assert ask(behind_relay, 2) == [403, 429]
        assert ask(app.test_client(), 1) == [429]

    def test_who_comes_between_store_and_memory_gets_no_new_budget(
        self, behind_relay: FlaskClient, relay: Relay
    ) -> None:
        statuses = []
        for _ in range(3):
            statuses += ask(behind_relay, 1)
            relay.hang_up()
            statuses += ask(behind_relay, 1)
            relay.answer_again()

        assert statuses == [403, 403, 403, 429, 429, 429]

    def test_a_store_that_forgot_is_reminded(
        self, behind_relay: FlaskClient, relay: Relay, admin_engine: Engine
    ) -> None:
        assert ask(behind_relay, 2) == [403, 403]
        relay.hang_up()
        assert ask(behind_relay, 1) == [403]
        with admin_engine.begin() as connection:
            connection.execute(text("TRUNCATE rate_limits"))  # like a crash does with an unlogged table
        relay.answer_again()

        assert ask(behind_relay, 1) == [429]

    def test_faults_are_not_counted_without_the_store_either(
        self, app: Flask, behind_relay: FlaskClient, relay: Relay
    ) -> None:
        assert ask(behind_relay, 1) == [403]
        relay.hang_up()
        assert [behind_relay.post("/probe/limited?status=503").status_code for _ in range(5)] == [503] * 5
        assert ask(behind_relay, 1) == [403]
        relay.answer_again()

        assert ask(behind_relay, 2) == [403, 429]
        assert ask(app.test_client(), 1) == [429]

    def test_a_fault_that_cannot_be_taken_back_now_is_taken_back_later(
        self, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add = rate_storage._add

        def add_only(key: str, expiry: int, amount: int, owed: Window | None) -> Window:
            if amount < 0:
                raise PoolTimeoutError
            return add(key, expiry, amount, owed)

        with monkeypatch.context() as patch:
            patch.setattr(rate_storage, "_add", add_only)
            assert [browser.post("/probe/limited?status=503").status_code for _ in range(5)] == [503] * 5

        assert ask(browser, 4) == [403, 403, 403, 429]


def test_limits_can_be_switched_off(app_with: Callable[..., Flask]) -> None:
    assert set(ask(app_with(rate_limits_enabled=False).test_client(), 5)) == {403}


def test_caches_can_be_reset_while_limits_are_off(app_with: Callable[..., Flask], admin_engine: Engine) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE system_settings SET caches_reset_at = clock_timestamp()"))

    assert ask(app_with(rate_limits_enabled=False).test_client(), 1) == [403]


MOST = 2_147_483_647


class TestStorage:
    """Counters of the rate limits in the database."""

    @pytest.fixture
    def storage(self, app: Flask) -> Iterator[Storage]:
        with app.app_context():
            yield PostgresStorage()

    def test_window_begins_with_the_first_hit(self, storage: Storage) -> None:
        assert [storage.incr("key", 60), storage.incr("key", 60, amount=3)] == [1, 4]
        assert storage.get("key") == 4
        assert storage.get_expiry("key") == pytest.approx(time.time() + 60, abs=5)
        assert storage.get("other") == 0

    def test_window_that_has_ended_begins_again(self, app: Flask, storage: Storage, admin_engine: Engine) -> None:
        with app.app_context():
            storage.incr("key", 60, amount=9)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE rate_limits SET expires_at = now() - interval '1 second'"))

        assert storage.get("key") == 0
        assert storage.incr("key", 60) == 1

    def test_what_is_taken_back_too_late_is_no_bonus(self, storage: Storage) -> None:
        storage.incr("key", 60, amount=-1)

        assert storage.incr("key", 60) == 1

    def test_a_counter_that_is_full_stays_full(self, app: Flask, storage: Storage) -> None:
        with app.app_context():
            assert storage.incr("key", 60, amount=MOST) == MOST

        assert storage.incr("key", 60) == MOST

    def test_a_window_lasts_as_long_as_asked_whoever_opened_it(self, storage: Storage) -> None:
        storage.incr("key", 1)
        storage.incr("key", 60)
        ends_at = storage.get_expiry("key")
        storage.incr("key", 60)

        assert ends_at == pytest.approx(time.time() + 60, abs=5)
        assert storage.get_expiry("key") == ends_at

    def test_window_can_be_forgotten(self, storage: Storage) -> None:
        storage.incr("one", 60)
        storage.incr("two", 60)

        storage.clear("one")
        assert (storage.get("one"), storage.get("two")) == (0, 1)
        assert storage.reset() == 1
        assert storage.get("two") == 0

    def test_hits_at_once_are_all_counted(self, app: Flask, storage: Storage) -> None:
        def hit(_number: int) -> None:
            with app.app_context():
                storage.incr("key", 60)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(hit, range(80)))

        assert storage.get("key") == 80

    def test_storage_knows_whether_the_database_answers(self, storage: Storage, app_with: Callable[..., Flask]) -> None:
        assert storage.check()
        with app_with(database_url="postgresql://app_rw@127.0.0.1:1/nowhere").app_context():
            assert not storage.check()
