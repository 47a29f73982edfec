"""Storage in a bucket of an S3-compatible store.

Content is first written to a local temporary file, so its size is checked before anything is uploaded and an upload is
all or nothing. Browsers fetch files from the bucket itself through short-lived presigned links to a single file.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any, Self
from urllib.parse import quote, urlsplit
from uuid import UUID

import boto3
import structlog
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from flask import Response, current_app, g, has_app_context, redirect

from app.config import Settings, SettingsError
from app.errors import NotFound, StorageFull, StorageUnavailable, disk_error, translated_disk_errors
from app.setting_types import BucketName
from app.storage import (
    CHUNK_BYTES,
    FileFacts,
    Storage,
    StoredFile,
    UnfinishedFile,
    checked,
    copied,
    is_key,
    is_organization,
)

#: Lifetime of a link. A player whose link has expired requests another one (static/js/player.js).
LINK_SECONDS = 300
_PIECE_BYTES = 8 * 1024 * 1024
_MAX_PER_REQUEST = 1000
_LEFT_BEHIND_SECONDS = 24 * 3600
_LONGEST_UPLOAD = timedelta(hours=1)
_GONE = frozenset({"NoSuchKey", "NotFound", "404"})
_NO_ROOM = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"})
_MAY_NOT = frozenset({"AccessDenied", "403", "NotImplemented", "MethodNotAllowed"})
_ENDED = "NoSuchUpload"
_TRANSFER = TransferConfig(multipart_threshold=_PIECE_BYTES, multipart_chunksize=_PIECE_BYTES, use_threads=False)

_log = structlog.get_logger("switchboard.storage")


class Bucket(Storage):
    """Files below a prefix of a bucket.

    `client` is a boto3 client; `folder` is a local directory for files in transit.
    """

    def __init__(self, client: Any, at: BucketName, folder: Path, encryption: dict[str, str]) -> None:
        self._client, self._at, self._folder, self._encryption = client, at, folder, encryption
        found = urlsplit(self._link({}))
        self._origin = f"{found.scheme}://{found.netloc}"

    @classmethod
    def reached(cls, settings: Settings, at: BucketName) -> Self:
        """Return the bucket that `settings` configure, after writing and deleting a test file in it.

        Raises SettingsError if that fails or if the local folder for copies can't be used.
        """
        folder = settings.var_dir / "copies"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_old(folder)
        except OSError as error:
            if not folder.is_dir() or disk_error(error) is None:
                raise SettingsError(f"VAR_DIR is wrong: files can’t be kept in {folder} ({error.strerror}).") from None
        bucket = cls(_client(settings), at, folder, _encryption(settings))
        bucket._try()
        return bucket

    def _try(self) -> None:
        probe = f"{self._at.prefix}.probe"
        try:
            self._client.put_object(Bucket=self._at.name, Key=probe, Body=b"", **self._encryption)
            self._client.delete_object(Bucket=self._at.name, Key=probe)
            self._client.list_objects_v2(Bucket=self._at.name, Prefix=self._at.prefix, MaxKeys=1)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise SettingsError(f"STORAGE_URL is wrong: {_WHY.get(code, f'the store answers “{code}”')}.") from None
        except BotoCoreError as error:
            raise SettingsError(f"STORAGE_URL is wrong: {type(error).__name__} at {self.origin}.") from None

    @property
    def origin(self) -> str:
        """The origin of presigned links, in the form https://host."""
        return self._origin

    @translated_disk_errors()
    def write(self, key: str, chunks: Iterable[bytes], *, max_bytes: int | None = None) -> StoredFile:
        """Receive all of the content, then upload it."""
        name = self._name(key)
        with TemporaryFile(dir=self._folder) as file:
            size, sha256 = copied(chunks, file, max_bytes)
            file.seek(0)
            with _reaching():
                self._client.upload_fileobj(file, self._at.name, name, ExtraArgs={**self._encryption}, Config=_TRANSFER)
        return StoredFile(key, size, sha256)

    def refuse_full(self, size: int) -> None:
        """Accept any size: a bucket grows, and content in transit is on the local disk only briefly."""

    def read(self, key: str) -> Iterator[bytes]:
        """Stream the file from the bucket."""
        self.facts(key)
        return self._pieces(key)

    def _pieces(self, key: str) -> Iterator[bytes]:
        with _reaching():
            body = self._client.get_object(Bucket=self._at.name, Key=self._name(key))["Body"]
        with body:
            while True:
                with _reaching():
                    piece = body.read(CHUNK_BYTES)
                if not piece:
                    return
                yield piece

    @translated_disk_errors()
    def path(self, key: str) -> Path:
        """Download a copy of the file to this machine and return its path; `forget_copies` deletes it."""
        with NamedTemporaryFile(dir=self._folder, suffix=PurePath(key).suffix, delete=False) as file:
            copy = Path(file.name)
            try:
                with _reaching():
                    self._client.download_fileobj(self._at.name, self._name(key), file, Config=_TRANSFER)
                file.flush()
            except BaseException:
                copy.unlink()
                raise
        if not has_app_context():
            raise RuntimeError("a copy is kept for a request, a job or a command")
        g.setdefault("copies_of_files", []).append(copy)
        return copy

    def forget_copies(self) -> None:
        """Delete the copies made for the current request, job or command."""
        for copy in g.pop("copies_of_files", ()):
            copy.unlink(missing_ok=True)

    def facts(self, key: str) -> FileFacts:
        """Return size and modification time as reported by the bucket."""
        with _reaching():
            found = self._client.head_object(Bucket=self._at.name, Key=self._name(key))
        return FileFacts(found["ContentLength"], found["LastModified"])

    def send(self, key: str, *, mimetype: str, download_name: str | None = None) -> Response:
        """Redirect to the bucket, which also handles Range requests."""
        self.facts(key)
        disposition = "inline" if download_name is None else f"attachment; filename*=UTF-8''{quote(download_name)}"
        link = self._link(
            {
                "Key": self._name(key),
                "ResponseContentType": mimetype,
                "ResponseContentDisposition": disposition,
                "ResponseCacheControl": "no-store",
            }
        )
        response = current_app.make_response(redirect(link))
        response.headers["Cache-Control"] = "no-store"
        return response

    def delete(self, key: str) -> None:
        """Delete the file and, if the key has no suffix, its parts."""
        names = [self._name(key)]
        if not PurePath(key).suffix:
            names += self._names(f"{names[0]}.")
        self._delete(names)

    def list_keys(self, organization_id: UUID | None = None) -> Iterator[str]:
        """Yield the keys in the order in which the bucket lists them."""
        for name in self._names(self._prefix_of(organization_id)):
            key = name.removeprefix(self._at.prefix)
            if is_key(key):
                yield key

    def list_unfinished(self, organization_id: UUID | None = None) -> Iterator[UnfinishedFile]:
        """Yield uploads in several parts that began over an hour ago: the bucket doesn’t tell whether they go on."""
        for upload in self._unfinished_uploads(organization_id):
            yield UnfinishedFile(upload["Key"].removeprefix(self._at.prefix), upload["Initiated"])

    def remove_unfinished(self, organization_id: UUID | None = None, *, before: datetime | None = None) -> int:
        """Abort such uploads, and delete the copies on this machine that killed processes left a day ago."""
        _remove_old(self._folder)
        removed = 0
        for upload in self._unfinished_uploads(organization_id):
            if before is None or upload["Initiated"] < before:
                self._abort(upload)
                removed += 1
        return removed

    def _unfinished_uploads(self, organization_id: UUID | None) -> Iterator[dict[str, Any]]:
        began_before = datetime.now(UTC) - _LONGEST_UPLOAD
        try:
            for page in self._pages("list_multipart_uploads", Prefix=self._prefix_of(organization_id)):
                yield from (upload for upload in page.get("Uploads", ()) if upload["Initiated"] < began_before)
        except StorageUnavailable as error:
            if _code(error.__cause__) not in _MAY_NOT:
                raise
            # A lifecycle rule of the bucket has to remove them then: docs/operations.md.
            _log.warning("unfinished uploads cannot be listed", bucket=self._at.name)

    def _abort(self, upload: dict[str, Any]) -> None:
        try:
            with _reaching():
                self._client.abort_multipart_upload(
                    Bucket=self._at.name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        except StorageUnavailable as error:
            if _code(error.__cause__) != _ENDED:  # since it was listed
                raise

    def organization_ids(self) -> list[UUID]:
        """Return the organization ids found in the first component of the keys."""
        pages = self._pages("list_objects_v2", Prefix=self._at.prefix, Delimiter="/")
        found = (one["Prefix"] for page in pages for one in page.get("CommonPrefixes", ()))
        names = (prefix.removeprefix(self._at.prefix).rstrip("/") for prefix in found)
        return [UUID(name) for name in names if is_organization(name)]

    def delete_organization(self, organization_id: UUID) -> None:
        """Delete the organization's files in batches of a thousand."""
        self._delete(self._names(self._prefix_of(organization_id)))

    def _prefix_of(self, organization_id: UUID | None) -> str:
        return self._at.prefix if organization_id is None else f"{self._at.prefix}{organization_id}/"

    def _name(self, key: str) -> str:
        return self._at.prefix + checked(key)

    def _names(self, below: str) -> Iterator[str]:
        for page in self._pages("list_objects_v2", Prefix=below):
            yield from (one["Key"] for one in page.get("Contents", ()))

    def _pages(self, operation: str, **conditions: str) -> Iterator[dict[str, Any]]:
        pages = iter(self._client.get_paginator(operation).paginate(Bucket=self._at.name, **conditions))
        while True:
            with _reaching():
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _delete(self, names: Iterable[str]) -> None:
        left = iter(names)
        while some := list(islice(left, _MAX_PER_REQUEST)):
            with _reaching():
                answer = self._client.delete_objects(
                    Bucket=self._at.name, Delete={"Objects": [{"Key": name} for name in some], "Quiet": True}
                )
            if answer.get("Errors"):
                raise StorageUnavailable

    def _link(self, asked: dict[str, str]) -> str:
        way = "get_object" if asked else "list_objects_v2"
        link: str = self._client.generate_presigned_url(
            way, Params={"Bucket": self._at.name, **asked}, ExpiresIn=LINK_SECONDS
        )
        return link


_WHY = {
    "NoSuchBucket": "there is no such bucket",
    "404": "there is no such bucket",
    "AccessDenied": "the key may not put files there, list and remove them",
    "403": "the key may not put files there, list and remove them",
    "InvalidAccessKeyId": "the store does not know STORAGE_ACCESS_KEY",
    "SignatureDoesNotMatch": "STORAGE_SECRET_KEY is not that of STORAGE_ACCESS_KEY",
}


@contextmanager
def _reaching() -> Iterator[None]:
    """Translate errors of the store into the app's own: NotFound, StorageFull and StorageUnavailable.

    Except for a missing file, the original error is kept as the cause.
    """
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code in _GONE:
            raise NotFound("file") from None
        raise (StorageFull if code in _NO_ROOM else StorageUnavailable) from error
    except (BotoCoreError, ConnectionError, TimeoutError) as error:
        raise StorageUnavailable from error


def _code(error: BaseException | None) -> str | None:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else None


def _client(settings: Settings) -> Any:
    """Create the boto3 client; without configured keys, boto3 finds the machine's own (role or environment)."""
    own = settings.storage_endpoint is not None
    access, secret = settings.storage_access_key, settings.storage_secret_key
    return boto3.client(
        "s3",
        endpoint_url=str(settings.storage_endpoint).rstrip("/") if own else None,
        region_name=settings.storage_region,
        aws_access_key_id=access.get_secret_value() if access else None,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=Config(
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": "path" if own else "virtual"},
            # Stores other than Amazon's support these checksums only partly; we compute each file's digest ourselves.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _encryption(settings: Settings) -> dict[str, str]:
    if settings.storage_encryption is None:
        return {}
    wanted: dict[str, str] = {"ServerSideEncryption": settings.storage_encryption}
    if settings.storage_kms_key:
        wanted["SSEKMSKeyId"] = settings.storage_kms_key
    return wanted


def _remove_old(folder: Path) -> None:
    """Delete files left behind by killed processes."""
    before = time.time() - _LEFT_BEHIND_SECONDS
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
