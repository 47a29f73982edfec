"""Delivery of the audit trail: complete, in order, signed, limited in size, and paused on request."""

import hashlib
import hmac
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import Organization, OutboundStream, User
from app.trust.streams import rules
from app.trust.streams.send_service import send_test
from tests.support.collector import Collector
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import app_connection
from tests.support.work import at_work
from tests.trust.streams.conftest import SECRET, Send, Stored, change, ids


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
    monkeypatch.setattr(rules, "MAX_ENTRIES", 2)
    send()
    assert [len(delivery.lines) for delivery in collector.received][:-1] == [2] * (len(collector.received) - 1)
    assert ids(collector) == entries()


def test_nor_does_one_grow_beyond_its_size(
    stream: OutboundStream, send: Send, collector: Collector, entries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_BYTES", 10)
    send()
    assert {len(delivery.lines) for delivery in collector.received} == {1}
    assert ids(collector) == entries()


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
    assert stored(stream).test_error == "The server responded with status 404."
    assert stored(stream).sent_pos is None


def test_waits_grow_to_an_hour() -> None:
    waits = [rules.wait_after(attempts) for attempts in range(1, 40)]

    assert timedelta(seconds=30) <= waits[0] <= timedelta(minutes=1)
    assert all(timedelta(minutes=30) <= wait <= timedelta(hours=1) for wait in waits[7:])
