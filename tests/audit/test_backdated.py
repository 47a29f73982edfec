"""Entries dated long before the seal that precedes them: reported, unless their transaction can have run that long."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.audit import seals
from app.audit.chain_faults import ChainFault, Finding
from app.audit.seal_input import COVERED, ERASABLE
from tests.audit.conftest import Owner, Record, Seal, Verify

_COLUMNS = ", ".join(column for column in (*COVERED, *ERASABLE) if column not in {"id", "pos", "created_at"})


def forge(owner: Owner, entry: UUID, age: timedelta) -> UUID:
    """Append a copy of `entry` at the current position, dated `age` ago; return its ID."""
    forged = uuid4()
    with owner() as connection:
        connection.execute(
            f"INSERT INTO audit_logs (id, pos, created_at, {_COLUMNS}) SELECT %s, audit_position(), now() - %s,"
            f" {_COLUMNS} FROM audit_logs WHERE id = %s",
            [forged, age, entry],
        )
    return forged


@pytest.mark.parametrize("age", [timedelta(days=3), timedelta(days=400)], ids=["days", "year"])
def test_a_forged_entry_of_earlier_days_is_found(
    age: timedelta, intact: list[UUID], owner: Owner, seal: Seal, verify: Verify
) -> None:
    forged = forge(owner, intact[8], age)
    assert verify().finding == Finding(ChainFault.ROW_BACKDATED, None, forged)

    seal()

    assert verify().finding == Finding(ChainFault.ROW_BACKDATED, 4, forged)


def test_an_entry_of_a_long_transaction_is_not_reported(
    intact: list[UUID], owner: Owner, seal: Seal, verify: Verify
) -> None:
    forge(owner, intact[8], timedelta(hours=23))
    seal()

    assert verify().finding is None


def test_a_backdated_entry_hides_no_damage_behind_it(
    intact: list[UUID], owner: Owner, record: Record, seal: Seal, verify: Verify
) -> None:
    forge(owner, intact[8], timedelta(days=3))
    seal()
    [entry] = record(1)
    with owner() as connection:
        connection.execute("UPDATE audit_logs SET after = NULL WHERE id = %s", [entry])

    assert verify().finding == Finding(ChainFault.PAYLOAD_ALTERED, None, entry)


def test_a_backlog_sealed_in_parts_is_not_reported(
    intact: list[UUID], record: Record, seal: Seal, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "ROWS_PER_SEAL", 2)
    monkeypatch.setattr("app.audit.verify.LONGEST_TRANSACTION", timedelta(0))
    record(6)
    seal()

    status = verify()
    assert (status.finding, status.seals > 5) == (None, True)
