"""Erased and dropped audit trail entries: the chain stays intact, and unrecorded removals are found."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.audit.chain_faults import ChainFault, Finding
from app.audit.erasure import drop_month, erase_payloads
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.models import Organization
from tests.audit.conftest import Owner, Seal, Verify
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase

Record = Callable[..., list[UUID]]
AtWork = Callable[[], AbstractContextManager[None]]

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@pytest.fixture
def at_work(app: Flask, organization: Organization) -> AtWork:
    """Function that opens the context of a job for the organization and commits at its end."""

    @contextmanager
    def work() -> Iterator[None]:
        context = Context(organization_id=organization.id, actor_label="Ann Admin", source="user")
        with app.app_context(), jobs_role(), use_context(context):
            yield
            db.session.commit()

    return work


def test_erasing_a_person_is_recorded_and_not_reported(
    record: Record, at_work: AtWork, seal: Seal, verify: Verify, admin_engine: Engine
) -> None:
    person, somebody_else = uuid4(), uuid4()
    [kept] = record(1, of=somebody_else)
    sealed = record(2, of=person)
    seal()
    unsealed = record(1, of=person)

    with at_work():
        assert erase_payloads("task", [person], "asked for by the person") == 3
        assert erase_payloads("task", [person], "asked again") == 0

    assert verify().finding is None
    seal()
    assert verify().finding is None
    with admin_engine.connect() as connection:
        values = {
            row.id: (row.before, row.after, row.salt)
            for row in connection.execute(text("SELECT * FROM audit_logs WHERE resource_type = 'task'"))
        }
        [erasure] = connection.execute(text("SELECT * FROM audit_logs WHERE action = 'audit.erased'")).all()
    assert all(values[entry] == (None, None, None) for entry in (*sealed, *unsealed))
    assert values[kept][0] == {"title": "Task 0"}
    assert erasure.actor_label == "Ann Admin"
    assert erasure.metadata["reason"] == "asked for by the person"
    assert set(erasure.metadata["entries"]) == {str(entry) for entry in (*sealed, *unsealed)}


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        ("redacted_at = redacted_at - interval '1 day'", ChainFault.ERASURE_UNRECORDED),
        ("redacted_at = NULL", ChainFault.ERASURE_UNRECORDED),
        ("after = '{}'", ChainFault.PAYLOAD_ALTERED),
        ("actor_label = 'Nobody'", ChainFault.ROW_ALTERED),
    ],
)
def test_what_is_changed_about_an_erased_entry_is_found(
    change: str, damage: ChainFault, record: Record, at_work: AtWork, seal: Seal, verify: Verify, owner: Owner
) -> None:
    person = uuid4()
    [entry] = record(1, of=person)
    seal()
    with at_work():
        erase_payloads("task", [person], "asked for by the person")
    with owner() as connection:
        connection.execute(f"UPDATE audit_logs SET {change} WHERE id = %s", [entry])

    assert verify().finding == Finding(damage, 1, entry)


def test_a_record_of_an_erasure_that_makes_no_sense_covers_nothing_and_stops_nothing(
    record: Record, seal: Seal, verify: Verify, owner: Owner, organization: Organization, database: WorkerDatabase
) -> None:
    [entry] = record(1)
    seal()
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization.id)
        for details in ('{"entries": 7, "moment": "never"}', "[]", '{"month": 3}'):
            connection.execute("SELECT record_event('audit.erased', 'audit', NULL, %s::jsonb)", [details])
            connection.execute("SELECT record_event('audit.dropped', 'audit', NULL, %s::jsonb)", [details])
    assert verify().finding is None

    with owner() as connection:
        connection.execute(
            "UPDATE audit_logs SET before = NULL, after = NULL, salt = NULL, redacted_at = now() WHERE id = %s", [entry]
        )
    assert verify().finding == Finding(ChainFault.ERASURE_UNRECORDED, 1, entry)


class TestDrop:
    """Removal of history month by month, oldest first."""

    @pytest.fixture
    def history(self, record: Record, seal: Seal) -> list[UUID]:
        """Sealed entries of two past months and of now."""
        entries = [*record(3, month="2026-01-01"), *record(2, month="2026-02-01"), *record(1)]
        seal()
        return entries

    def test_a_month_goes_and_its_seals_stay(
        self, history: list[UUID], at_work: AtWork, seal: Seal, verify: Verify, admin_engine: Engine
    ) -> None:
        with at_work():
            assert drop_month(JANUARY) == 3
        assert (verify().finding, verify().dropped) == (None, 3)

        with at_work():
            assert drop_month(FEBRUARY) == 2
        seal()
        status = verify()
        assert (status.finding, status.dropped) == (None, 5)
        with admin_engine.connect() as connection:
            sizes = connection.execute(text("SELECT month, octet_length(entries) FROM audit_seals ORDER BY seq")).all()
            dropped = connection.execute(text("SELECT metadata FROM audit_logs WHERE action = 'audit.dropped'"))
            months = sorted(metadata["month"] for metadata in dropped.scalars())
        assert [tuple(size) for size in sizes[:2]] == [(JANUARY, None), (FEBRUARY, None)]
        assert months == ["2026-01-01", "2026-02-01"]

    def test_entries_of_other_organizations_stay(
        self, history: list[UUID], at_work: AtWork, admin_engine: Engine
    ) -> None:
        stranger = uuid4()
        with admin_engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            entry = connection.scalar(
                text("SELECT audit_append(:whose, 'task.seen', 'task', NULL, NULL, NULL, NULL)"), {"whose": stranger}
            )
            connection.execute(text("UPDATE audit_logs SET created_at = '2026-01-15' WHERE id = :id"), {"id": entry})
        with at_work():
            drop_month(JANUARY)

        with admin_engine.connect() as connection:
            left = text("SELECT id FROM audit_logs WHERE organization_id = :whose")
            assert connection.scalars(left, {"whose": stranger}).all() == [entry]

    def test_a_month_removed_without_a_record_is_found(self, history: list[UUID], verify: Verify, owner: Owner) -> None:
        with owner() as connection:
            connection.execute("DELETE FROM audit_logs WHERE id = ANY (%s)", [history[:3]])

        assert verify().finding == Finding(ChainFault.ROW_MISSING, 1, history[0])

    def test_what_is_left_is_still_held_to_its_seals(
        self, history: list[UUID], at_work: AtWork, verify: Verify, owner: Owner
    ) -> None:
        with at_work():
            drop_month(JANUARY)
        with owner() as connection:
            connection.execute("DELETE FROM audit_logs WHERE id = %s", [history[3]])

        assert verify().finding == Finding(ChainFault.ROW_MISSING, 2, history[3])

    def test_an_entry_that_comes_back_into_a_dropped_month_is_found(
        self, history: list[UUID], at_work: AtWork, verify: Verify, owner: Owner
    ) -> None:
        with owner() as connection:
            connection.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM audit_logs WHERE id = %s", [history[0]])
            connection.commit()
            with at_work():
                drop_month(JANUARY)
            connection.execute("INSERT INTO audit_logs SELECT * FROM kept")

        assert verify().finding == Finding(ChainFault.ROW_ADDED, 1, history[0])

    def test_the_older_month_goes_first(self, history: list[UUID], at_work: AtWork) -> None:
        with pytest.raises(DBAPIError, match="older history"), at_work():
            drop_month(FEBRUARY)

    def test_what_is_not_sealed_does_not_go(self, record: Record, at_work: AtWork, seal: Seal) -> None:
        seal()
        record(1, month="2026-01-01")

        with pytest.raises(DBAPIError, match="not sealed yet"), at_work():
            drop_month(JANUARY)

    @pytest.mark.parametrize("which", ["this", "middle"])
    def test_only_a_whole_month_that_has_passed_goes(self, which: str, history: list[UUID], at_work: AtWork) -> None:
        month = datetime.now(UTC).date().replace(day=1) if which == "this" else JANUARY.replace(day=2)

        with pytest.raises(DBAPIError, match="no month that has passed"), at_work():
            drop_month(month)
