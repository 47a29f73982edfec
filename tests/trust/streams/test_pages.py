"""Pages for creating, listing, changing, pausing and removing streams; the secret is shown once."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.errors import ValidationFailed
from app.models import AuditLog, Organization, OutboundStream, Role, User
from app.ops.jobs.worker import run_worker
from app.security.encryption import unseal
from app.trust.streams.rules import MAX_STREAMS, check_url
from app.trust.streams.send_service import sealing_purpose
from tests.support.client import Client
from tests.support.collector import Collector
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.trust.streams.conftest import Send, Stored

URL = "https://siem.example.com/collect"


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    return client.sign_in(admin)


@pytest.fixture
def streams(admin_engine: Engine) -> Callable[[], list[OutboundStream]]:
    """Function that returns all streams."""

    def read() -> list[OutboundStream]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(OutboundStream)))

    return read


@pytest.fixture
def actions(admin_engine: Engine) -> Callable[[], list[str]]:
    """Function that returns the audit actions on streams, oldest first."""

    def read() -> list[str]:
        with Session(admin_engine) as session:
            told = select(AuditLog.action).where(AuditLog.resource_type == "outbound_stream")
            return list(session.scalars(told.order_by(AuditLog.created_at)))

    return read


def create(client: Client, *, status: int = 200, **values: Any) -> Page:
    form = client.get("/audit/streams/new").fields("/audit/streams")
    return client.post("/audit/streams", {**form, "name": "Security team", "url": URL, **values}, status=status)


def secret_on(page: Page) -> str:
    [shown] = page.all(".//*[@data-secret]")
    return shown.text or ""


def test_a_new_stream_shows_its_secret_once_and_begins_now(
    app: Flask, signed_in: Client, streams: Callable[[], list[OutboundStream]], actions: Callable[[], list[str]]
) -> None:
    secret = secret_on(create(signed_in))

    [stream] = streams()
    assert (stream.name, stream.url, stream.enabled) == ("Security team", URL, True)
    assert stream.sent_pos is not None
    with app.app_context():
        assert unseal(stream.secret, sealing_purpose(stream.id)) == secret
    assert secret not in signed_in.get(f"/audit/streams/{stream.id}").html
    assert actions() == ["outbound_stream.created"]


def test_or_with_everything_that_was_recorded(signed_in: Client, streams: Callable[[], list[OutboundStream]]) -> None:
    create(signed_in, from_beginning="y")

    assert streams()[0].sent_pos is None


def test_the_same_form_sent_twice_is_one_stream(signed_in: Client, streams: Callable[[], list[OutboundStream]]) -> None:
    form = signed_in.get("/audit/streams/new").fields("/audit/streams")
    values = {**form, "name": "Security team", "url": URL}
    signed_in.post("/audit/streams", values, status=200)
    signed_in.post("/audit/streams", values, status=303)

    assert len(streams()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://siem.example.com/",
        "https://",
        "https:///collect",
        "ftp://siem.example.com",
        "https://user:word@siem.example.com/",
        "https://siem.example.com/#part",
        "https://siem.example.com:port/",
        "https://[::1",
        "https://siem.example.com/a b",
        "https://siem.example.com/\u00e4",
        "",
        "https://" + "a" * 2000,
    ],
)
def test_an_address_that_is_none_is_refused_beside_its_field(
    signed_in: Client, streams: Callable[[], list[OutboundStream]], url: str
) -> None:
    page = create(signed_in, status=400, url=url)

    assert page.all(".//input[@name='url'][@aria-invalid='true']")
    assert streams() == []


@pytest.mark.parametrize("character", ["\r", "\n", "\t", "\x7f", "\x1b"])
def test_nor_does_an_address_hold_what_would_end_a_line_of_the_request(character: str) -> None:
    with pytest.raises(ValidationFailed):
        check_url(f"https://siem.example.com/{character}a")


def test_a_name_is_there_once(signed_in: Client) -> None:
    create(signed_in)

    assert create(signed_in, status=409, row_id=str(uuid7())).all(".//input[@name='name'][@aria-invalid='true']")


def test_there_are_not_too_many(signed_in: Client, make: Factories, organization: Organization) -> None:
    for number in range(MAX_STREAMS):
        make.stream(organization, name=f"Stream {number}")

    assert "Delete one" in create(signed_in, status=409).text


def test_it_is_changed_paused_resumed_and_gets_another_secret(
    signed_in: Client,
    stored: Stored,
    streams: Callable[[], list[OutboundStream]],
    actions: Callable[[], list[str]],
    make: Factories,
    organization: Organization,
) -> None:
    stream = make.stream(organization, attempts=3)
    here = f"/audit/streams/{stream.id}"
    form = signed_in.get(here).fields(f"{here}/edit")
    signed_in.post(f"{here}/edit", {**form, "name": "Another name"})
    signed_in.post(f"{here}/edit", {**form, "name": "A third"}, status=409)
    signed_in.post(f"{here}/pause")
    signed_in.post(f"{here}/pause")
    assert (stored(stream).enabled, stored(stream).name) == (False, "Another name")
    signed_in.post(f"{here}/resume")
    assert secret_on(signed_in.post(f"{here}/secret", status=200)).startswith("swsec_")

    assert (stored(stream).enabled, stored(stream).attempts) == (True, 0)
    assert actions()[1:] == [
        "outbound_stream.updated",
        "outbound_stream.paused",
        "outbound_stream.resumed",
        "outbound_stream.rekeyed",
    ]


def test_it_is_deleted_after_a_question(
    signed_in: Client, make: Factories, organization: Organization, streams: Callable[[], list[OutboundStream]]
) -> None:
    stream = make.stream(organization)
    here = f"/audit/streams/{stream.id}"
    assert "Delete “Security team”?" in signed_in.get(f"{here}/delete").text
    signed_in.post(f"{here}/delete")

    assert streams() == []
    signed_in.get(here, status=404)


def test_the_page_says_how_far_behind_it_is_and_what_went_wrong(
    signed_in: Client, stream: OutboundStream, collector: Collector, send: Send
) -> None:
    assert "entries" in signed_in.get("/audit/streams").text
    collector.status = 503
    send()

    page = signed_in.get(f"/audit/streams/{stream.id}")
    assert "The server responded with status 503." in page.text
    assert "Failing since" in page.text
    assert "Failing" in signed_in.get("/audit/streams").text


def test_a_test_is_sent_by_the_worker(
    app: Flask, signed_in: Client, stream: OutboundStream, collector: Collector
) -> None:
    signed_in.post(f"/audit/streams/{stream.id}/test")
    run_worker(app, until_idle=True, schedule=())

    assert "Accepted." in signed_in.get(f"/audit/streams/{stream.id}").text
    assert [delivery.lines[0]["type"] for delivery in collector.received] == ["test"]


def test_a_delivery_has_the_correlation_id_of_the_request_behind_its_job(
    app: Flask, signed_in: Client, stream: OutboundStream, collector: Collector
) -> None:
    signed_in.post(f"/audit/streams/{stream.id}/test", headers={"X-Correlation-ID": "ticket-4711"})
    run_worker(app, until_idle=True, schedule=())

    assert [delivery.headers["X-Correlation-ID"] for delivery in collector.received] == ["ticket-4711"]


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_it_is_for_admins_only(client: Client, make: Factories, organization: Organization, role: Role) -> None:
    stream = make.stream(organization)
    client.sign_in(make.user(organization, role))

    client.get("/audit/streams", status=403)
    client.post(f"/audit/streams/{stream.id}/secret", status=403)


def test_another_organizations_stream_is_not_found(signed_in: Client, make: Factories) -> None:
    stream = make.stream(make.organization())

    signed_in.get(f"/audit/streams/{stream.id}", status=404)
    for change in ("edit", "pause", "resume", "secret", "test", "delete"):
        assert signed_in.status_of("POST", f"/audit/streams/{stream.id}/{change}") in (400, 404)


def test_the_list_asks_the_same_however_many_there_are(
    signed_in: Client, make: Factories, organization: Organization, queries: Any
) -> None:
    make.stream(organization)
    with queries() as few:
        signed_in.get("/audit/streams")
    for number in range(10):
        make.stream(organization, name=f"Stream {number}")
    with queries() as many:
        signed_in.get("/audit/streams")

    assert len(many) == len(few) <= 10
