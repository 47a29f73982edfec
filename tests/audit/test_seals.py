"""Sealing: complete entries are added to the chain exactly once, despite concurrent work."""

import json
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.audit import seals
from app.audit.chain import SealKeys
from app.audit.verify import verify_organization
from app.config import Settings
from app.db.context import Context
from app.db.session import jobs_role
from app.models import Organization
from tests.audit import conftest as trail
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories

Record = Callable[..., list[UUID]]


@pytest.fixture
def chain(admin_engine: Engine, organization: Organization) -> Callable[[], list[Any]]:
    """Function that returns the seals of the organization, in order."""

    def look() -> list[Any]:
        wanted = text("SELECT * FROM audit_seals WHERE organization_id = :organization ORDER BY seq")
        with admin_engine.connect() as connection:
            return list(connection.execute(wanted, {"organization": organization.id}))

    return look


def test_a_round_seals_what_was_recorded_and_the_next_one_goes_on(
    record: Record, seal: trail.Seal, verify: trail.Verify, chain: Callable[[], list[Any]]
) -> None:
    record(2)
    seal()
    record(3)
    seal()

    first, second = chain()
    assert (first.seq, second.seq, second.row_count) == (1, 2, 3)
    assert (second.from_pos, second.from_id, second.prev_hash) == (first.to_pos, first.to_id, first.hash)
    status = verify()
    assert status.finding is None
    assert (status.seals, status.rows, status.unsealed) == (2, first.row_count + 3, 0)
    assert status.sealed_until == second.sealed_at


def test_nothing_new_makes_no_seal(record: Record, seal: trail.Seal, chain: Callable[[], list[Any]]) -> None:
    record(2)
    seal()

    assert seal() == {}
    assert len(chain()) == 1


def test_what_a_running_transaction_may_still_add_to_waits(
    record: Record, organization: Organization, seal: trail.Seal, verify: trail.Verify, database: WorkerDatabase
) -> None:
    with psycopg.connect(database.url("app_rw")) as late:
        enter(late, organization.id, actor_label="Ann", source="user")
        late.execute("SELECT record_event('task.seen', 'task', NULL, '{}')")
        record(2)
        seal()
        assert verify().unsealed >= 2
    seal()

    status = verify()
    assert (status.finding, status.unsealed) == (None, 0)


def test_large_transactions_are_sealed_in_parts(
    record: Record, seal: trail.Seal, verify: trail.Verify, organization: Organization, database: WorkerDatabase,
    monkeypatch: pytest.MonkeyPatch, chain: Callable[[], list[Any]],
) -> None:  # fmt: skip
    monkeypatch.setattr(seals, "ROWS_PER_SEAL", 4)
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization.id, actor_label="Ann", source="user")
        connection.execute("SELECT record_event('task.seen', 'task', NULL, '{}') FROM generate_series(1, 10)")
    seal()

    assert all(part.row_count <= 4 for part in chain())
    assert len(chain()) >= 3
    status = verify()
    assert (status.finding, status.rows) == (None, sum(part.row_count for part in chain()))


def test_a_round_whose_time_is_over_leaves_the_rest_to_the_next(
    app: Flask, record: Record, seal: trail.Seal, verify: trail.Verify, chain: Callable[[], list[Any]]
) -> None:
    record(2)
    with app.app_context(), jobs_role():
        [late] = seals.seal_all(Context(actor_label="Schedule"), until=DAY).values()

    assert not late.is_complete
    assert chain() == []
    seal()
    assert verify().unsealed == 0


def test_no_seal_is_for_two_months(
    record: Record, seal: trail.Seal, verify: trail.Verify, chain: Callable[[], list[Any]]
) -> None:
    record(2, month="2026-02-01")
    record(3, month="2026-01-01")  # a transaction that began later and wrote earlier
    record(1, month="2026-02-01")
    seal()

    january, february, *_now = chain()
    assert (january.month, january.row_count) == (date(2026, 1, 1), 3)
    assert (february.month, february.row_count) == (date(2026, 2, 1), 3)
    assert (january.from_pos, january.to_pos) == (february.from_pos, february.to_pos)
    assert verify().finding is None


def test_writers_at_work_and_two_sealers_leave_no_gap_and_raise_no_alarm(
    app: Flask, organization: Organization, seal: trail.Seal, verify: trail.Verify, database: WorkerDatabase
) -> None:
    stop = threading.Event()
    found: list[object] = []

    def write(number: int) -> None:
        dice = Random(number)  # noqa: S311 - for reproducible runs
        with psycopg.connect(database.url("app_rw")) as connection:
            for _ in range(40):
                enter(connection, organization.id, actor_label="Ann", source="user")
                for _ in range(dice.randint(1, 4)):
                    connection.execute("SELECT record_event('task.seen', 'task', NULL, '{}'), pg_sleep(0.001)")
                connection.rollback() if dice.random() < 0.3 else connection.commit()

    def keep_sealing() -> None:
        while not stop.is_set():
            seal()
            found.append(verify().finding)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join(timeout=60)
    stop.set()
    for thread in sealers:
        thread.join(timeout=60)
    seal()

    status = verify()
    assert found
    assert set(found) == {None}
    assert (status.finding, status.unsealed) == (None, 0)
    assert status.rows > 8 * 20


