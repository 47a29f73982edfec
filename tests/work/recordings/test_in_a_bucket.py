"""Recording of an appointment into a bucket."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask import Flask

from app.bucket import Bucket
from app.models import Call, RecordingSession
from tests.support.bucket import new_bucket
from tests.support.direct_access import Behind
from tests.support.sounds import sound, wav
from tests.work.recordings.conftest import Phone


@pytest.fixture
def bucket(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with new_bucket(tmp_path) as opened:
        monkeypatch.setitem(app.extensions, "storage", opened)
        yield opened


def test_what_is_recorded_in_parts_is_heard_from_the_bucket(
    phone: Phone, behind: Behind, bucket: Bucket, tmp_path: Path
) -> None:
    content = wav(600)
    parts = [content[start : start + 400_000] for start in range(0, len(content), 400_000)]
    phone.send(phone.begin(), parts)
    phone.work()

    row, call = behind.one(RecordingSession), behind.one(Call)
    assert (row.status, row.duration_seconds) == ("ready", 600)
    assert phone.files() == [row.storage_key]
    assert sha256(phone.file(row.storage_key or "")).digest() == sha256(content).digest()
    page = phone.client.get(f"/calls/{call.id}")
    assert f"media-src 'self' {bucket.origin};" in page.headers["Content-Security-Policy"]
    answer = phone.client.get(f"/calls/{call.id}/audio", headers={"Range": "bytes=900000-900099"}, status=302)
    with urlopen(Request(answer.headers["Location"], headers={"Range": "bytes=900000-900099"})) as heard:  # noqa: S310 - a local address
        assert (heard.status, heard.read()) == (206, content[900_000:900_100])
    assert list((tmp_path / "copies").iterdir()) == []


def test_what_a_browser_records_gets_its_length_there(phone: Phone, behind: Behind, bucket: Bucket) -> None:
    address, whole = phone.begin(), sound(".webm", seconds=3)
    phone.send(address, [whole[:5000], whole[5000:]])
    phone.work()

    row = behind.one(RecordingSession)
    assert (row.status, row.duration_seconds) == ("ready", 3)
    assert row.audio_bytes == bucket.facts(row.storage_key or "").size
