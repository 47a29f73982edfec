"""A client generated from the description of the API: it has types, and a program needs nothing else."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.api.document.openapi import description_of
from app.models import Organization, Role, User
from tests.support.factories import PASSWORD, Factories
from tests.support.shared import made_once
from tests.support.sounds import sound

PACKAGE = "switchboard_client"
OPTIONS = Path(__file__).with_name("generated_client.yml")


@pytest.fixture
def generated(app: Flask, run_folder: Path) -> Iterator[Path]:
    """The folder with the generated package, which can be imported; generated once per run."""
    folder = run_folder / "generated-client"

    def generate() -> None:
        folder.mkdir()
        with app.app_context():
            (folder / "openapi.json").write_text(json.dumps(description_of(app)))
        options = ("--config", str(OPTIONS), "--meta", "none", "--output-path", PACKAGE)
        run(folder, "openapi_python_client", "generate", "--path", "openapi.json", *options, "--fail-on-warning")

    made_once(run_folder / "generated-client.made", generate)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def run(folder: Path, module: str, *arguments: str) -> None:
    """Run a Python module in a folder; if it fails, fail with its output."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


class Program:
    """A program that uses the generated client alone; operations and models are called by their names."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._package = import_module(PACKAGE)
        self.models = import_module(f"{PACKAGE}.models")
        self.token: str | None = None

    def call(self, operation: str, *ids: Any, **values: Any) -> tuple[int, Any]:
        """Call an operation, such as `tasks.create_task`; return the status and the parsed response."""
        function = import_module(f"{PACKAGE}.api.{operation}").sync_detailed
        with self._client() as client:
            response = function(*ids, client=client, **values)
        return response.status_code, response.parsed

    def _client(self) -> Any:
        if self.token is None:
            return self._package.Client(base_url=self._address)
        return self._package.AuthenticatedClient(base_url=self._address, token=self.token)


@pytest.mark.turn(2)
def test_the_generated_client_has_types(generated: Path, tmp_path: Path) -> None:
    run(generated, "mypy", "--strict", "--cache-dir", str(tmp_path), PACKAGE)


def sign_in(program: Program, user: User) -> None:
    """Sign in through the client, and use the token from then on."""
    body = program.models.SignInBody(email=user.email, password=PASSWORD, client_id="scheduler")
    status, signed_in = program.call("auth.sign_in", body=body)
    assert (status, signed_in.data.user.id) == (200, user.id)
    program.token = signed_in.data.token


def test_a_program_works_with_the_generated_client_alone(generated: Path, live_address: str, manager: User) -> None:
    program = Program(live_address)
    models = program.models
    sign_in(program, manager)

    created = []
    for title in ("Call back", "Send the quote"):
        body = models.CreateTaskBody(title=title, assigned_to=manager.id)
        status, made = program.call("tasks.create_task", body=body)
        assert (status, made.data.task.status) == (201, models.TaskStatus.PENDING)
        created.append(made.data.task.id)
    status, completed = program.call("tasks.complete_task", created[0], idempotency_key="completed-once")
    assert (status, completed.data.task.status) == (200, models.TaskStatus.COMPLETED)
    status, refused = program.call("tasks.complete_task", created[0])
    assert isinstance(refused, models.ErrorResponse)
    assert (status, refused.error.code) == (409, "TASK_ALREADY_COMPLETED")

    _status, first = program.call("tasks.list_tasks", limit=1)
    _status, second = program.call("tasks.list_tasks", limit=1, cursor=first.pagination.next_cursor)
    assert {first.data[0].id, second.data[0].id} == set(created)
    assert second.pagination.next_cursor is None


def test_a_rep_books_records_completes_and_reads_the_numbers(
    generated: Path, live_address: str, make: Factories, organization: Organization
) -> None:
    rep = make.user(organization, role=Role.SALES_REP)
    program = Program(live_address)
    models = program.models
    sign_in(program, rep)

    contact = models.CreateContactBody(first_name="Dana", primary_phone="+15125550142")
    _status, made = program.call("contacts.create_contact", body=contact)
    _status, free = program.call("appointments.list_free_times", minutes=60)
    start = next(one.times[0].start for day in free.data.days for one in day.reps if one.id == rep.id and one.times)
    booking = models.CreateAppointmentBody(
        contact_id=made.data.contact.id, sales_rep_id=rep.id, scheduled_start_at=start, service_type="Estimate"
    )
    status, booked = program.call("appointments.create_appointment", body=booking)
    appointment = booked.data.appointment
    assert (status, appointment.contact_id, appointment.sales_rep_id) == (201, made.data.contact.id, rep.id)

    starting = models.StartRecordingSessionBody(appointment_id=appointment.id, consent=models.Consent.GIVEN)
    _status, started = program.call("recording_sessions.start_recording_session", body=starting)
    part = sound(".webm")
    digest = f"sha-256=:{b64encode(sha256(part).digest()).decode()}:"
    file = import_module(f"{PACKAGE}.types").File(payload=BytesIO(part))
    place = (started.data.recording_session.id, 1)
    for _time in range(2):
        file.payload.seek(0)
        status, kept = program.call("recording_sessions.put_recording_part", *place, body=file, content_digest=digest)
        assert (status, kept.data.recording_part.sha256) == (200, sha256(part).hexdigest())

    status, done = program.call(
        "appointments.complete_appointment", appointment.id, body=models.CompleteAppointmentBody()
    )
    assert (status, done.data.appointment.status) == (200, models.AppointmentStatus.COMPLETED)
    status, numbers = program.call("reps.get_rep_stats", rep.id, period=models.PeriodName.TODAY)
    assert (status, numbers.data.currency) == (200, organization.currency)
    assert numbers.data.metrics.additional_properties
