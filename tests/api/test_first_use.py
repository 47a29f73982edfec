"""docs/api.md: its blocks work one after the other on a fresh demonstration, with a key that its reader creates."""

import json
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.config import PROJECT_ROOT
from demo.commands import add_demonstration
from demo.companies import COMPANIES, PASSWORD
from demo.fictional_numbers import FictionalNumbers
from demo.people import sign_ins
from tests.support.program import Program

GUIDE = PROJECT_ROOT / "docs" / "api.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PERMISSION = re.compile(r"`([a-z_]+:[a-z_]+)`")


@pytest.fixture
def key(app: Flask) -> str:
    """A key of the first demonstration company with the permissions that the guide names, and no others."""
    add_demonstration(app)
    loaded = app.test_cli_runner().invoke(args=["demo", "load", "--calls", "200"])
    assert loaded.exit_code == 0, loaded.output
    owner = next(one for one in sign_ins() if (one.organization, one.role) == (COMPANIES[0].slug, "owner"))
    program = Program(app)
    credentials = {"email": owner.email, "password": PASSWORD, "clientId": "guide"}
    program.token = program.post("/auth/login", credentials).data["token"]
    permissions = _PERMISSION.findall(GUIDE.read_text())
    created = program.post("/api-keys", {"name": "First booking", "permissions": permissions}, status=201)
    return str(created.data["secret"])


def test_the_guide_leads_from_a_key_to_a_booking(app: Flask, key: str, live_address: str, tmp_path: Path) -> None:
    guide = GUIDE.read_text().replace("http://127.0.0.1:8000", live_address).replace("sb_key_…", key)
    script = "set -euo pipefail\n" + "\n".join(_BLOCK.findall(guide))
    alone = {**os.environ, "NO_PROXY": "*"}
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=tmp_path, env=alone, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    appointment = _read(tmp_path / "appointment.json")["data"]["appointment"]
    assert appointment["contactId"] == _read(tmp_path / "contact.json")["data"]["contact"]["id"]
    assert _read(tmp_path / "refused.json")["error"]["code"] == "EVENT_TIME_CONFLICT"
    assert done.stdout.count('"/api/docs#EVENT_TIME_CONFLICT"') == 1


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_nobody_in_the_demonstration_has_the_number_of_the_guide() -> None:
    [text] = re.findall(r'"primaryPhone": "([^"]+)"', GUIDE.read_text())
    company = COMPANIES[0]
    supply = FictionalNumbers(company.area_codes, company.main_number, random.SystemRandom())

    assert text.replace(" ", "") not in {supply.take() for _ in range(supply.left)}
