"""A Shunya at which the platform has an account, over its real wire format."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from app.clients import http
from app.clients.http_connection import Network
from tests.support.collector import Collector, response

#: Secret with which the platform's account signs its events.
SECRET = "secret-of-the-platform"


@contextmanager
def platform_account(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Send the recordings of the block to a server that accepts each task as `shu_1`."""
    with Collector(folder) as server:
        monkeypatch.setattr(http, "PUBLIC", Network(allows_private=True, ca_file=server.certificate))
        settings = app.config["SETTINGS"]
        changed = {
            "shunya_api_url": server.url_of("/v1/"),
            "shunya_api_key": SecretStr("key-of-platform"),
            "shunya_webhook_secret": SecretStr(SECRET),
        }
        app.config["SETTINGS"] = settings.model_copy(update=changed)
        server.responses["/v1/tasks"] = reply({"task_id": "shu_1"}, 201)
        yield server
        app.config["SETTINGS"] = settings


def reply(content: Any, status: int = 200) -> bytes:
    """Return a response in JSON."""
    return response(status, {"Content-Type": "application/json"}, json.dumps(content).encode())
