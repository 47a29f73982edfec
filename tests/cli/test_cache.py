"""`flask cache reset`: revisions are raised and the counts of rate limits forgotten, in every process."""

from collections.abc import Callable
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from app.audit.actions import Action
from app.models import Organization, RevisionKind, User
from app.people.sign_in import service
from app.web import maintenance, rate_storage
from app.web.rate_windows import KnownWindows
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD, Factories


@pytest.fixture(autouse=True)
def _quick_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "REFUSAL_SECONDS", 0.0)


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def user(make: Factories, organization: Organization) -> User:
    return make.user(organization)


def reset(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["cache", "reset"])
    assert result.exit_code == 0, result.output
    return result.stdout


def revisions(engine: Engine, organization: Organization) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT kind, revision::text FROM revisions WHERE organization_id = :id"), {"id": organization.id}
        )
        return {row.kind: row.revision for row in rows}


def test_all_revisions_of_all_organizations_are_raised(
    app: Flask, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    make.user(organization)
    other = make.organization()
    before = [revisions(admin_engine, one) for one in (organization, other)]

    assert "organizations and the counts of rate limits were reset." in reset(app)

    after = [revisions(admin_engine, one) for one in (organization, other)]
    assert [set(one) for one in after] == [set(RevisionKind)] * 2
    assert [set(now.values()) & set(then.values()) for now, then in zip(after, before, strict=True)] == [set(), set()]


def test_each_organization_reads_of_it_in_its_trail(
    app: Flask, make: Factories, organization: Organization, behind: Behind
) -> None:
    other = make.organization()

    reset(app)

    for one in (organization, other):
        [entry] = [row for row in behind.trail(one.id, "organization") if row.action == Action.CACHES_RESET]
        assert (entry.actor_label, entry.source) == ("flask cache reset", "system")


def test_hits_that_another_process_owes_are_not_counted_after_a_reset(
    app: Flask, user: User, new_client: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "CACHE_SECONDS", -1)
    client = new_client()
    with monkeypatch.context() as outage:
        outage.setattr(rate_storage, "_add", Mock(side_effect=OperationalError("", None, Exception())))
        for _ in range(10):
            client.post("/login", {"email": user.email, "password": "wrong horse battery staple"}, status=401)
    with monkeypatch.context() as other_process:
        other_process.setattr(KnownWindows, "clear", Mock())
        reset(app)

    client.post("/login", {"email": user.email, "password": PASSWORD}, status=303)


def test_whoever_had_to_wait_can_sign_in(
    app: Flask, user: User, new_client: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "CACHE_SECONDS", -1)
    client = new_client()
    for _ in range(10):
        client.post("/login", {"email": user.email, "password": "wrong horse battery staple"}, status=401)
    client.post("/login", {"email": user.email, "password": PASSWORD}, status=429)

    reset(app)

    client.post("/login", {"email": user.email, "password": PASSWORD}, status=303)
