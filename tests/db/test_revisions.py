"""An organization's cached data is as old as its revision, and only changes to that data renew it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import psycopg
import pytest

from app.models import OfferedValue, Organization, Revision, Role, User
from tests.support.client import Client
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import Factories

#: Begins a transaction of the app's role for an organization.
Begin = Callable[[Organization], AbstractContextManager[psycopg.Connection]]


@pytest.fixture
def revisions(behind: Behind, organization: Organization) -> Callable[[], dict[str, UUID]]:
    return lambda: {one.kind: one.revision for one in behind.rows(Revision, organization_id=organization.id)}


@pytest.fixture
def transaction(database: WorkerDatabase) -> Begin:
    """A function that begins a transaction of the app's role, which fails after 2 s of waiting for a lock."""

    @contextmanager
    def begin(organization: Organization) -> Iterator[psycopg.Connection]:
        with psycopg.connect(database.url("app_rw")) as connection:
            connection.execute("SET lock_timeout = '2s'")
            enter(connection, organization.id)
            yield connection

    return begin


def offered(behind: Behind, organization: Organization) -> set[str]:
    return {one.value for one in behind.rows(OfferedValue, organization_id=organization.id, kind="topic")}


@pytest.mark.parametrize(
    ("change", "raised"),
    [
        ("UPDATE users SET name = 'Somebody Else' WHERE id = %(csr)s", {"people"}),
        ("UPDATE users SET role = 'sales_rep' WHERE id = %(csr)s", {"people"}),
        ("UPDATE users SET last_seen_at = now() WHERE id = %(csr)s", set()),
        ("UPDATE users SET name = name WHERE id = %(csr)s", set()),
        ("UPDATE calls SET topic = 'Roof' WHERE id = %(call)s", {"topics"}),
        ("UPDATE calls SET topic = NULL WHERE id = %(call)s", {"topics"}),
        ("UPDATE calls SET topic = 'Heating' WHERE id = %(call)s", {"topics"}),
        ("UPDATE calls SET topic = 'Heating' WHERE id = %(other)s", set()),
        ("UPDATE calls SET topic = NULL WHERE id = %(other)s", set()),
        ("UPDATE calls SET outcome = 'resolved' WHERE id = %(call)s", set()),
        ("UPDATE calls SET csr_id = %(rep)s WHERE id = %(other)s", {"people"}),
        ("UPDATE organizations SET trash_days = trash_days + 1 WHERE id = %(organization)s", {"trash"}),
        ("UPDATE organizations SET legal_hold = true, legal_hold_reason = 'A lawsuit'", {"trash"}),
        ("UPDATE organizations SET trash_days = trash_days WHERE id = %(organization)s", set()),
        ("UPDATE deletion_batches SET deleted_by = %(csr)s WHERE id = %(batch)s", {"trash"}),
        ("UPDATE deletion_batches SET purged_at = now() WHERE id = %(batch)s", set()),
    ],
)
def test_only_what_pickers_show_raises_a_revision(
    make: Factories,
    organization: Organization,
    transaction: Begin,
    revisions: Callable[[], dict[str, UUID]],
    change: str,
    raised: set[str],
) -> None:
    csr, rep = make.user(organization), make.user(organization, Role.SALES_REP)
    call = make.call(organization, csr=csr, topic="Drains")
    others = [make.call(organization, csr=csr, topic="Heating") for _ in range(2)]
    batch = make.deletion(make.task(organization), deleted_by=rep.id)
    before = revisions()
    ids = {"csr": csr.id, "rep": rep.id, "call": call.id, "other": others[0].id, "batch": batch.id}

    with transaction(organization) as connection:
        connection.execute(change, {**ids, "organization": organization.id})

    after = revisions()
    assert {kind for kind in after if after[kind] != before.get(kind)} == raised


def test_saved_views_and_columns_raise_theirs(
    as_admin: Client, organization: Organization, revisions: Callable[[], dict[str, UUID]]
) -> None:
    as_admin.get("/calls")
    before = revisions()
    as_admin.post("/list-columns", {"page": "calls", "column": ["started_at", "caller"]}, status=303)

    after = revisions()
    assert {kind for kind in after if after[kind] != before.get(kind)} == {"views"}


