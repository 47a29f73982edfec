"""Failed deliveries, which are retried and finally reported, and unsafe ones, which aren't sent."""

import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.clients import webhook
from app.models import Organization, OutboundStream, User
from app.trust.streams import rules
from tests.support.collector import Collector
from tests.support.factories import Factories
from tests.trust.streams.conftest import Send, Stored, change, ids


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
            "The server responded with status 503.",
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

    def test_a_delivery_that_has_grown_meanwhile_is_still_whole(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        admin_engine: Engine,
        entries: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A retried delivery is sent whole even if it exceeds the size limits by then.

        Erased entries can be larger than before.
        """
        collector.next_statuses = [503]
        send()
        [first] = collector.received
        monkeypatch.setattr(rules, "MAX_BYTES", len(first.body) - 1)
        monkeypatch.setattr(rules, "MAX_ENTRIES", len(first.lines) - 1)
        change(admin_engine, stream, "next_try_at = now()")
        send()

        assert ids(collector)[len(first.lines) :] == entries()

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
        assert stored(stream).last_error == f"The server responded with status {status}."

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
        monkeypatch.setattr("app.clients.http.resolve", lambda *_asked, **_how: "127.0.0.1")
        change(admin_engine, stream, f"url = 'https://other.example:{collector.port}/'")
        send()

        assert collector.received == []
        assert "certificate" in (stored(stream).last_error or "").lower()

    def test_nobody_there(self, stream: OutboundStream, send: Send, stored: Stored, admin_engine: Engine) -> None:
        change(admin_engine, stream, "url = 'https://127.0.0.1:1/'")
        send()

        assert "didn’t respond" in (stored(stream).last_error or "")

    def test_who_answers_a_letter_at_a_time_is_cut_off(
        self, stream: OutboundStream, send: Send, collector: Collector, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhook, "LIMITS", replace(webhook.LIMITS, whole_seconds=0.5))
        collector.dawdles = True
        begun = time.monotonic()
        send()

        assert time.monotonic() - begun < 4
        assert "didn’t respond" in (stored(stream).last_error or "")

    def test_who_does_not_speak_http(
        self, stream: OutboundStream, send: Send, collector: Collector, stored: Stored
    ) -> None:
        collector.babbles = True
        send()

        assert "didn’t respond" in (stored(stream).last_error or "")

    def test_a_secret_that_cannot_be_read_keeps_no_other_stream_back(
        self,
        stream: OutboundStream,
        send: Send,
        collector: Collector,
        stored: Stored,
        make: Factories,
        organization: Organization,
        admin: User,
    ) -> None:
        broken = make.stream(organization, name="Another", url=collector.url, created_by=admin.id)
        send()

        assert "encrypted with another key" in (stored(broken).last_error or "")
        assert len(collector.received) == 1
