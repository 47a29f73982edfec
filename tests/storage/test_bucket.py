"""Storage in an S3-compatible bucket: the rules of local storage, and signed links that expire soon."""

import io
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError
from flask import Flask

from app.bucket import Bucket
from app.config import SettingsError
from app.errors import NotFound, PayloadTooLarge, StorageUnavailable
from app.factory import create_app
from app.models import Role
from app.open_storage import open_storage
from app.storage import new_key
from tests.support.bucket import bucket_settings, fill, new_bucket
from tests.support.client import Client
from tests.support.factories import Factories

ORGANIZATION, OTHER = UUID("01890a5d-ac96-774b-bcce-b302099a8057"), UUID("01890a5d-ac96-774b-bcce-b302099a8058")
CONTENT = b"0123456789" * 100
LARGE = bytes(range(256)) * 70_000  # uploaded in three parts


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    with new_bucket(tmp_path) as opened:
        yield opened


@pytest.fixture
def app_on(app: Flask, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with its files in the bucket."""
    monkeypatch.setitem(app.extensions, "storage", bucket)
    return app


def key_of(organization: UUID = ORGANIZATION, ending: str = "") -> str:
    return new_key(organization, "recordings") + ending


@pytest.mark.parametrize("content", [b"", CONTENT, LARGE], ids=["nothing", "a little", "in pieces"])
def test_what_is_written_is_read(app_on: Flask, bucket: Bucket, tmp_path: Path, content: bytes) -> None:
    key = key_of()
    stored = bucket.save(key, io.BytesIO(content), max_bytes=len(content))

    assert (stored.key, stored.size, stored.sha256) == (key, len(content), sha256(content).hexdigest())
    assert b"".join(bucket.read(key)) == content
    assert bucket.facts(key).size == len(content)
    with app_on.app_context():
        copy = bucket.path(key)
        assert copy.read_bytes() == content
    assert not copy.exists()
    assert list((tmp_path / "copies").iterdir()) == []


def test_what_is_too_large_or_breaks_off_leaves_nothing(bucket: Bucket, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield LARGE
        raise ConnectionError

    with pytest.raises(PayloadTooLarge):
        bucket.save(key_of(), io.BytesIO(CONTENT), max_bytes=len(CONTENT) - 1)
    with pytest.raises(ConnectionError):
        bucket.write(key_of(), broken())

    assert list(bucket.list_keys()) == []
    assert list((tmp_path / "copies").iterdir()) == []


def test_what_is_gone_is_not_found(app_on: Flask, bucket: Bucket, tmp_path: Path) -> None:
    key = key_of()
    bucket.delete(key)

    for ask in (bucket.read, bucket.facts, bucket.path):
        with app_on.app_context(), pytest.raises(NotFound):
            ask(key)
    assert list((tmp_path / "copies").iterdir()) == []


def test_no_key_leads_out_of_the_prefix(bucket: Bucket) -> None:
    for key in ("../secrets", f"{ORGANIZATION}/recordings/../../x", "/etc/passwd", ""):
        with pytest.raises(ValueError, match="is no storage key"):
            bucket.read(key)


def test_parts_go_with_the_key_they_are_of(bucket: Bucket) -> None:
    key, other = key_of(), key_of()
    for one in (f"{key}.1", f"{key}.2", f"{other}.1", f"{other}.webm"):
        bucket.write(one, [CONTENT])

    bucket.delete(key)
    bucket.delete(f"{other}.webm")

    assert list(bucket.list_keys()) == [f"{other}.1"]


def test_an_organization_goes_alone_however_much_it_has(bucket: Bucket) -> None:
    fill(bucket, (key_of() for _ in range(1005)))
    kept = bucket.write(key_of(OTHER), [b"x"]).key

    assert len(list(bucket.list_keys(ORGANIZATION))) == 1005
    assert set(bucket.organization_ids()) == {ORGANIZATION, OTHER}
    bucket.delete_organization(ORGANIZATION)

    assert list(bucket.list_keys()) == [kept]
    assert bucket.organization_ids() == [OTHER]


def test_links_are_for_one_file_and_a_moment(app_on: Flask, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(ending=".wav")
    bucket.write(key, [CONTENT])
    with app_on.test_request_context():
        answer = bucket.send(key, mimetype="audio/wav", download_name="Küche “neu”.wav")
    link = answer.headers["Location"]

    assert answer.status_code == 302
    assert link.startswith(f"{bucket.origin}/")
    assert "X-Amz-Expires=300" in link
    with urlopen(Request(link, headers={"Range": "bytes=10-19"})) as got:  # noqa: S310 - a local address
        assert (got.status, got.read(), got.headers["Content-Type"]) == (206, CONTENT[10:20], "audio/wav")
        assert (
            got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''K%C3%BCche%20%E2%80%9Cneu%E2%80%9D.wav"
        )
        assert got.headers["Cache-Control"] == "no-store"
    with app_on.test_request_context(), pytest.raises(NotFound):
        bucket.send(key_of(), mimetype="audio/wav")


def test_what_is_encrypted_at_rest_is_asked_for(tmp_path: Path) -> None:
    with new_bucket(tmp_path, STORAGE_ENCRYPTION="AES256") as bucket:
        key = bucket.write(key_of(), [CONTENT]).key
        found = bucket._client.head_object(Bucket=bucket._at.name, Key=f"files/{key}")
        bucket.write(key, [LARGE])
        large = bucket._client.head_object(Bucket=bucket._at.name, Key=f"files/{key}")

    assert (found["ServerSideEncryption"], large["ServerSideEncryption"]) == ("AES256", "AES256")


def test_a_bucket_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="STORAGE_URL is wrong: there is no such bucket"):
        create_app(bucket_settings(tmp_path, bucket=f"bucket-{uuid4()}"))


def test_a_store_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # not listening
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(SettingsError, match="STORAGE_URL is wrong: EndpointConnectionError at"):
            open_storage(bucket_settings(tmp_path, bucket="bucket", STORAGE_ENDPOINT=address))


def test_secrets_are_told_nowhere(tmp_path: Path) -> None:
    settings = bucket_settings(tmp_path, bucket="bucket")

    assert "a secret key of tests" not in f"{settings!r} {settings}"


def test_a_store_out_of_reach_is_said_and_costs_nothing(
    app_on: Flask, client: Client, make: Factories, bucket: Bucket, tmp_path: Path
) -> None:
    organization = make.organization()
    key = key_of(organization.id, ".wav")
    bucket.write(key, [CONTENT])
    manager, call = make.user(organization, Role.MANAGER), make.call(organization, audio_url=key)
    bucket._client.meta.events.register("before-send.s3", lambda **_: (_ for _ in ()).throw(ConnectionError()))

    page = client.sign_in(manager).get(f"/calls/{call.id}/audio", status=503)

    assert "Files are unavailable right now. Nothing was saved." in page.html
    for ask in (
        lambda: bucket.write(key_of(), [CONTENT]),
        lambda: next(bucket.list_keys()),
        lambda: bucket.delete(key),
    ):
        with pytest.raises(StorageUnavailable):
            ask()
    assert list((tmp_path / "copies").iterdir()) == []


def test_uploads_that_a_killed_process_began_are_aborted(bucket: Bucket) -> None:
    ours, others = (
        bucket._client.create_multipart_upload(Bucket=bucket._at.name, Key=f"files/{key_of(organization)}")["Key"]
        for organization in (ORGANIZATION, OTHER)
    )

    assert {f"files/{file.name}" for file in bucket.list_unfinished()} == {ours, others}
    assert [file.name for file in bucket.list_unfinished(OTHER)] == [others.removeprefix("files/")]
    assert bucket.remove_unfinished(OTHER, before=datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert bucket.remove_unfinished(OTHER) == 1
    assert [file.name for file in bucket.list_unfinished()] == [ours.removeprefix("files/")]


def test_a_key_that_may_not_list_uploads_hinders_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_arguments: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListMultipartUploads")

    monkeypatch.setattr(bucket._client, "list_multipart_uploads", refuse)

    assert bucket.remove_unfinished() == 0


def test_copies_that_a_killed_process_left_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "new").touch()
    old = folder / "old"
    old.touch()
    os.utime(old, (time.time() - 90_000,) * 2)
    with new_bucket(tmp_path):
        assert [path.name for path in folder.iterdir()] == ["new"]