def test_a_topic_is_offered_as_long_as_a_call_has_it(
    make: Factories,
    organization: Organization,
    transaction: Begin,
    behind: Behind,
    database: WorkerDatabase,
) -> None:
    calls = [make.call(organization, topic="Heating") for _ in range(2)]
    with transaction(organization) as connection:
        connection.execute("UPDATE calls SET topic = 'Roof' WHERE id = %s", [calls[0].id])
        connection.execute("UPDATE calls SET topic = 'Gutters' WHERE id = %s", [calls[0].id])
    assert offered(behind, organization) == {"Heating", "Gutters"}

    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("DELETE FROM calls WHERE id = %s", [calls[1].id])
    assert offered(behind, organization) == {"Gutters"}


def test_writers_of_calls_do_not_wait_for_each_other(
    make: Factories,
    organization: Organization,
    transaction: Begin,
    behind: Behind,
    revisions: Callable[[], dict[str, UUID]],
) -> None:
    """Concurrent transactions write calls with known topics, and with new ones, without waiting."""
    calls = [make.call(organization, topic="Heating") for _ in range(4)]
    before = revisions()
    change = "UPDATE calls SET topic = %s WHERE id = %s"
    with transaction(organization) as first, transaction(organization) as second:
        first.execute("SET CONSTRAINTS ALL IMMEDIATE")
        first.execute("UPDATE calls SET outcome = 'resolved', topic = 'Heating' WHERE id = %s", [calls[0].id])
        second.execute(change, ["Heating", calls[1].id])
        second.commit()
    assert revisions() == before

    with transaction(organization) as first, transaction(organization) as second:
        first.execute(change, ["Roof", calls[2].id])
        second.execute(change, ["Gutters", calls[3].id])
        second.commit()
    assert offered(behind, organization) == {"Heating", "Roof", "Gutters"}


def test_the_last_call_of_a_topic_and_a_new_one_at_once_leave_it_offered(
    make: Factories, organization: Organization, transaction: Begin, behind: Behind
) -> None:
    """Calls with a topic wait for a transaction that is removing it, and then record the topic again."""
    last, new = make.call(organization, topic="Roof"), make.call(organization)
    with transaction(organization) as going:
        going.execute("SET CONSTRAINTS ALL IMMEDIATE")
        going.execute("UPDATE calls SET topic = NULL WHERE id = %s", [last.id])
        with ThreadPoolExecutor(1) as threads:

            def come() -> None:
                with transaction(organization) as coming:
                    coming.execute("UPDATE calls SET topic = 'Roof' WHERE id = %s", [new.id])

            comes = threads.submit(come)
            with pytest.raises(TimeoutError):
                comes.result(0.3)
            going.commit()
            comes.result(5)

    assert offered(behind, organization) == {"Roof"}


def test_what_was_committed_is_on_the_next_page_while_others_read(
    make: Factories,
    organization: Organization,
    new_client: Callable[[], Client],
    transaction: Begin,
) -> None:
    csr = make.user(organization)
    make.call(organization, csr=csr)
    admins = [new_client().sign_in(make.user(organization, Role.ADMIN)) for _ in range(3)]
    stop = threading.Event()

    def read(client: Client) -> None:
        while not stop.is_set():
            client.get("/calls?status=missed")

    missed = []
    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read, client) for client in admins[1:]]
        try:
            for number in range(40):
                with transaction(organization) as connection:
                    connection.execute("UPDATE users SET name = %s WHERE id = %s", [f"Robin Number{number}", csr.id])
                    connection.execute("UPDATE calls SET topic = %s", [f"Topic number {number}"])
                page = admins[0].get("/calls?status=missed").html
                missed += [number for word in ("Robin Number", "Topic number ") if f"{word}{number}" not in page]
        finally:
            stop.set()
        for reader in readers:
            reader.result()

    assert missed == []


def test_what_is_not_committed_is_kept_for_nobody(
    make: Factories,
    organization: Organization,
    as_admin: Client,
    behind: Behind,
    transaction: Begin,
) -> None:
    csr: User = make.user(organization, name="Robin Before")
    with transaction(organization) as connection:
        connection.execute("UPDATE users SET name = 'Robin After' WHERE id = %s", [csr.id])
        assert "Robin Before" in as_admin.get("/calls").html
        connection.rollback()

    assert "Robin Before" in as_admin.get("/calls").html
    assert "Robin After" not in as_admin.get("/calls").html
