"""Downloads into the storage: the whole file, or nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from app.clients.http import DOWNLOAD, download
from app.clients.http_connection import Network
from app.clients.http_errors import EncodedReply, ReplyTooLarge, UnexpectedStatus, Unreachable
from app.errors import DomainError
from app.storage import StoredFile, new_key, storage
from tests.support.collector import Collector, response

SMALL = replace(DOWNLOAD, max_bytes=100_000)
CHUNK = b"%x\r\n%b\r\n" % (60_000, bytes(60_000))
CHUNKED = {"Transfer-Encoding": "chunked"}

Download = Callable[[], StoredFile]


@pytest.fixture
def fetch(app: Flask, server: Collector, network: Network) -> Download:
    """Function that downloads `/recording`, of at most 100 kB."""

    def run() -> StoredFile:
        with app.app_context():
            key = new_key(uuid4(), "recordings")
            return download(server.url_of("/recording"), key, network=network, limits=SMALL)

    return run


def stored_files(app: Flask) -> list[Path]:
    """Return all files of the storage, also those that were not written to the end."""
    return [path for path in app.config["SETTINGS"].storage_dir.rglob("*") if path.is_file()]


def test_a_file_is_stored(app: Flask, server: Collector, fetch: Download) -> None:
    server.responses["/recording"] = response(body=bytes(range(256)) * 300)

    stored = fetch()

    with app.app_context():
        assert b"".join(storage().read(stored.key)) == bytes(range(256)) * 300
    assert stored.size == 76_800


def test_so_is_a_file_of_undeclared_size(app: Flask, server: Collector, fetch: Download) -> None:
    server.responses["/recording"] = response(headers=CHUNKED, body=CHUNK + b"0\r\n\r\n")

    assert fetch().size == 60_000


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response(headers={"Content-Length": "100001"}), ReplyTooLarge),
        (response(headers=CHUNKED, body=CHUNK + CHUNK + b"0\r\n\r\n"), ReplyTooLarge),
        (response(headers=CHUNKED, body=CHUNK), Unreachable),
        (response(headers={"Content-Length": "70000"}, body=bytes(69_999)), Unreachable),
        (response(headers={"Content-Encoding": "gzip"}, body=b"packed"), EncodedReply),
        (response(404, body=b"gone"), UnexpectedStatus),
    ],
    ids=["too large", "undeclared and too large", "cut short", "shorter than declared", "compressed", "not 200"],
)
def test_nothing_is_left_of_a_file_that_is_refused(
    app: Flask, server: Collector, fetch: Download, answer: bytes, error: type[DomainError]
) -> None:
    server.responses["/recording"] = answer

    with pytest.raises(error):
        fetch()
    assert stored_files(app) == []


def test_the_status_says_whether_the_file_is_gone(server: Collector, fetch: Download) -> None:
    server.responses["/recording"] = response(410)

    with pytest.raises(UnexpectedStatus) as failure:
        fetch()
    assert failure.value.reply_status == 410


def test_the_space_that_a_download_can_need_is_checked_first(
    app: Flask, server: Collector, fetch: Download, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[int] = []
    monkeypatch.setattr(type(app.extensions["storage"]), "refuse_full", lambda _storage, size: checked.append(size))
    server.responses["/recording"] = response(body=b"abc")
    fetch()
    server.responses["/recording"] = response(headers=CHUNKED, body=b"0\r\n\r\n")
    fetch()

    assert checked == [3, SMALL.max_bytes]
