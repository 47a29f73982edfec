"""An organization that sends its audit trail to a collector."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.models import Organization, OutboundStream, Role, User
from app.security.encryption import seal
from app.trust.streams.send_service import sealing_purpose, send_streams
from tests.support.collector import Collector
from tests.support.factories import Factories
from tests.support.sealing import wait_for_other_databases
from tests.support.work import at_work

SECRET = "swsec_of-the-test"

ENTRIES = text("SELECT id FROM audit_logs WHERE organization_id = :organization ORDER BY pos, id")

Send = Callable[[], None]
Stored = Callable[[OutboundStream], OutboundStream]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN)


@pytest.fixture
def collector(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector in a private network, with a self-signed certificate that the app trusts."""
    with Collector(tmp_path) as collector:
        changed = {"stream_private_networks": True, "stream_ca_file": collector.certificate}
        monkeypatch.setitem(app.config, "SETTINGS", app.config["SETTINGS"].model_copy(update=changed))
        yield collector


@pytest.fixture
def stream(
    app: Flask, make: Factories, admin: User, organization: Organization, collector: Collector
) -> OutboundStream:
    """A stream that sends the whole audit trail from its beginning.

    So far, the trail contains only entries about the admin and the stream.
    """
    stream = make.stream(organization, url=collector.url, created_by=admin.id, created_by_label=admin.name)
    with app.app_context():
        secret = seal(SECRET, sealing_purpose(stream.id))
    with Session(make.engine) as session, session.begin():
        session.get_one(OutboundStream, (stream.organization_id, stream.id)).secret = secret
    return stream


@pytest.fixture
def send(app: Flask, organization: Organization, admin_engine: Engine) -> Send:
    """Function that runs the job that sends the streams."""

    def run() -> None:
        wait_for_other_databases(admin_engine)
        with at_work(app, organization.id):
            send_streams(until=datetime.now(UTC) + timedelta(seconds=20))

    return run


@pytest.fixture
def stored(admin_engine: Engine) -> Stored:
    """Function that returns a stream as it is now."""

    def read(stream: OutboundStream) -> OutboundStream:
        with Session(admin_engine, expire_on_commit=False) as session:
            return session.get_one(OutboundStream, (stream.organization_id, stream.id))

    return read


@pytest.fixture
def entries(admin_engine: Engine, organization: Organization) -> Any:
    """Function that returns the IDs of the organization's audit entries, in order."""

    def read() -> list[str]:
        with admin_engine.connect() as connection:
            return [str(one) for one in connection.scalars(ENTRIES, {"organization": organization.id})]

    return read


def ids(collector: Collector) -> list[str]:
    return [line["id"] for delivery in collector.received for line in delivery.lines]


def change(engine: Engine, stream: OutboundStream, values: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE outbound_streams SET {values} WHERE id = '{stream.id}'")
