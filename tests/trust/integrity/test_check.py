"""The command `flask integrity check`, which finds each kind of damage without false positives."""

import json
import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.declarations.registry import registry_of
from app.directory import Directory
from app.models import Organization, Role, User
from app.storage import new_key
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.trust.integrity.conftest import Damage, Run

TOMORROW = datetime.now(UTC) + timedelta(days=1)
LAST_WEEK = datetime.now(UTC) - timedelta(days=7)


def found(run: Run) -> dict[str, set[UUID | str | None]]:
    """Return the IDs of the rows that each check found, or the keys of files."""
    result = run("integrity", "check", "--organization", "comfort", "--json")
    reports = json.loads(result.stdout)
    findings = [report for report in reports if report["level"] == "finding"]
    assert result.exit_code == (1 if findings else 0), result.output
    return {
        report["check"]: {UUID(row["id"]) if row["id"] else row["detail"] for row in report["found"]}
        for report in reports
    }


def test_a_sound_organization_has_no_finding(app: Flask, run: Run, organization: Organization, csr: User) -> None:
    result = run("integrity", "check")

    assert result.exit_code == 0, result.output
    assert result.stdout == f"{len(registry_of(app).checks)} checks in 1 organizations found no problems.\n"


def test_a_finding_is_told_with_its_row_and_ends_with_one(
    run: Run, make: Factories, organization: Organization, csr: User
) -> None:
    task = make.task(organization, assignee=csr, due_at=LAST_WEEK)

    result = run("integrity", "check")

    assert result.exit_code == 1
    assert f"comfort: An open task is past its due date. (task_overdue, 1)\n  task {task.id} " in result.stdout


def test_a_snoozed_task_is_overdue_only_once_it_is_back(
    run: Run, make: Factories, organization: Organization, behind: Behind
) -> None:
    now = datetime.now(UTC)
    behind.change(make.task(organization, due_at=LAST_WEEK), snoozed_until=now + timedelta(hours=1))
    back = make.task(organization, due_at=LAST_WEEK)
    behind.change(back, snoozed_until=now - timedelta(hours=1))

    result = run("integrity", "check")

    assert "(task_overdue, 1)" in result.stdout
    assert f"task {back.id} " in result.stdout


def test_only_the_wanted_organization_is_looked_at(run: Run, make: Factories, organization: Organization) -> None:
    other = make.organization(slug="other")
    make.task(other, due_at=LAST_WEEK)

    assert run("integrity", "check", "--organization", "comfort").exit_code == 0
    assert run("integrity", "check", "--organization", "nobody").exit_code == 1
    told = json.loads(run("integrity", "check", "--json").stdout)
    assert {report["organization"] for report in told} == {"other"}


def test_people(run: Run, make: Factories, organization: Organization, csr: User, damage: Damage) -> None:
    malformed = make.user(organization, email="casey@nowhere")
    make.user(organization, email="made-up@nowhere", status="inactive")
    make.user(organization, email="imported@comfort.invalid")
    card = make.contact(organization, email="dana@nowhere")
    make.contact(organization, email="dana@example.com")
    unknown, known = uuid4(), uuid4()
    grant = "INSERT INTO user_permissions (organization_id, id, user_id, permission) VALUES (:org, :id, :user, :name)"
    damage(grant, org=organization.id, id=unknown, user=csr.id, name="calls:juggle")
    damage(grant, org=organization.id, id=known, user=csr.id, name="calls:read")

    assert found(run) == {"user_address": {malformed.id}, "other_address": {card.id}, "user_permission": {unknown}}


def test_an_organization_that_nobody_owns(run: Run, organization: Organization, damage: Damage) -> None:
    damage("UPDATE users SET status = 'inactive' WHERE role = 'owner'")
    damage("DELETE FROM organization_usage")

    assert found(run) == {"owner": {organization.id}, "organization": {organization.id}}


def test_the_organization_of_the_platform_subscribes_to_nothing(
    run: Run, make: Factories, organization: Organization, damage: Damage
) -> None:
    damage("DELETE FROM subscriptions")
    assert found(run) == {"organization": {organization.id}}

    damage("UPDATE system_settings SET platform_organization_id = :id", id=organization.id)
    assert found(run) == {}


def test_whoever_may_not_sign_in_and_still_is(
    run: Run, app: Flask, make: Factories, organization: Organization, csr: User, damage: Damage
) -> None:
    Client(app).sign_in(csr)
    damage("UPDATE users SET status = 'suspended' WHERE id = :id", id=csr.id)

    assert found(run).keys() == {"session"}