def test_what_fails_for_one_organization_does_not_keep_others_unsealed(
    make: Factories, organization: Organization, record: Record, seal: trail.Seal, monkeypatch: pytest.MonkeyPatch,
    chain: Callable[[], list[Any]],
) -> None:  # fmt: skip
    broken = make.organization()
    make.task(broken)
    record(1)
    one_by_one = seals.seal_organization

    def seal_one(organization_id: UUID, until: datetime | None) -> seals.Sealed:
        if organization_id == broken.id:
            raise OSError("no room on the disk")
        return one_by_one(organization_id, until)

    monkeypatch.setattr(seals, "seal_organization", seal_one)
    with pytest.raises(OSError, match="no room"):
        seal()

    assert len(chain()) == 1


def test_the_newest_seal_is_written_down_outside_the_database(
    record: Record, organization: Organization, seal: trail.Seal, verify: trail.Verify, settings: Settings,
    chain: Callable[[], list[Any]],
) -> None:  # fmt: skip
    for _ in range(2):
        record(1)
        seal()

    lines = [json.loads(line) for line in settings.audit_heads_path.read_text().splitlines()]
    assert [line for line in lines if line["organization"] == str(organization.id)] == [
        {"organization": str(organization.id), "seq": link.seq, "hash": link.hash.hex()} for link in chain()
    ]
    assert settings.audit_heads_path.stat().st_mode & 0o077 == 0
    assert verify().heads == 2


def test_a_line_that_cannot_be_read_does_not_stop_verifying(
    record: Record, seal: trail.Seal, verify: trail.Verify, settings: Settings
) -> None:
    record(1)
    seal()
    with settings.audit_heads_path.open("a") as file:
        file.write('{"organization": "no\n[]\n')

    assert (verify().finding, verify().heads) == (None, 1)


def test_a_seal_made_with_an_earlier_key_verifies_while_that_key_is_given(
    record: Record, organization: Organization, seal: trail.Seal, settings: Settings, admin_engine: Engine
) -> None:
    record(1)
    seal()
    old, new = settings.audit_seal_key.get_secret_value(), "the key that came after it"

    with admin_engine.connect() as connection:
        assert verify_organization(connection, organization.id, SealKeys(new, old), {}).finding is None
        assert verify_organization(connection, organization.id, SealKeys(new), {}).finding is not None


def test_a_copy_may_be_older_than_what_is_written_down(
    record: Record, organization: Organization, seal: trail.Seal, settings: Settings, admin_engine: Engine
) -> None:
    record(1)
    seal()
    keys = SealKeys(settings.audit_seal_key.get_secret_value())

    with admin_engine.connect() as copy:
        status = verify_organization(copy, organization.id, keys, {7: frozenset({"newer"})}, is_copy=True)

    assert status.finding is None


def test_the_moment_of_the_last_round_is_known(admin_engine: Engine, seal: trail.Seal) -> None:
    seal()

    with admin_engine.connect() as connection:
        age = connection.scalar(text("SELECT clock_timestamp() - sealed_at FROM audit_epoch"))
    assert timedelta(0) <= age < timedelta(minutes=1)


class TestRights:
    """Rights of the roles on seals."""

    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO audit_seals SELECT * FROM audit_seals",
            "UPDATE audit_seals SET hash = ''",
            "DELETE FROM audit_seals",
            "UPDATE audit_epoch SET sealed_to = 0",
        ],
    )
    @pytest.mark.parametrize("role", ["app_rw", "app_jobs"])
    def test_nobody_writes_seals_but_the_function(self, role: str, statement: str, database: WorkerDatabase) -> None:
        with psycopg.connect(database.url(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)

    @pytest.mark.parametrize(
        "call",
        [
            "audit_erase('task', '{}', '')",
            "audit_drop_month('2026-01-01')",
            "audit_chains()",
            "audit_continue()",
            "audit_round_done()",
            "audit_seal(1, 0, NULL, 1, NULL, '2026-01-01', 0, '', '', '', '', '', now())",
        ],
    )
    def test_the_functions_are_the_jobs_alone(self, call: str, database: WorkerDatabase) -> None:
        with (
            psycopg.connect(database.url("app_rw")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"),
        ):
            connection.execute(f"SELECT {call}")

    def test_the_owner_has_to_put_the_guard_aside_first(
        self, record: Record, seal: trail.Seal, database: WorkerDatabase
    ) -> None:
        record(1)
        seal()
        for statement in ("UPDATE audit_seals SET entries = NULL", "DELETE FROM audit_seals", "TRUNCATE audit_seals"):
            with psycopg.connect(database.url("app_owner")) as connection, pytest.raises(psycopg.Error, match="only"):
                connection.execute(statement)

    def test_a_seal_that_does_not_go_on_from_the_newest_is_refused(
        self, record: Record, organization: Organization, seal: trail.Seal, database: WorkerDatabase
    ) -> None:
        record(1)
        seal()
        with psycopg.connect(database.url("app_jobs")) as connection:
            enter(connection, organization.id, actor_label="Ann", source="user")
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="does not follow"):
                connection.execute("SELECT audit_seal(1, 0, NULL, 1, NULL, '2026-01-01', 0, '', '', '', '', '', now())")
