"""Whoever changes a row, and however: the trail tells what it was and what it became."""

import psycopg
import pytest
from psycopg.rows import dict_row

from app.declarations.resource import Resource
from app.features import FEATURES
from tests.support.company import Company
from tests.support.database import WorkerDatabase

#: A company is made without a row of these; what becomes of a job is told by actions with names.
NOT_MADE = {
    "ai_config",
    "budget",
    "calendar",
    "contact_phone",
    "import_mapping",
    "mfa_recovery_code",
    "organization",
    "password_reset",
    "platform_staff",
    "refresh_token",
}
AUDITED = [one for feature in FEATURES for one in feature.resources if one.is_audited and one.name != "job"]


def test_a_company_has_a_row_of_all_else(company: Company) -> None:
    made = {type(row) for row in company.rows.values()}

    assert {one.name for one in AUDITED if one.model not in made} == NOT_MADE


@pytest.mark.parametrize(
    "resource", [one for one in AUDITED if one.name not in NOT_MADE], ids=lambda resource: resource.name
)
def test_a_row_changed_by_hand_is_in_the_trail_with_before_and_after(
    resource: Resource, company: Company, database: WorkerDatabase
) -> None:
    row = next(row for row in company.rows.values() if type(row) is resource.model)
    with psycopg.connect(database.url("app_owner"), row_factory=dict_row) as connection:
        connection.execute(
            f"UPDATE {row.__tablename__} SET created_at = created_at - interval '1 year' WHERE id = %s", [row.id]
        )
        [found] = connection.execute(
            "SELECT * FROM audit_logs WHERE resource_id = %s AND action LIKE '%%.updated'", [row.id]
        ).fetchall()

    assert found["organization_id"] == company.organization.id
    assert found["actor_label"] == "app_owner"
    assert found["source"] == "system"
    assert found["before"].keys() == found["after"].keys() == {"created_at"}
    assert found["before"]["created_at"] > found["after"]["created_at"]


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