def test_work_of_people_who_are_gone(run: Run, make: Factories, organization: Organization, csr: User) -> None:
    gone = make.user(organization, role=Role.SALES_REP)
    inactive = make.user(organization, status="inactive")
    open_task = make.task(organization, assignee=gone, due_at=TOMORROW)
    make.task(organization, assignee=gone, status="completed", completed_at=DAY)
    waiting = make.task(organization, assignee=inactive, due_at=TOMORROW)
    make.task(organization, assignee=csr, due_at=TOMORROW)
    lead = make.lead(organization, assigned_rep_id=gone.id)
    make.lead(organization, assigned_rep_id=gone.id, stage="dead", closed_at=DAY)
    to_come = make.event(organization, csr, start_at=TOMORROW, end_at=TOMORROW + timedelta(hours=1))
    attendee = make.attendee(to_come, gone)
    make.attendee(make.event(organization, csr, start_at=DAY), gone)
    make.event(organization, gone, type="time_off", start_at=TOMORROW + timedelta(days=1))
    make.deletion(gone, root_type="user", counts={"user": 1})

    assert found(run) == {
        "task_assignee": {open_task.id},
        "task_assignee_inactive": {waiting.id},
        "responsible": {lead.id},
        "event_attendee": {attendee.id},
    }


def test_references_that_lead_nowhere(run: Run, make: Factories, organization: Organization, damage: Damage) -> None:
    entry = make.missed_entry(organization)
    make.missed_entry(organization)
    damage("DELETE FROM calls WHERE id = :id", id=entry.call_id)

    assert found(run) == {"reference": {entry.id}}


def test_numbers_that_find_nobody(run: Run, make: Factories, organization: Organization, damage: Damage) -> None:
    lost, shared = make.contact(organization), make.contact(organization)
    damage("DELETE FROM contact_phones WHERE contact_card_id = :id", id=lost.id)
    damage("UPDATE contact_cards SET primary_phone = NULL WHERE id = :id", id=make.contact(organization).id)
    damage(
        "INSERT INTO contact_cards (organization_id, id, primary_phone) VALUES (:org, :id, :phone)",
        org=organization.id,
        id=uuid4(),
        phone=shared.primary_phone,
    )

    assert found(run) == {"contact_number": {lost.id}}


def test_times_that_run_backwards(
    run: Run, make: Factories, organization: Organization, csr: User, without_check: Any
) -> None:
    make.call(organization)
    make.event(organization, csr, start_at=TOMORROW, end_at=TOMORROW + timedelta(hours=1))
    call = make.call(organization)
    without_check("calls", "check_end_after_start", f"UPDATE calls SET ended_at = started_at WHERE id = '{call.id}'")

    assert found(run) == {"times": {call.id}}


def test_busy_times_that_do_not_follow_from_events_and_visits(
    run: Run, make: Factories, organization: Organization, csr: User, damage: Damage
) -> None:
    event, kept = make.event(organization, csr), make.event(organization, csr, start_at=DAY + timedelta(days=1))
    visit = make.appointment(organization, sales_rep_id=make.user(organization, role=Role.SALES_REP).id)
    damage("DELETE FROM busy_times WHERE event_id = :id", id=event.id)
    damage("UPDATE appointments SET status = 'cancelled' WHERE id = :id", id=visit.id)

    checked = found(run)

    assert checked.keys() == {"busy_time"}
    assert event.id in checked["busy_time"]
    assert len(checked["busy_time"]) == 2
    assert kept.id not in checked["busy_time"]


def test_a_task_that_differs_from_its_action(
    run: Run, make: Factories, organization: Organization, damage: Damage
) -> None:
    action = make.pending_action(organization)
    task = make.task(organization, pending_action_id=action.id, due_at=TOMORROW)
    make.task(organization, pending_action_id=make.pending_action(organization).id, due_at=TOMORROW)
    damage("UPDATE pending_actions SET status = 'cancelled' WHERE id = :id", id=action.id)

    assert found(run) == {"pending_action": {task.id}}


def test_deletions_that_do_not_add_up(run: Run, make: Factories, organization: Organization, damage: Damage) -> None:
    half = make.task(organization, due_at=TOMORROW)
    fine, wrong = make.task(organization), make.task(organization)
    make.deletion(fine, counts={"task": 1})
    batch = make.deletion(wrong)
    damage("UPDATE tasks SET deleted_at = now() WHERE id = :id", id=half.id)
    damage("UPDATE deletion_batches SET counts = '{}' WHERE id = :id", id=batch.id)
    card = make.contact(organization)
    lead = make.lead(organization, contact=card)
    damage(
        "UPDATE contact_cards SET deleted_at = now(), deletion_batch_id = :id WHERE id = :card",
        id=batch.id,
        card=card.id,
    )

    checked = found(run)

    assert checked["deletion"] == {half.id}
    assert checked["batch"] == {batch.id}
    assert lead.id in checked["parent"]


