"""Sending the trail on: all of it, in order, signed, at least once, and never where it may not go."""

import hashlib
import hmac
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, OutboundStream, User
from app.streams import rules
from app.streams.sending import send_test
from tests.streams.conftest import SECRET, Send, Stored
from tests.support.collector import Collector
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import app_connection
from tests.support.work import at_work

ENTRIES = text("SELECT id FROM audit_logs WHERE organization_id = :organization ORDER BY pos, id")


@pytest.fixture
def entries(admin_engine: Engine, organization: Organization) -> Any:
    """The ids of the organization's entries, in order."""

    def read() -> list[str]:
        with admin_engine.connect() as connection:
            return [str(one) for one in connection.scalars(ENTRIES, {"organization": organization.id})]

    return read


def ids(collector: Collector) -> list[str]:
    return [line["id"] for delivery in collector.received for line in delivery.lines]


def change(engine: Engine, stream: OutboundStream, values: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE outbound_streams SET {values} WHERE id = '{stream.id}'")


@pytest.mark.usefixtures("stream")
def test_every_entry_arrives_in_order_and_once(
    send: Send, collector: Collector, make: Factories, organization: Organization, entries: Any
) -> None:
    send()
    make.task(organization)
    make.task(make.organization())
    send()
    send()

    assert ids(collector) == entries()
    assert len(collector.received) == 2
    assert collector.received[0].path == "/collect?tenant=1"


def test_a_delivery_is_signed(stream: OutboundStream, send: Send, collector: Collector) -> None:
    send()

    [delivery] = collector.received
    moment, signature = (part.partition("=")[2] for part in delivery.headers["X-Switchboard-Signature"].split(","))
    expected = hmac.new(SECRET.encode(), moment.encode() + b"." + delivery.body, hashlib.sha256).hexdigest()
    assert signature == expected
    assert abs(int(moment) - datetime.now(UTC).timestamp()) < 60
    assert UUID(delivery.headers["X-Switchboard-Delivery"]).version == 7
    assert delivery.headers["Host"] == f"localhost:{collector.port}"
    assert stream.name not in str(delivery.headers)


@pytest.mark.usefixtures("stream")
def test_an_entry_says_who_did_what_from_where(client: Any, send: Send, collector: Collector, admin: User) -> None:
    client.sign_in(admin)
    send()

    started = next(line for line in collector.received[-1].lines if line["action"] == "session.started")
    assert started["actor"] == {"id": str(admin.id), "name": admin.name, "role": "admin"}
    assert started["ipAddress"] == "127.0.0.1"
    assert started["resource"]["type"] == "session"
    assert started["createdAt"].endswith("Z")


def test_what_does_not_fit_into_one_delivery_comes_in_several(
    stream: OutboundStream, send: Send, collector: Collector, entries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_ENTRIES", 2)
    send()
    assert [len(delivery.lines) for delivery in collector.received][:-1] == [2] * (len(collector.received) - 1)
    assert ids(collector) == entries()


def test_nor_does_one_grow_beyond_its_size(
    stream: OutboundStream, send: Send, collector: Collector, entries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_BYTES", 10)
    send()
    assert {len(delivery.lines) for delivery in collector.received} == {1}
    assert ids(collector) == entries()


class TestFailures:
    def test_what_did_not_arrive_comes_again_as_the_same_delivery(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        stored: Stored,
        make: Factories,
        admin_engine: Engine,
        organization: Organization,
        entries: Any,
    ) -> None:
        collector.next_statuses = [503]
        send()
        failed = stored(stream)
        make.task(organization)  # belongs to the next delivery
        send()
        assert len(collector.received) == 1, "it waits"
        change(admin_engine, stream, "next_try_at = now()")
        send()

        assert (failed.attempts, failed.last_error, failed.sent_pos) == (
            1,
            "The server answered with status 503.",
            None,
        )
        assert failed.failing_since is not None
        first, again, following = collector.received
        assert again.body == first.body
        assert again.headers["X-Switchboard-Delivery"] == first.headers["X-Switchboard-Delivery"]
        assert following.headers["X-Switchboard-Delivery"] != first.headers["X-Switchboard-Delivery"]
        assert ids(collector)[len(first.lines) :] == entries()
        done = stored(stream)
        assert (done.attempts, done.last_error, done.failing_since, done.delivery_id) == (0, None, None, None)

    def test_a_worker_that_died_leaves_its_delivery_to_the_next(
        self, stream: OutboundStream, send: Send, collector: Collector, admin_engine: Engine, entries: Any
    ) -> None:
        first = entries()[0]
        change(
            admin_engine,
            stream,
            "delivery_id = gen_random_uuid(), next_try_at = now() - interval '1 second',"
            f" (until_pos, until_id) = (SELECT pos, id FROM audit_logs WHERE id = '{first}')",
        )
        send()

        assert [line["id"] for line in collector.received[0].lines] == [first]
        assert ids(collector) == entries()

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed(
        self, stream: OutboundStream, send: Send, collector: Collector, stored: Stored, status: int
    ) -> None:
        collector.status, collector.redirect_to = status, collector.url
        send()

        assert len(collector.received) == 1
        assert stored(stream).last_error == f"The server answered with status {status}."

    def test_after_a_day_it_is_stopped_and_the_admins_are_told(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        stored: Stored,
        admin_engine: Engine,
        admin: User,
        make: Factories,
        organization: Organization,
    ) -> None:
        make.user(organization)
        collector.status = 500
        send()
        change(admin_engine, stream, "failing_since = now() - interval '25 hours', next_try_at = NULL")
        send()

        assert not stored(stream).enabled
        with admin_engine.connect() as connection:
            told = connection.exec_driver_sql("SELECT user_id, link FROM notifications").all()
            stopped = connection.exec_driver_sql(
                "SELECT resource_id FROM audit_logs WHERE action = 'outbound_stream.stopped'"
            ).all()
        assert told == [(admin.id, f"/audit/streams/{stream.id}")]
        assert stopped == [(stream.id,)]

    @pytest.mark.usefixtures("stream")
    def test_a_certificate_of_nobody_is_refused(
        self, app: Flask, send: Send, collector: Collector, stored: Stored, stream: OutboundStream
    ) -> None:
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"stream_ca_file": None})
        send()

        assert collector.received == []
        assert "certificate" in (stored(stream).last_error or "").lower()

    def test_a_certificate_of_another_name_is_refused(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        stored: Stored,
        admin_engine: Engine,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("app.integrations.webhook.resolve", lambda *_asked, **_how: "127.0.0.1")
        change(admin_engine, stream, f"url = 'https://other.example:{collector.port}/'")
        send()

        assert collector.received == []
        assert "certificate" in (stored(stream).last_error or "").lower()

    def test_nobody_there(self, stream: OutboundStream, send: Send, stored: Stored, admin_engine: Engine) -> None:
        change(admin_engine, stream, "url = 'https://127.0.0.1:1/'")
        send()

        assert "did not answer" in (stored(stream).last_error or "")

    def test_who_answers_a_letter_at_a_time_is_cut_off(
        self, stream: OutboundStream, send: Send, collector: Collector, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.integrations.webhook.WHOLE_SECONDS", 0.5)
        collector.dawdles = True
        begun = time.monotonic()
        send()

        assert time.monotonic() - begun < 4
        assert "did not answer" in (stored(stream).last_error or "")

    def test_a_secret_that_cannot_be_read_keeps_no_other_stream_back(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        stored: Stored,
        make: Factories,
        organization: Organization,
    ) -> None:
        broken = make.stream(organization, name="Another", url=collector.url)
        send()

        assert "another key" in (stored(broken).last_error or "")
        assert len(collector.received) == 1


class TestPausing:
    def test_a_stream_that_is_paused_sends_nothing(
        self, stream: OutboundStream, send: Send, collector: Collector, admin_engine: Engine
    ) -> None:
        change(admin_engine, stream, "enabled = false")
        send()

        assert collector.received == []

    def test_the_schedule_leaves_out_who_has_none(
        self, app: Flask, stream: OutboundStream, make: Factories, database: WorkerDatabase, admin_engine: Engine
    ) -> None:
        make.stream(make.organization(), enabled=False)
        with psycopg.connect(database.url("app_jobs")) as connection:
            due = connection.execute("SELECT organizations_with_streams()").fetchall()

        assert due == [(stream.organization_id,)]


class TestWriters:
    def test_an_entry_that_is_written_late_is_not_skipped(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        organization: Organization,
        database: WorkerDatabase,
        make: Factories,
        entries: Any,
    ) -> None:
        with app_connection(database, organization.id) as early:
            early.execute("SELECT record_event('call.exported', 'call', NULL, '{}')")
            make.task(organization)  # a later transaction, committed first
            send()
            before = ids(collector)
        send()

        assert len(before) < len(entries())
        assert ids(collector) == entries()

    def test_many_at_once_leave_no_gap(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        organization: Organization,
        database: WorkerDatabase,
        entries: Any,
    ) -> None:
        def write() -> None:
            for _ in range(15):
                with app_connection(database, organization.id) as connection:
                    connection.execute("SELECT record_event('call.exported', 'call', NULL, '{}'), pg_sleep(0.003)")

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            send()
        for writer in writers:
            writer.join()
        send()

        assert ids(collector) == entries()


def test_a_test_is_signed_and_says_what_came_of_it(
    app: Flask, stream: OutboundStream, collector: Collector, stored: Stored, organization: Organization
) -> None:
    with at_work(app, organization.id):
        send_test(stream.id)
    good = stored(stream)
    collector.status = 404
    with at_work(app, organization.id):
        send_test(stream.id)

    assert collector.received[0].lines[0]["type"] == "test"
    assert good.tested_at is not None
    assert good.test_error is None
    assert stored(stream).test_error == "The server answered with status 404."
    assert stored(stream).sent_pos is None


def test_waits_grow_to_an_hour() -> None:
    waits = [rules.wait_after(attempts) for attempts in range(1, 40)]

    assert timedelta(seconds=30) <= waits[0] <= timedelta(minutes=1)
    assert all(timedelta(minutes=30) <= wait <= timedelta(hours=1) for wait in waits[7:])
