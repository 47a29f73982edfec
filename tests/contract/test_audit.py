"""The trail records every change of a row with its old and new values, no matter who makes it or how."""

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from app.models import Job, Organization
from tests.support.company import Company
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.sample_records import MAKERS, RESOURCES, OneMore

#: Changes to a job are recorded as named actions.
AUDITED = [one for one in RESOURCES if one.is_audited and one.model is not Job]


def test_of_every_resource_there_can_be_one_more() -> None:
    assert {one.model for one in RESOURCES} == MAKERS.keys(), (
        "tests.support.sample_records wants a line for each resource"
    )


def test_a_row_changed_by_hand_is_in_the_trail_with_before_and_after(
    make: Factories, company: Company, database: WorkerDatabase
) -> None:
    kept = {type(row): row for row in company.rows.values()}
    with make.batch():
        rows = {one.name: kept.get(one.model) or OneMore(make, company)(one.model) for one in AUDITED}

    wrong = {}
    with psycopg.connect(database.url("app_owner"), row_factory=dict_row) as connection:
        for name, row in rows.items():
            organization_id = row.id if isinstance(row, Organization) else row.organization_id
            if problem := _problem_with_the_trail(connection, row, organization_id):
                wrong[name] = problem
    assert wrong == {}


def _problem_with_the_trail(connection: psycopg.Connection[Any], row: Any, organization_id: UUID) -> object:
    """Change the row, and return what the trail records incorrectly about it; None if it is right."""
    connection.execute(
        f"UPDATE {row.__tablename__} SET created_at = created_at - interval '1 year' WHERE id = %s", [row.id]
    )
    found = connection.execute(
        "SELECT * FROM audit_logs WHERE resource_id = %s AND action LIKE '%%.updated' ORDER BY pos DESC", [row.id]
    ).fetchall()
    if len(found) != 1:
        return found
    (told,) = found
    who = (told["organization_id"], told["actor_label"], told["source"])
    is_right = (
        who == (organization_id, "app_owner", "database")
        and told["before"].keys() == told["after"].keys() == {"created_at"}
        and told["before"]["created_at"] > told["after"]["created_at"]
    )
    return None if is_right else told


def test_a_deleted_row_leaves_all_that_it_was(company: Company, database: WorkerDatabase) -> None:
    task = company.rows["task"]
    with psycopg.connect(database.url("app_owner"), row_factory=dict_row) as connection:
        connection.execute("DELETE FROM tasks WHERE id = %s", [task.id])
        [found] = connection.execute(
            "SELECT * FROM audit_logs WHERE resource_id = %s AND action = 'task.purged'", [task.id]
        ).fetchall()

    assert found["before"]["title"] == task.title
    assert found["after"] is None


def test_all_rows_of_one_transaction_share_an_operation(company: Company, database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner"), row_factory=dict_row) as connection:
        for kind in ("lead", "task"):
            row = company.rows[kind]
            connection.execute(f"UPDATE {row.__tablename__} SET version = version + 1 WHERE id = %s", [row.id])
        rows = connection.execute(
            "SELECT operation_id FROM audit_logs WHERE resource_id = ANY (%s) AND action LIKE '%%.updated'",
            [[company.rows["lead"].id, company.rows["task"].id]],
        ).fetchall()

    assert len(rows) == 2
    assert len({row["operation_id"] for row in rows}) == 1


def test_a_secret_leaves_its_name_and_not_its_value(company: Company, database: WorkerDatabase) -> None:
    person = next(iter(company.people.values()))
    with psycopg.connect(database.url("app_owner"), row_factory=dict_row) as connection:
        connection.execute("UPDATE users SET password_hash = 'a new secret' WHERE id = %s", [person.id])
        recorded = "SELECT before, after FROM audit_logs WHERE resource_id = %s ORDER BY id"
        rows = connection.execute(recorded, [person.id]).fetchall()

    assert rows[-1] == {"before": {"password_hash": "[redacted]"}, "after": {"password_hash": "[redacted]"}}
    assert "secret" not in str(rows)
    assert str(person.password_hash) not in str(rows)


def test_a_change_that_changes_nothing_is_not_told(company: Company, database: WorkerDatabase) -> None:
    task = company.rows["task"]
    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("UPDATE tasks SET title = title WHERE id = %s", [task.id])
        told = connection.execute(
            "SELECT count(*) FROM audit_logs WHERE resource_id = %s AND action = 'task.updated'", [task.id]
        ).fetchone()

    assert told == (0,)