class TestNotes:
    """Notes about rows whose optional parent is in the trash."""

    @pytest.fixture
    def rows(self, make: Factories, organization: Organization, csr: User) -> set[UUID]:
        lead = make.lead(organization)
        visit = make.appointment(organization, lead_id=lead.id)
        gone = make.appointment(organization)
        task = make.task(organization, appointment_id=gone.id, due_at=TOMORROW)
        recording = make.recording(gone, csr)
        make.deletion(lead, root_type="lead", counts={"lead": 1})
        make.deletion(gone, root_type="appointment", counts={"appointment": 1})
        return {visit.id, task.id, recording.id}

    def test_they_are_notes_and_nothing_is_wrong(self, run: Run, rows: set[UUID]) -> None:
        assert found(run) == {"optional_parent": rows}
        (told,) = json.loads(run("integrity", "check", "--json").stdout)
        assert (told["level"], told["total"]) == ("note", 3)

        result = run("integrity", "check")

        assert result.exit_code == 0
        sentence = "A record refers to an optional parent that’s in the trash."
        assert f"comfort: note: {sentence} (optional_parent, 3)\n" in result.stdout
        assert result.stdout.endswith("found only notes.\n")

    def test_beside_a_finding_it_ends_with_one(
        self, run: Run, make: Factories, organization: Organization, rows: set[UUID]
    ) -> None:
        late = make.task(organization, due_at=LAST_WEEK)

        assert found(run) == {"optional_parent": rows, "task_overdue": {late.id}}
        result = run("integrity", "check")

        assert (result.exit_code, "comfort: An open task is past" in result.stdout) == (1, True)


@pytest.fixture
def storage(app: Flask) -> Directory:
    return Directory(app.config["SETTINGS"].storage_dir)


def test_files_and_the_rows_that_name_them(
    run: Run, make: Factories, organization: Organization, csr: User, storage: Directory
) -> None:
    named, lost = make.import_of_calls(organization), make.import_of_calls(organization)
    stray, fresh = new_key(organization.id, "recordings"), new_key(organization.id, "recordings")
    for key in (named.storage_key, stray, fresh):
        storage.save(key, BytesIO(b"content"), max_bytes=100)
    for key in (named.storage_key, stray):
        os.utime(storage.path(key), (LAST_WEEK.timestamp(), LAST_WEEK.timestamp()))
    make.call(organization, audio_url="https://recordings.example/1.mp3")

    assert found(run) == {"file_missing": {lost.id}, "file_unnamed": {stray}}


@pytest.mark.parametrize(
    "values",
    [
        {"status": "recording", "ended_at": None, "duration_seconds": None},
        {"status": "uploaded", "duration_seconds": None},
        {"status": "processing", "duration_seconds": None},
        {"status": "failed", "duration_seconds": 0, "discarded_at": LAST_WEEK},
    ],
    ids=["being recorded", "uploaded", "being prepared", "discarded"],
)
def test_a_recording_in_parts_has_no_whole_yet(
    run: Run, make: Factories, organization: Organization, storage: Directory, values: dict[str, Any]
) -> None:
    rep, key = make.user(organization, Role.SALES_REP), new_key(organization.id, "recordings")
    make.recording(make.appointment(organization, sales_rep_id=rep.id), rep, storage_key=key, **values)
    storage.save(f"{key}.1", BytesIO(b"content"), max_bytes=100)
    os.utime(storage.path(f"{key}.1"), (LAST_WEEK.timestamp(), LAST_WEEK.timestamp()))

    assert found(run) == {}


def test_a_part_of_a_recording_is_missing_while_nothing_else_has_its_sound(
    run: Run, make: Factories, organization: Organization, storage: Directory
) -> None:
    rep, key = make.user(organization, Role.SALES_REP), new_key(organization.id, "recordings")
    visit = make.appointment(organization, sales_rep_id=rep.id)
    row = make.recording(visit, rep, storage_key=key, status="processing", duration_seconds=None)
    for number in (1, 2):
        make.recording_part(row, number=number)
    storage.save(f"{key}.1", BytesIO(b"content"), max_bytes=100)

    assert found(run) == {"file_missing": {row.id}}
    storage.save(f"{key}.2", BytesIO(b"content"), max_bytes=100)
    assert found(run) == {}


def test_what_a_killed_process_left_of_a_file_is_named(
    run: Run, organization: Organization, storage: Directory
) -> None:
    key = new_key(organization.id, "recordings")
    storage.save(key, BytesIO(b"content"), max_bytes=100)
    left = storage.path(key).with_name(".7shchrw1")
    storage.path(key).rename(left)

    assert found(run) == {"file_unfinished": {f"{organization.id}/recordings/.7shchrw1"}}


def test_many_findings_are_counted_and_the_first_listed(
    run: Run, make: Factories, organization: Organization, damage: Damage
) -> None:
    damage(
        "INSERT INTO tasks (organization_id, id, title, due_at)"
        " SELECT :org, new_uuid7(), 'Late', now() - interval '1 day' FROM generate_series(1, 120)",
        org=organization.id,
    )

    result = run("integrity", "check")

    assert "(task_overdue, 120)" in result.stdout
    assert "… and 20 more" in result.stdout


def test_a_company_with_one_of_everything_is_looked_through(run: Run, make: Factories) -> None:
    make_company(make, slug="comfort")

    assert set(found(run)) <= {"task_overdue", "file_missing", "batch"}
