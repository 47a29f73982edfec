"""Requests that only leave an entry in the trail: so many an hour, so that nobody can fill it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

import app as package
from app.audit import record
from app.models import AuditLog, Organization, Role
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

SEARCH = "/privacy?q=Dana"
APP = Path(package.__file__).parent
#: Modules that record events without a limit, each with the change that goes with the event, or what limits it.
WITH_A_CHANGE = {
    "audit/verify.py": "a job; its request is limited",
    "cli/cache.py": "a command",
    "data/exports/run_service.py": "a file is stored",
    "data/imports/service.py": "an import is started",
    "ops/jobs/service.py": "a job is retried or canceled",
    "organization/billing/payment_service.py": "a payment is stored",
    "people/sign_in/attempt_service.py": "attempts to sign in have limits of their own",
    "people/sign_in/staff_entry_service.py": "a visit begins or ends",
    "platform/organizations/lifecycle_service.py": "an organization is deleted",
    "trust/audit_log/list_read_service.py": "a job; one entry for the reads of an hour",
    "trust/audit_log/refusal_service.py": "a job; one entry for the refusals of an hour",
    "trust/retention/sweep_service.py": "records are deleted",
    "trust/trash/restore_service.py": "records are restored",
    "work/missed_calls/text_service.py": "a text is canceled",
}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow three an hour."""
    monkeypatch.setattr(record, "READS_AN_HOUR", 3)


def test_a_person_adds_only_so_many_entries_by_reading(
    new_client: Callable[[], Client], make: Factories, organization: Organization, behind: Behind
) -> None:
    owner, colleague = (new_client().sign_in(make.user(organization, Role.OWNER)) for _ in range(2))
    for _ in range(3):
        owner.get(SEARCH)

    refused = owner.get(SEARCH, status=429)

    assert "searches and downloads that the audit trail records within an hour" in refused.text
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    assert len(behind.rows(AuditLog, action="contact_card.searched")) == 3
    colleague.get(SEARCH)
    owner.get("/calls")


def test_not_even_at_once(
    new_client: Callable[[], Client], make: Factories, organization: Organization, behind: Behind
) -> None:
    person = make.user(organization, Role.OWNER)
    browsers = [new_client().sign_in(person) for _ in range(4)]

    with ThreadPoolExecutor(len(browsers)) as pool:
        statuses = list(pool.map(lambda browser: browser.look_at(SEARCH).status, browsers * 2))

    assert sorted(statuses) == [200] * 3 + [429] * 5
    assert len(behind.rows(AuditLog, action="contact_card.searched")) == 3


def test_requests_of_jobs_and_repairs_count(
    client: Client, make: Factories, organization: Organization, behind: Behind
) -> None:
    client.sign_in(make.user(organization, Role.ADMIN))
    for _ in range(3):
        client.post("/system/repair", {"subject": "users"})

    client.post("/system/repair", {"subject": "users"}, status=429)
    client.post("/audit/chain/verify", status=429)

    assert len(behind.rows(AuditLog, action="organization.repaired")) == 3
    assert behind.rows(AuditLog, action="job.requested") == []


def test_a_verification_is_recorded_even_so(
    app: Flask, client: Client, make: Factories, organization: Organization, behind: Behind
) -> None:
    client.sign_in(make.user(organization, Role.OWNER))
    client.post("/audit/chain/verify")
    for _ in range(2):
        client.get(SEARCH)
    client.get(SEARCH, status=429)

    run_worker(app, schedule=(), until_idle=True)

    assert len(behind.rows(AuditLog, action="audit.verified")) == 1


def test_whatever_is_recorded_without_a_limit_goes_with_a_change() -> None:
    recording = re.compile(r"^(?!def ).*\brecord_event\(", re.MULTILINE)
    modules = {str(path.relative_to(APP)) for path in APP.rglob("*.py") if recording.search(path.read_text())}

    assert modules - {"audit/record.py"} == set(WITH_A_CHANGE)
