"""Files that make the rep's day work offline and installable."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    """The rep whose day is shown."""
    return make.user(organization, Role.SALES_REP, name="Carl Jensen")


def test_the_worker_is_of_the_day_alone_and_asked_for_each_time(client: Client) -> None:
    worker = client.get("/rep/worker.js")

    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Service-Worker-Allowed"] == "/rep"
    assert worker.headers["Cache-Control"] == "no-cache"
    assert re.match(r'const VERSION = "[0-9a-f]{12}";\n', worker.html)


def test_its_version_changes_with_the_scripts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.get("/rep/worker.js").html
    assert client.get("/rep/worker.js").html == before

    monkeypatch.setattr("app.web.bundles._put_together", lambda name: f"another {name}")
    assert client.get("/rep/worker.js").html.splitlines()[0] != before.splitlines()[0]


def test_the_day_can_be_installed(client: Client, rep: User) -> None:
    page = client.sign_in(rep).get("/rep")
    manifest = client.get(page.one(".//link[@rel='manifest']").get("href", "")).json

    assert (manifest["start_url"], manifest["display"]) == ("/rep", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        picture = Path(PROJECT_ROOT, icon["src"].partition("?")[0].lstrip("/")).read_bytes()
        width, height = struct.unpack(">II", picture[16:24])
        assert f"{width}x{height}" == icon["sizes"]


def test_only_ones_own_day_is_kept(
    new_client: Callable[[], Client], make: Factories, organization: Organization, rep: User
) -> None:
    assert new_client().sign_in(rep).get("/rep").all(".//*[@data-worker]")
    client = new_client().sign_in(make.user(organization, Role.MANAGER))
    for page in ("/rep", f"/rep/{rep.id}"):
        assert not client.get(page).all(".//*[@data-worker]")


@pytest.mark.parametrize("directive", ["worker-src", "manifest-src"])
def test_the_policy_lets_both_in_from_here_only(client: Client, directive: str) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert f"{directive} 'self';" in policy
