"""Database rules for recordings, disputes, attempts, deliveries and outbound work."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.db.constraints import translate
from app.models import Call, Organization, Role, TenantRow, User
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories
from tests.support.locks import app_connection, meanwhile

START = """
INSERT INTO recording_sessions (organization_id, id, appointment_id, sales_rep_id, consent)
VALUES (%s, gen_random_uuid(), %s, %s, 'given')
"""


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP)


def wrong_field(refused: IntegrityError) -> tuple[str, str]:
    """Return the code and the fields of the domain error that the user gets."""
    error = translate(refused)
    assert error is not None
    return error.code, ",".join(wrong.field for wrong in error.field_errors)


def test_of_two_recordings_that_a_rep_starts_at_once_one_is(
    database: WorkerDatabase, make: Factories, organization: Organization, rep: User
) -> None:
    visit = make.appointment(organization)
    colleague = make.user(organization, Role.SALES_REP)
    make.recording(visit, rep)
    make.recording(visit, rep, status="recording", ended_at=None, duration_seconds=None, deleted_at=DAY)
    make.recording(visit, colleague, status="recording", ended_at=None, duration_seconds=None)

    def start() -> None:
        with app_connection(database, organization.id) as connection:
            connection.execute(START, [organization.id, visit.id, rep.id])

    with app_connection(database, organization.id) as connection:
        connection.execute(START, [organization.id, visit.id, rep.id])
        with meanwhile(start, database) as refused:
            connection.commit()

    assert [error.diag.constraint_name for error in refused] == ["uq_recording_sessions_open"]


@pytest.mark.parametrize("table", ["users", "appointments"])
def test_who_and_what_was_recorded_is_not_purged_before_the_recording(
    database: WorkerDatabase, make: Factories, organization: Organization, rep: User, table: str
) -> None:
    visit = make.appointment(organization)
    make.recording(visit, rep)
    row_id = {"users": rep.id, "appointments": visit.id}[table]

    with psycopg.connect(database.url("app_owner")) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(f"DELETE FROM {table} WHERE id = %s", [row_id])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"status": "recording"}, "ended_at"),
        ({"ended_at": None}, "ended_at"),
        ({"ended_at": DAY - timedelta(minutes=1)}, "ended_at"),
        ({"consent": "refused", "storage_key": "somewhere"}, "consent"),
        ({"audio_bytes": 200 * 1024 * 1024 + 1}, "audio_bytes"),
        ({"consent": "perhaps"}, "consent"),
    ],
    ids=str,
)
def test_a_recording_is_told_apart_from_what_cannot_be(
    make: Factories, organization: Organization, rep: User, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.recording(make.appointment(organization), rep, **values)

    assert wrong_field(refused.value) == ("VALIDATION_ERROR", field)


def test_a_part_comes_once(make: Factories, organization: Organization, rep: User) -> None:
    recording = make.recording(make.appointment(organization), rep)
    make.recording_part(recording)
    make.recording_part(recording, number=2)

    with pytest.raises(IntegrityError) as refused:
        make.recording_part(recording)

    assert wrong_field(refused.value) == ("RESOURCE_CONFLICT", "number")


def test_a_call_has_one_open_dispute(make: Factories, organization: Organization) -> None:
    csr = make.user(organization)
    call = make.call(organization, csr=csr, booking_status="not_booked")
    make.dispute(call, csr, status="rejected", decided_at=DAY)
    make.dispute(call, csr)

    with pytest.raises(IntegrityError) as refused:
        make.dispute(call, csr)

    assert wrong_field(refused.value) == ("RESOURCE_CONFLICT", "call_id")


@pytest.mark.parametrize(
    ("values", "field"), [({"to_status": "not_booked"}, "to_status"), ({"status": "accepted"}, "decided_at")], ids=str
)
def test_a_dispute_wants_a_change_and_is_decided_at_some_time(
    make: Factories, organization: Organization, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.dispute(make.call(organization), make.user(organization), **values)

    assert wrong_field(refused.value) == ("VALIDATION_ERROR", field)


@pytest.mark.parametrize(("kind", "result"), [("text", "reached"), ("text", "no_answer"), ("call", "sent")])
def test_an_attempt_ends_as_its_kind_can(make: Factories, organization: Organization, kind: str, result: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.attempt(make.missed_entry(organization), kind=kind, result=result)

    assert wrong_field(refused.value) == ("VALIDATION_ERROR", "result")


def test_a_delivery_is_taken_once_however_often_somebody_forged_it(make: Factories, organization: Organization) -> None:
    forged = {"external_id": "CA9", "signature_ok": False, "status": "ignored"}
    make.delivery(organization, **forged)
    make.delivery(organization, **forged)
    make.delivery(organization, external_id="CA9", provider="vapi")
    make.delivery(make.organization(), external_id="CA9")
    make.delivery(organization, external_id="CA9")

    with pytest.raises(IntegrityError) as refused:
        make.delivery(organization, external_id="CA9")

    assert wrong_field(refused.value) == ("RESOURCE_CONFLICT", "external_id")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"body": b"x" * 1025, "status": "ignored"}, "body"), ({"status": "received"}, "status")],
    ids=["long", "processed"],
)
def test_of_a_forged_delivery_little_is_kept_and_nothing_done(
    make: Factories, organization: Organization, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.delivery(organization, signature_ok=False, **values)

    assert wrong_field(refused.value) == ("VALIDATION_ERROR", field)


def test_work_is_sent_out_once(make: Factories, organization: Organization) -> None:
    call = make.call(organization)
    make.provider_task(call)
    make.provider_task(call, kind="transcription")

    with pytest.raises(IntegrityError) as refused:
        make.provider_task(call)

    assert wrong_field(refused.value) == ("RESOURCE_CONFLICT", "")


def test_two_organizations_never_share_a_webhook_address(make: Factories) -> None:
    make.organization(webhook_key="unguessable")

    with pytest.raises(IntegrityError) as refused:
        make.organization(webhook_key="unguessable")

    assert wrong_field(refused.value) == ("RESOURCE_CONFLICT", "")


def test_no_secret_and_no_body_stands_in_the_trail(
    database: WorkerDatabase, make: Factories, organization: Organization
) -> None:
    made: list[TenantRow] = [
        make.integration(organization, secrets=b"a secret"),
        make.stream(organization, secret=b"a secret"),
        make.delivery(organization, body=b"a secret", headers={"X-Signature": "a secret"}),
    ]

    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("DELETE FROM webhook_deliveries")  # its arrival leaves no entry
        entries = connection.execute(
            "SELECT coalesce(after, before)::text FROM audit_logs WHERE resource_id = ANY (%s)",
            [[row.id for row in made]],
        ).fetchall()
    assert len(entries) == len(made)
    for (values,) in entries:
        assert "[redacted]" in values
        assert "a secret" not in values
        assert b"a secret".hex() not in values


def test_a_visit_is_credited_to_no_csr(make: Factories, organization: Organization) -> None:
    csr = make.user(organization)
    make.call(organization, csr=csr)

    with pytest.raises(IntegrityError, match="check_visit_without_csr"):
        make.call(organization, csr=csr, call_type="visit_call")


def test_no_call_starts_more_than_five_minutes_ahead_however_it_is_written(
    make: Factories, organization: Organization
) -> None:
    soon, late = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (4, 6))
    call = make.call(organization, started_at=soon)
    moved = update(Call).where(Call.id == call.id).values(started_at=late, answered_at=None, ended_at=None)

    with pytest.raises(IntegrityError) as stored:
        make.call(organization, started_at=late)
    with make.engine.begin() as connection, pytest.raises(IntegrityError) as changed:
        connection.execute(moved)

    assert {wrong_field(refused.value) for refused in (stored, changed)} == {("VALIDATION_ERROR", "started_at")}


@pytest.mark.parametrize("wait", [{"waited_seconds": -1, "status": "missed"}, {"waited_seconds": 20}])
def test_only_an_unanswered_call_has_a_wait_before_hanging_up(
    make: Factories, organization: Organization, wait: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.call(organization, **{"status": "completed", **wait})

    assert wrong_field(refused.value) == ("VALIDATION_ERROR", "waited_seconds")
