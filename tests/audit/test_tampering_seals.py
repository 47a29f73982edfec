"""Tampering with seals, or with the file of the newest ones, by the database owner: each kind is detected."""

from hashlib import sha256
from uuid import UUID

import psycopg
import pytest

from app.audit.chain import Place, SealKeys
from app.audit.chain import Seal as Link
from app.audit.chain_faults import ChainFault, Finding
from app.config import Settings
from app.models import Organization
from tests.audit.conftest import Owner, Verify


def test_a_heads_file_that_somebody_scribbled_in_hides_nothing(
    intact: list[UUID], owner: Owner, verify: Verify, settings: Settings, organization: Organization
) -> None:
    with settings.audit_heads_path.open("a") as heads:
        heads.write(f'{{"organization": "{organization.id}", "seq": Infinity, "hash": ""}}\n{"[" * 100_000}\n\0\n')
    assert verify().finding is None
    with owner() as connection:
        connection.execute("DELETE FROM audit_seals WHERE seq = 3")

    assert verify().finding == Finding(ChainFault.TAIL_CUT, 3)


@pytest.mark.parametrize("left", [2, 0])
def test_a_removed_tail_of_entries_and_seals_is_found_by_what_is_written_down_outside(
    left: int, intact: list[UUID], owner: Owner, verify: Verify, settings: Settings
) -> None:
    with owner() as connection:
        connection.execute("DELETE FROM audit_logs WHERE id = ANY (%s)", [intact[left * 3 :]])
        connection.execute("DELETE FROM audit_seals WHERE seq > %s", [left])

    assert verify().finding == Finding(ChainFault.TAIL_CUT, left + 1)
    settings.audit_heads_path.unlink()
    assert verify().finding is None


def test_a_removed_seal_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("DELETE FROM audit_seals WHERE seq = 2")

    assert verify().finding == Finding(ChainFault.SEAL_MISSING, 2)


@pytest.mark.parametrize(
    "change",
    [
        "row_count = row_count + 1",
        "month = month - interval '1 month'",
        "to_pos = to_pos + 1",
        "from_id = gen_random_uuid()",
        "sealed_at = sealed_at + interval '1 microsecond'",
        "rows_hash = sha256('')",
        "entries = ''",
        "entries = NULL",
        "prev_hash = sha256('')",
        "hash = sha256('')",
    ],
)
def test_a_changed_seal_is_found(change: str, intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute(f"UPDATE audit_seals SET {change} WHERE seq = 2")

    assert verify().finding == Finding(ChainFault.SEAL_ALTERED, 2)


def test_a_seal_of_a_key_that_nobody_gave_is_found(intact: list[UUID], owner: Owner, verify: Verify) -> None:
    with owner() as connection:
        connection.execute("UPDATE audit_seals SET key_id = 'mine' WHERE seq = 2")

    assert verify().finding == Finding(ChainFault.KEY_UNKNOWN, 2)


def test_a_seal_made_anew_without_the_key_is_found(
    intact: list[UUID], organization: Organization, owner: Owner, verify: Verify
) -> None:
    with owner() as connection:
        _make_anew(connection, organization.id, intact, SealKeys("a key that was guessed"))

    assert verify().finding == Finding(ChainFault.SEAL_ALTERED, 3)


def test_a_seal_made_anew_with_the_key_is_found_by_what_is_written_down_outside(
    intact: list[UUID], organization: Organization, owner: Owner, verify: Verify, settings: Settings
) -> None:
    with owner() as connection:
        _make_anew(connection, organization.id, intact, SealKeys(settings.audit_seal_key.get_secret_value()))

    assert verify().finding == Finding(ChainFault.SEAL_REPLACED, 3)


def _make_anew(
    connection: psycopg.Connection[object], organization_id: UUID, intact: list[UUID], keys: SealKeys
) -> None:
    """Remove the newest entry and recompute the newest seal with `keys`, keeping the original key's ID."""
    connection.execute("DELETE FROM audit_logs WHERE id = %s", [intact[8]])
    found = connection.execute(
        "SELECT from_pos, from_id, to_pos, to_id, month, row_count, entries, prev_hash, key_id, sealed_at"
        " FROM audit_seals WHERE organization_id = %s AND seq = 3",
        [organization_id],
    ).fetchone()
    assert isinstance(found, tuple)
    from_pos, from_id, to_pos, to_id, month, row_count, entries, prev_hash, key_id, sealed_at = found
    left = entries[:-48]
    rows_hash = sha256(left).digest()
    start, end = Place(from_pos, from_id), Place(to_pos, to_id)
    link = Link(organization_id, 3, start, end, month, row_count - 1, rows_hash, prev_hash, sealed_at)
    connection.execute(
        "UPDATE audit_seals SET row_count = %s, entries = %s, rows_hash = %s, hash = %s, key_id = %s"
        " WHERE organization_id = %s AND seq = 3",
        [row_count - 1, left, rows_hash, keys.hash(link, keys.current_id), key_id, organization_id],
    )
