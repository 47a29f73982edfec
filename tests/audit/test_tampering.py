"""Tampering with entries by the database owner: each kind is detected, and the first affected row is reported."""

from uuid import UUID

import pytest

from app.audit.chain_faults import ChainFault, Finding
from app.audit.seal_input import COVERED, ERASABLE
from app.models import AuditLog
from tests.audit.conftest import Owner, Record, Seal, Verify
from tests.support.factories import Factories

#: For each column, a value other than the stored one.
OTHER = {
    "user_id": "gen_random_uuid()",
    "actor_label": "'Bob'",
    "actor_role": "'owner'",
    "source": "'system'",
    "action": "'task.created'",
    "resource_type": "'lead'",
    "resource_id": "gen_random_uuid()",
    "metadata": "'{}'",
    "ip_address": "'192.0.2.8'",
    "user_agent": "NULL",
    "request_id": "''",
    "correlation_id": "'another'",
    "operation_id": "gen_random_uuid()",
    "created_at": "created_at + interval '1 microsecond'",
    "payload_hash": "sha256('')",
}


def test_every_column_is_sealed_or_can_be_erased() -> None:
    columns = [column.name for column in AuditLog.__table__.columns]

    assert sorted([*COVERED, *ERASABLE]) == sorted(columns)
    assert OTHER.keys() | {"organization_id", "id", "pos"} == set(COVERED)


@pytest.mark.parametrize("column", OTHER)
def test_a_changed_column_is_found(column: str, intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute(f"UPDATE audit_logs SET {column} = {OTHER[column]} WHERE id = %s", [intact[4]])

    assert verify().finding == Finding(ChainFault.ROW_ALTERED, 2, intact[4])


def test_a_changed_id_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        row = connection.execute(
            "UPDATE audit_logs SET id = gen_random_uuid() WHERE id = %s RETURNING id", [intact[4]]
        ).fetchone()

    assert row is not None
    assert verify().finding == Finding(ChainFault.ROW_ADDED, 2, row[0])


def test_an_entry_put_into_another_month_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("UPDATE audit_logs SET created_at = '2020-02-02' WHERE id = %s", [intact[4]])

    assert verify().finding == Finding(ChainFault.ROW_MOVED, 2, intact[4])


@pytest.mark.parametrize("column", ["before", "after", "resource_label", "salt"])
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "unsealed"])
def test_a_changed_payload_is_found(
    column: str, sealed: bool, intact: list[UUID], record: Record, owner: Owner, verify: Verify
) -> None:
    entry = intact[4] if sealed else record(1)[0]
    other = "'other'" if column in ("salt", "resource_label") else """'{"title": "Other"}'"""
    with owner() as connection:
        connection.execute(f"UPDATE audit_logs SET {column} = {other} WHERE id = %s", [entry])

    assert verify().finding == Finding(ChainFault.PAYLOAD_ALTERED, 2 if sealed else None, entry)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("before = '{}'", ChainFault.PAYLOAD_ALTERED),
        ("payload_hash = sha256('')", ChainFault.ROW_ALTERED),
        ("before = NULL, after = NULL, salt = NULL, redacted_at = now()", ChainFault.ERASURE_UNRECORDED),
    ],
    ids=["before", "hash", "emptied"],
)
def test_of_months_sealed_together_the_seal_of_the_entry_is_named(
    change: str, fault: ChainFault, record: Record, seal: Seal, owner: Owner, verify: Verify
) -> None:
    record(1, month="2026-01-01")
    record(1, month="2026-02-01")
    [entry] = record(1)
    seal()
    with owner() as connection:
        connection.execute(f"UPDATE audit_logs SET {change} WHERE id = %s", [entry])

    assert verify().finding == Finding(fault, 3, entry)


