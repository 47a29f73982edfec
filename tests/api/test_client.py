"""A client generated from the description of the API: it has types, and a program needs nothing else."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.api.document.openapi import description_of
from app.models import User
from tests.support.factories import PASSWORD

PACKAGE = "switchboard_client"
OPTIONS = Path(__file__).with_name("generated_client.yml")


@pytest.fixture
def generated(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The folder with the generated package, which can be imported."""
    with app.app_context():
        (tmp_path / "openapi.json").write_text(json.dumps(description_of(app)))
    options = ("--config", str(OPTIONS), "--meta", "none", "--output-path", PACKAGE)
    run(tmp_path, "openapi_python_client", "generate", "--path", "openapi.json", *options, "--fail-on-warning")
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
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


def test_the_generated_client_has_types(generated: Path) -> None:
    run(generated, "mypy", "--strict", "--cache-dir", str(generated / "cache"), PACKAGE)


def test_a_program_works_with_the_generated_client_alone(generated: Path, live_address: str, manager: User) -> None:
    program = Program(live_address)
    models = program.models
    credentials = models.SignInBody(email=manager.email, password=PASSWORD, client_id="scheduler")
    status, signed_in = program.call("auth.sign_in", body=credentials)
    assert (status, signed_in.data.user.id) == (200, manager.id)
    program.token = signed_in.data.token

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
