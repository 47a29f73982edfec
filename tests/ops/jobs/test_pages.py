"""The page `/jobs`: the jobs that each user sees, and the actions on failed ones."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.exports.jobs import make_export
from app.data.imports.jobs import import_file
from app.declarations.registry import registry_of
from app.errors import Conflict
from app.models import Job, Organization, Role
from app.ops.jobs.service import retry_job
from app.ops.jobs.worker import run_worker
from tests.ops.jobs.conftest import Look
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import text_of
from tests.support.work import both_at_once


@pytest.fixture
def admin(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.ADMIN, name="Ada Admin"))


@pytest.fixture
def failed(make: Factories, organization: Organization) -> Job:
    return make.job(organization, error="The disk was full.", asked_by_label="Maria Manager")


@pytest.fixture
def events(admin_engine: Engine) -> Callable[[], list[Any]]:
    """Function that returns the audit trail entries about jobs."""

    def look() -> list[Any]:
        with admin_engine.connect() as connection:
            found = text("SELECT action, actor_label, metadata FROM audit_logs WHERE resource_type = 'job' ORDER BY id")
            return list(connection.execute(found))

    return look


def test_every_kind_of_job_has_words_of_its_own(app: Flask) -> None:
    jobs = registry_of(app).jobs
    assert len({str(job.label) for job in jobs}) == len(jobs)


def test_the_list_tells_what_went_wrong_and_who_asked(admin: Client, failed: Job) -> None:
    page = admin.get("/jobs")

    [row] = [text_of(row) for row in page.all(".//tbody/tr")]
    for words in ("Delete old jobs", "Failed", "Maria Manager", "The disk was full."):
        assert words in row


def test_nobody_sees_jobs_of_another_organization(admin: Client, failed: Job, make: Factories) -> None:
    strange = make.job(make.organization(), error="Not for you.")

    assert "Not for you." not in admin.get("/jobs").text
    for address in (f"/jobs/{strange.id}", f"/jobs/{strange.id}/retry", f"/jobs/{strange.id}/dismiss"):
        method = "GET" if address.endswith(str(strange.id)) else "POST"
        assert admin.status_of(method, address) == 404


@pytest.mark.parametrize(
    ("role", "reading", "deciding"),
    [(Role.CSR, 403, 403), (Role.MANAGER, 403, 403), (Role.SUPPORT, 200, 403), (Role.OWNER, 200, 303)],
)
def test_support_looks_and_admins_decide(
    client: Client, make: Factories, organization: Organization, failed: Job, role: Role, reading: int, deciding: int
) -> None:
    client.sign_in(make.user(organization, role))

    assert client.status_of("GET", "/jobs") == client.status_of("GET", f"/jobs/{failed.id}") == reading
    assert client.status_of("POST", f"/jobs/{failed.id}/retry") == deciding


def test_support_is_offered_no_button_that_it_may_not_press(
    client: Client, make: Factories, organization: Organization, failed: Job
) -> None:
    page = client.sign_in(make.user(organization, Role.SUPPORT)).get(f"/jobs/{failed.id}")

    assert not page.all(f".//form[@action='/jobs/{failed.id}/retry']")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=failed", {"Import a file"}),
        ("status=waiting,running", {"Delete old jobs"}),
        ("kind=imports.run", {"Import a file"}),
        ("from=2026-03-18&to=2026-03-18", {"Import a file", "Delete old jobs"}),
        ("from=2026-03-19&to=2026-03-19", set()),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    admin: Client, make: Factories, organization: Organization, query: str, shown: set[str]
) -> None:
    make.job(organization, name=import_file.name)
    make.job(organization, status="waiting", tries=0)

    page = admin.get(f"/jobs?{query}")
    assert {text_of(link) for link in page.all(".//tbody//th/a")} == shown


def test_the_list_pages_by_key(admin: Client, make: Factories, organization: Organization) -> None:
    with make.batch():
        for _ in range(51):
            make.job(organization)

    first = admin.get("/jobs")
    second = admin.get(first.links["Older"])
    assert (len(first.all(".//tbody/tr")), len(second.all(".//tbody/tr"))) == (50, 1)


def test_an_empty_list_says_when_it_fills(admin: Client) -> None:
    assert "No jobs yet" in admin.get("/jobs").text


def test_a_page_is_live_while_something_may_change(
    admin: Client, make: Factories, organization: Organization, failed: Job
) -> None:
    assert not admin.get("/jobs").all(".//*[@hx-trigger='every 3s']")
    assert not admin.get(f"/jobs/{failed.id}").all(".//*[@hx-trigger='every 2s']")

    running = make.job(organization, status="running", tries=1, progress_done=40, progress_total=100)
    [part] = admin.get("/jobs?status=running").all(".//*[@hx-trigger='every 3s']")
    assert part.get("hx-get") == "/jobs?status=running"
    [part] = admin.swap(f"/jobs/{running.id}").all(".//*[@hx-trigger='every 2s']")
    assert "40 of 100" in text_of(part)


def test_a_failed_job_is_retried_from_zero(
    app: Flask, admin: Client, failed: Job, stored_jobs: Look, events: Callable[[], list[Any]]
) -> None:
    page = admin.follow(admin.post(f"/jobs/{failed.id}/retry"))
    assert "back in the queue" in page.text
    assert [(job.status, job.tries) for job in stored_jobs()] == [("waiting", 0)]

    run_worker(app, schedule=(), until_idle=True)

    assert [(job.status, job.tries, job.error) for job in stored_jobs()] == [("done", 1, None)]
    [event] = events()
    assert (event.action, event.actor_label) == ("job.retried", "Ada Admin")
    assert event.metadata == {"name": "jobs.clean_up", "tries": 5, "error": "The disk was full."}


def test_a_failed_job_is_dismissed_and_may_still_be_retried(
    admin: Client, failed: Job, stored_jobs: Look, events: Callable[[], list[Any]]
) -> None:
    admin.post(f"/jobs/{failed.id}/dismiss")
    assert [job.status for job in stored_jobs()] == ["dismissed"]

    admin.post(f"/jobs/{failed.id}/retry")
    assert [job.status for job in stored_jobs()] == ["waiting"]
    assert [event.action for event in events()] == ["job.dismissed", "job.retried"]


@pytest.mark.parametrize("decision", ["retry", "dismiss"])
def test_a_job_that_did_not_fail_is_left_alone(
    admin: Client, make: Factories, organization: Organization, queued: Look, decision: str
) -> None:
    done = make.job(organization, status="done", tries=1)

    page = admin.post(f"/jobs/{done.id}/{decision}", status=409)
    assert "someone already retried or dismissed it" in page.text
    assert queued() == []


def test_pressing_retry_twice_asks_once(admin: Client, failed: Job, queued: Look) -> None:
    admin.post(f"/jobs/{failed.id}/retry")
    admin.post(f"/jobs/{failed.id}/retry", status=409)

    assert len(queued()) == 1


def test_of_two_who_retry_at_once_one_is_told(
    app: Flask, make: Factories, organization: Organization, failed: Job, queued: Look
) -> None:
    retry = partial(retry_job, acting(make.user(organization, Role.ADMIN)), failed.id)

    assert [type(error) for error in both_at_once(app, organization.id, retry, retry)] == [Conflict]
    assert len(queued()) == 1


@pytest.mark.parametrize("arguments", [{}, {"export_id": "7"}, {"colour": "red"}], ids=["none", "no id", "strange"])
def test_a_job_whose_arguments_mean_nothing_cannot_be_retried(
    admin: Client, make: Factories, organization: Organization, queued: Look, arguments: dict[str, str]
) -> None:
    job = make.job(organization, name=make_export.name, arguments=arguments)

    page = admin.post(f"/jobs/{job.id}/retry", status=409)

    assert "This job’s type no longer exists. Dismiss it." in page.text
    assert queued() == []


def test_an_import_that_goes_on_elsewhere_is_not_retried_here(
    admin: Client, make: Factories, organization: Organization
) -> None:
    row = make.import_of_calls(organization, status="queued")
    job = make.job(organization, name=import_file.name, arguments={"import_id": str(row.id)})

    page = admin.post(f"/jobs/{job.id}/retry", status=409)
    assert "This import was already resumed from the import page" in page.text