def test_a_changed_payload_with_its_hash_made_anew_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute(
            "UPDATE audit_logs SET after = NULL, payload_hash = audit_payload_hash(salt, before, NULL) WHERE id = %s",
            [intact[4]],
        )

    assert verify().finding == Finding(ChainFault.ROW_ALTERED, 2, intact[4])


def test_a_function_that_answers_what_suits_hides_nothing(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("UPDATE audit_logs SET after = NULL WHERE id = %s", [intact[4]])
        connection.execute("CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT ''''::bytea'")
    try:
        assert verify().finding == Finding(ChainFault.PAYLOAD_ALTERED, 2, intact[4])
    finally:
        with owner() as connection:
            connection.execute("DROP FUNCTION public.sha256(bytea)")


#: A closer match for the call than PostgreSQL's own function, which takes a name rather than a text.
_CONVERTS = """
CREATE FUNCTION public.convert_to(entry text, encoding text) RETURNS bytea LANGUAGE sql AS $$
  SELECT pg_catalog.convert_to(replace(entry, 'Bob', 'Ann'), 'UTF8'::name)
$$
"""
#: A closer match for a numeric and an integer than PostgreSQL's own operators, which take two of the same type.
_MULTIPLIES = """
CREATE FUNCTION public.times(seconds numeric, factor integer) RETURNS numeric LANGUAGE sql AS $$
  SELECT CASE WHEN seconds > 4000000000 THEN seconds - 4000000000 ELSE seconds END
    OPERATOR(pg_catalog.*) factor::numeric
$$;
CREATE OPERATOR public.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = public.times)
"""


@pytest.mark.parametrize(
    ("change", "lie", "drop"),
    [
        ("actor_label = 'Bob'", _CONVERTS, "FUNCTION public.convert_to(text, text)"),
        (
            "created_at = created_at + interval '4000000000 seconds'",
            _MULTIPLIES,
            "FUNCTION public.times(numeric, integer) CASCADE",
        ),
    ],
    ids=["function", "operator"],
)
def test_what_suits_an_argument_better_than_postgresqls_own_hides_nothing(
    change: str, lie: str, drop: str, intact: list[UUID], owner: Owner, verify: Verify
) -> None:
    with owner() as connection:
        connection.execute(f"UPDATE audit_logs SET {change} WHERE id = %s", [intact[4]])
        connection.execute(lie)
    try:
        finding = verify().finding
    finally:
        with owner() as connection:
            connection.execute(f"DROP {drop}")

    assert finding is not None
    assert (finding.seal, finding.row_id) == (2, intact[4])


@pytest.mark.parametrize("pos", ["-1", "NULL"])
def test_an_entry_beside_the_order_of_the_trail_is_found(
    pos: str, intact: list[UUID], owner: Owner, verify: Verify
) -> None:
    forged = UUID(int=intact[4].int + 1)
    columns = ", ".join(column for column in (*COVERED, *ERASABLE) if column not in {"id", "pos"})
    try:
        with owner() as connection:
            connection.execute("ALTER TABLE audit_logs ALTER COLUMN pos DROP NOT NULL")
            connection.execute(
                f"INSERT INTO audit_logs (id, pos, {columns}) SELECT %s, {pos}, {columns}"
                " FROM audit_logs WHERE id = %s",
                [forged, intact[4]],
            )
        assert verify().finding == Finding(ChainFault.ROW_ADDED, None, forged)
    finally:
        with owner() as connection:
            connection.execute("DELETE FROM audit_logs WHERE id = %s", [forged])
            connection.execute("ALTER TABLE audit_logs ALTER COLUMN pos SET NOT NULL")


def test_values_that_two_entries_swapped_are_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute(
            "UPDATE audit_logs a SET (before, after, salt, payload_hash) = (b.before, b.after, b.salt, b.payload_hash)"
            " FROM audit_logs b WHERE a.id = ANY (%s) AND b.id = ANY (%s) AND a.id <> b.id",
            [intact[3:5], intact[3:5]],
        )

    assert verify().finding == Finding(ChainFault.ROW_ALTERED, 2, intact[3])


def test_a_mark_of_erasure_on_what_was_not_erased_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("UPDATE audit_logs SET redacted_at = now() WHERE id = %s", [intact[4]])

    assert verify().finding == Finding(ChainFault.PAYLOAD_ALTERED, 2, intact[4])


@pytest.mark.parametrize("redacted_at", ["now()", "NULL"])
def test_an_erasure_that_nobody_recorded_is_found(
    redacted_at: str, intact: list[UUID], owner: Owner, verify: Verify
) -> None:
    with owner() as connection:
        connection.execute(
            f"UPDATE audit_logs SET before = NULL, after = NULL, salt = NULL, redacted_at = {redacted_at}"
            " WHERE id = %s",
            [intact[4]],
        )

    assert verify().finding == Finding(ChainFault.ERASURE_UNRECORDED, 2, intact[4])


@pytest.mark.parametrize("position", [0, 4, 8], ids=["first", "middle", "last"])
def test_a_removed_entry_is_found(position: int, intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("DELETE FROM audit_logs WHERE id = %s", [intact[position]])

    assert verify().finding == Finding(ChainFault.ROW_MISSING, position // 3 + 1, intact[position])


def test_all_entries_of_a_seal_removed_are_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("DELETE FROM audit_logs WHERE id = ANY (%s)", [intact[3:6]])

    assert verify().finding == Finding(ChainFault.ROW_MISSING, 2, intact[3])


@pytest.mark.parametrize("created_at", ["created_at", "'2020-02-02'"], ids=["same_month", "another_month"])
def test_a_forged_entry_is_found(created_at: str, intact: list[UUID], owner: Owner, verify: Verify) -> None:
    forged = UUID(int=intact[4].int + 1)
    with owner() as connection:
        columns = ", ".join(column for column in (*COVERED, *ERASABLE) if column not in {"id", "created_at"})
        connection.execute(
            f"INSERT INTO audit_logs (id, created_at, {columns}) SELECT %s, {created_at}, {columns}"
            " FROM audit_logs WHERE id = %s",
            [forged, intact[4]],
        )

    assert verify().finding == Finding(ChainFault.ROW_ADDED, 2, forged)


def test_two_entries_that_changed_places_are_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute(
            "UPDATE audit_logs a SET pos = b.pos FROM audit_logs b"
            " WHERE a.id = ANY (%s) AND b.id = ANY (%s) AND a.id <> b.id",
            [intact[3:5], intact[3:5]],
        )

    assert verify().finding == Finding(ChainFault.ROW_MOVED, 2, intact[3])


def test_an_entry_moved_behind_what_is_sealed_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("UPDATE audit_logs SET pos = pos + 1000000 WHERE id = %s", [intact[4]])

    assert verify().finding == Finding(ChainFault.ROW_MOVED, 2, intact[4])


def test_two_entries_that_changed_ids_are_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        for old, new in ((intact[3], UUID(int=1)), (intact[4], intact[3]), (UUID(int=1), intact[4])):
            connection.execute("UPDATE audit_logs SET id = %s WHERE id = %s", [new, old])

    finding = verify().finding
    assert finding is not None
    assert (finding.seal, finding.row_id) == (2, intact[3])


def test_an_entry_that_was_given_to_another_organization_is_found(
    intact: list[UUID], make: Factories, owner: Owner, verify: Verify
) -> None:
    with owner() as connection:
        connection.execute(
            "UPDATE audit_logs SET organization_id = %s WHERE id = %s", [make.organization().id, intact[4]]
        )

    assert verify().finding == Finding(ChainFault.ROW_MISSING, 2, intact[4])


def test_a_removed_tail_of_entries_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("DELETE FROM audit_logs WHERE id = ANY (%s)", [intact[7:]])

    assert verify().finding == Finding(ChainFault.ROW_MISSING, 3, intact[7])
