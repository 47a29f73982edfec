"""A stream's creator, whose permissions limit what the stream sends, and without whom it pauses."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from app.models import Organization, OutboundStream, Role, StaffRole, User
from app.security.permissions import Permission
from tests.support.client import Client
from tests.support.collector import Collector
from tests.support.factories import Factories
from tests.trust.streams.conftest import Send, Stored, change, ids

COACHING, SAID, PLAIN = "You interrupted them", "The gate code is 4711", "Bring a ladder"


@pytest.fixture
def told(make: Factories, organization: Organization, admin: User) -> None:
    """A coaching note, a plain note, and the transcript of a visit, all in the audit trail."""
    call = make.call(organization)
    make.note(call, admin, kind="coaching", body=COACHING)
    make.note(call, admin, body=PLAIN)
    make.transcript(make.call(organization, call_type="visit_call"), transcript_text=SAID, speaker_labels=[])


@pytest.fixture
def narrow(make: Factories, organization: Organization) -> User:
    """A user who can set up streams and read the audit trail, but not see coaching or recorded visits."""
    user = make.user(organization, Role.SUPPORT, name="Sue Support")
    make.grant(user, Permission.WEBHOOKS_MANAGE)
    return user


def sent(collector: Collector) -> str:
    return "".join(delivery.body.decode() for delivery in collector.received)


def set_creator(engine: Engine, stream: OutboundStream, user: User) -> None:
    change(engine, stream, f"created_by = '{user.id}', created_by_label = '{user.name}'")


@pytest.mark.usefixtures("told")
def test_a_stream_carries_what_its_creator_may_read(
    stream: OutboundStream, send: Send, collector: Collector, entries: Callable[[], list[str]]
) -> None:
    send()

    assert [words for words in (COACHING, SAID, PLAIN) if words not in sent(collector)] == []
    assert ids(collector) == entries()


@pytest.mark.usefixtures("told")
def test_and_of_what_they_may_not_that_it_happened(
    stream: OutboundStream,
    narrow: User,
    send: Send,
    collector: Collector,
    admin_engine: Engine,
    entries: Callable[[], list[str]],
) -> None:
    set_creator(admin_engine, stream, narrow)
    send()

    assert [words for words in (COACHING, SAID) if words in sent(collector)] == []
    assert PLAIN in sent(collector)
    assert ids(collector) == entries()


@pytest.mark.parametrize(("role", "named"), [(Role.ADMIN, "Greta Green"), (Role.CSR, None)])
def test_it_names_only_what_its_creator_may_name(
    make: Factories,
    organization: Organization,
    stream: OutboundStream,
    send: Send,
    collector: Collector,
    admin_engine: Engine,
    role: Role,
    named: str | None,
) -> None:
    make.contact(organization, first_name="Greta", last_name="Green")
    make.knowledge_item(organization, question="Do you work on Sundays?")
    creator = make.user(organization, role)
    for permission in (Permission.WEBHOOKS_MANAGE, Permission.AUDIT_READ):
        make.grant(creator, permission)
    set_creator(admin_engine, stream, creator)
    send()

    names = {
        line["resource"]["type"]: line["resource"]["name"] for delivery in collector.received for line in delivery.lines
    }
    assert (names["contact_card"], names["knowledge_item"]) == (named, "Do you work on Sundays?")


@pytest.mark.usefixtures("told")
def test_what_failed_is_tried_again_with_the_rights_of_then(
    stream: OutboundStream, narrow: User, send: Send, collector: Collector, admin_engine: Engine
) -> None:
    collector.next_statuses = [503]
    send()
    set_creator(admin_engine, stream, narrow)
    change(admin_engine, stream, "next_try_at = now()")
    send()

    first, again = collector.received[:2]
    assert again.headers["X-Switchboard-Delivery"] == first.headers["X-Switchboard-Delivery"]
    assert SAID in first.body.decode()
    assert SAID not in again.body.decode()


LOSSES = {
    "demoted": ("UPDATE users SET role = 'exec' WHERE id = '{}'", "creator_lacks_permission"),
    "no reader": ("UPDATE users SET role = 'manager' WHERE id = '{}'", "creator_lacks_permission"),
    "deactivated": (
        "UPDATE users SET status = 'inactive', deactivated_at = now() WHERE id = '{}'",
        "creator_gone",
    ),
    "purged": ("DELETE FROM users WHERE id = '{}'", "creator_gone"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_it_pauses_without_its_creator_and_tells_those_who_can_resume_it(
    stream: OutboundStream,
    admin: User,
    send: Send,
    collector: Collector,
    stored: Stored,
    make: Factories,
    organization: Organization,
    client: Client,
    admin_engine: Engine,
    entries: Callable[[], list[str]],
    loss: str,
) -> None:
    owner = make.user(organization, Role.OWNER, name="Olga Owner")
    statement, reason = LOSSES[loss]
    with admin_engine.begin() as connection:
        connection.exec_driver_sql(statement.format(admin.id))
    send()

    assert collector.received == []
    paused = stored(stream)
    assert (paused.enabled, paused.paused_because, paused.failing_since) == (False, reason, None)
    with admin_engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT user_id, text FROM notifications").all()
        recorded = connection.exec_driver_sql(
            "SELECT action, after ->> 'paused_because' FROM audit_logs WHERE action = 'outbound_stream.paused'"
        ).all()
    assert [user_id for user_id, _text in told] == [owner.id]
    assert "Security team" in told[0].text
    assert recorded == [("outbound_stream.paused", reason)]
    here = f"/audit/streams/{stream.id}"
    assert admin.name in client.sign_in(owner).get(here).text
    client.post(f"{here}/resume")
    send()
    assert (stored(stream).created_by, stored(stream).paused_because) == (owner.id, None)
    assert ids(collector) == entries()


def test_of_an_organization_that_is_suspended_nothing_is_sent_and_nothing_is_paused(
    stream: OutboundStream, send: Send, collector: Collector, stored: Stored, admin_engine: Engine
) -> None:
    with admin_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE organizations SET status = 'suspended'")
    send()

    assert collector.received == []
    assert stored(stream).enabled


def test_whoever_says_where_it_goes_has_it_send_in_their_name(
    stream: OutboundStream, client: Client, narrow: User, stored: Stored
) -> None:
    here = f"/audit/streams/{stream.id}"
    form = client.sign_in(narrow).get(here).fields(f"{here}/edit")
    client.post(f"{here}/edit", {**form, "name": "Another name"})
    renamed = stored(stream).created_by
    form = client.get(here).fields(f"{here}/edit")
    client.post(f"{here}/edit", {**form, "url": "https://siem.example/other"})

    assert renamed == stream.created_by != narrow.id
    assert stored(stream).created_by == narrow.id
    assert "Sue Support" in client.get(here).text


def test_a_guest_of_the_platform_sets_none_up(client: Client, make: Factories, stream: OutboundStream) -> None:
    organization_id = stream.organization_id
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    client.post(f"/organizations/{organization_id}/enter", {"reason": "Ticket 5512"})
    form = client.get("/audit/streams/new").fields("/audit/streams")
    made = client.post("/audit/streams", {**form, "name": "Mine", "url": "https://siem.example/mine"}, status=403)
    client.post(f"/audit/streams/{stream.id}/pause")

    assert "and you’re a guest" in made.text
    assert client.status_of("POST", f"/audit/streams/{stream.id}/resume") == 403


@pytest.mark.parametrize("way", ["", "/new", "/{id}", "/{id}/delete"])
def test_its_pages_need_the_right_to_read_the_trail(
    client: Client, make: Factories, organization: Organization, stream: OutboundStream, way: str
) -> None:
    user = make.user(organization, Role.MANAGER)
    make.grant(user, Permission.WEBHOOKS_MANAGE)

    page = client.sign_in(user).get(f"/audit/streams{way.format(id=stream.id)}", status=403)

    assert "audit:read" in page.text
    assert "/audit/streams" not in client.get("/organization").html


@pytest.mark.parametrize("what", ["edit", "pause", "resume", "secret", "test", "delete"])
def test_so_do_its_changes(
    client: Client, make: Factories, organization: Organization, stream: OutboundStream, what: str
) -> None:
    user = make.user(organization, Role.MANAGER)
    make.grant(user, Permission.WEBHOOKS_MANAGE)

    refused: Any = client.sign_in(user).status_of("POST", f"/audit/streams/{stream.id}/{what}")

    assert refused == 403
