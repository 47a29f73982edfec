"""The page about the chain of seals: its extent, its verification, and the first bad entry."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.audit.seal_input import COVERED, ERASABLE
from app.audit.seals import seal_all
from app.db.context import Context
from app.db.session import jobs_role
from app.models import AuditLog, Job, Organization, Role, Task
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.sealing import wait_for_other_databases


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def support(client: Client, make: Factories, organization: Organization) -> Client:
    """A browser in which a user with the support role is signed in."""
    return client.sign_in(make.user(organization, Role.SUPPORT, name="Sam Support"))


@pytest.fixture
def task(make: Factories, organization: Organization) -> Task:
    """A task, whose creation has an entry in the audit trail."""
    return make.task(organization)


@pytest.fixture
def sealed(app: Flask, admin_engine: Engine) -> Iterator[Callable[[], None]]:
    """Function that seals all entries.

    The file with the newest seals is removed before and after the test.
    """
    heads = app.config["SETTINGS"].audit_heads_path
    heads.unlink(missing_ok=True)

    def seal() -> None:
        wait_for_other_databases(admin_engine)
        with app.app_context(), jobs_role():
            seal_all(Context(actor_label="Schedule"))

    yield seal
    heads.unlink(missing_ok=True)


@pytest.fixture
def tamper(admin_engine: Engine) -> Callable[[str], None]:
    """Function that executes a statement on the audit trail with its triggers disabled."""

    def run(statement: str) -> None:
        with admin_engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(statement)

    return run


def entry_of(engine: Engine, task: Task) -> AuditLog:
    with Session(engine, expire_on_commit=False) as session:
        return session.scalars(select(AuditLog).where(AuditLog.resource_id == task.id)).one()


def verify(app: Flask, client: Client) -> Any:
    client.post("/audit/chain/verify")
    run_worker(app, until_idle=True, schedule=())
    return client.get("/audit/chain")


def test_nobody_has_verified_it_yet(support: Client) -> None:
    page = support.get("/audit/chain").text
    assert "Not verified yet" in page
    assert "any later change" not in page
    assert "if the external copies of the seals were removed too" in page
    assert "Chain not verified yet" in support.get("/audit").text


@pytest.mark.usefixtures("task")
def test_an_intact_chain_is_told_with_figures_and_by_whom(
    app: Flask, support: Client, sealed: Callable[[], None], admin_engine: Engine
) -> None:
    sealed()

    page = verify(app, support)

    assert "The chain is intact." in page.text
    assert "Sam Support" in page.text
    assert "Chain intact" in support.get("/audit").text
    with Session(admin_engine) as session:
        [told] = session.scalars(select(AuditLog).where(AuditLog.action == "audit.verified")).all()
    assert told.actor_label == "Sam Support"
    assert (told.details["finding"], told.details["seals"] > 0) == (None, True)


@pytest.mark.parametrize(
    ("change", "words", "is_there"),
    [
        ("UPDATE audit_logs SET actor_label = 'Nobody' WHERE id = '{id}'", "changed after it was sealed", True),
        ("DELETE FROM audit_logs WHERE id = '{id}'", "removed after it was sealed", False),
        ("UPDATE audit_logs SET after = '{{}}' WHERE id = '{id}'", "aren’t the ones originally written", True),
    ],
    ids=["altered", "removed", "values"],
)
def test_the_first_bad_entry_is_named(
    app: Flask,
    support: Client,
    task: Task,
    sealed: Callable[[], None],
    tamper: Callable[[str], None],
    admin_engine: Engine,
    change: str,
    words: str,
    is_there: bool,
) -> None:
    entry = entry_of(admin_engine, task)
    sealed()
    tamper(change.format(id=entry.id))

    page = verify(app, support)

    assert "The chain is broken." in page.text
    assert words in page.text
    assert str(entry.id) in page.text
    assert bool(page.all(f".//a[@href='/audit/{entry.id}']")) is is_there
    assert "Chain broken" in support.get("/audit").text


def test_a_backdated_entry_is_named_without_doubt_about_the_rest(
    app: Flask,
    support: Client,
    task: Task,
    sealed: Callable[[], None],
    tamper: Callable[[str], None],
    admin_engine: Engine,
) -> None:
    entry, forged = entry_of(admin_engine, task), uuid4()
    columns = ", ".join(column for column in (*COVERED, *ERASABLE) if column not in {"id", "pos", "created_at"})
    sealed()
    tamper(
        f"INSERT INTO audit_logs (id, pos, created_at, {columns}) SELECT '{forged}', audit_position(),"
        f" created_at - interval '3 days', {columns} FROM audit_logs WHERE id = '{entry.id}'"
    )

    page = verify(app, support)

    assert "is dated more than a day before the seal that precedes it" in page.text
    assert "nothing else was found" in page.text
    assert page.all(f".//a[@href='/audit/{forged}']")


def test_what_one_wrote_down_of_a_kind_that_nobody_knows_is_damage_still(
    app: Flask, support: Client, organization: Organization, sealed: Callable[[], None], tamper: Callable[[str], None]
) -> None:
    sealed()
    verify(app, support)
    tamper(
        "UPDATE audit_logs SET metadata = metadata || '{\"finding\": \"moonstruck\"}' WHERE action = 'audit.verified'"
    )

    assert "The chain is broken." in support.get("/audit/chain").text


def test_asking_again_while_it_runs_changes_nothing(support: Client, admin_engine: Engine) -> None:
    support.post("/audit/chain/verify")
    support.post("/audit/chain/verify")

    with Session(admin_engine) as session:
        assert len(session.scalars(select(Job).where(Job.name == "audit.verify")).all()) == 1
    page = support.get("/audit/chain")
    assert "Waiting for a worker" in page.text
    assert page.all(".//*[@hx-trigger='every 2s']")


def test_how_many_wait_for_their_seal(
    support: Client, task: Task, sealed: Callable[[], None], make: Factories, organization: Organization
) -> None:
    sealed()
    make.task(organization)

    text = support.get("/audit/chain").text

    assert "Entries not sealed yet" in text


def test_it_is_one_organizations_own(
    app: Flask,
    support: Client,
    make: Factories,
    sealed: Callable[[], None],
    tamper: Callable[[str], None],
    admin_engine: Engine,
) -> None:
    elsewhere = make.task(make.organization())
    sealed()
    tamper(f"DELETE FROM audit_logs WHERE id = '{entry_of(admin_engine, elsewhere).id}'")

    assert "The chain is intact." in verify(app, support).text


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.MANAGER])
def test_not_for_who_may_not_read_the_trail(
    client: Client, make: Factories, organization: Organization, role: Role
) -> None:
    client.sign_in(make.user(organization, role))

    client.get("/audit/chain", status=403)
    client.post("/audit/chain/verify", status=403)


def test_an_exec_sees_how_far_it_is_without_seeing_jobs(
    client: Client, make: Factories, organization: Organization
) -> None:
    client.sign_in(make.user(organization, Role.EXEC))
    client.post("/audit/chain/verify")

    assert "Waiting for a worker" in client.get("/audit/chain").text
