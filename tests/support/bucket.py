"""An S3-compatible store on this machine, with a bucket for each test."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from app.bucket import Bucket
from app.config import Settings
from app.open_storage import open_storage
from tests.config.test_settings import SERVER

ACCESS, SECRET = "an access key of tests", "a secret key of tests"


@cache
def store() -> str:
    """Return the URL of this process's store, which the first call starts."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


def bucket_settings(folder: Path, *, bucket: str, **values: str) -> Settings:
    """Return settings that store files in this bucket."""
    return Settings.from_env(
        {
            **SERVER,
            "VAR_DIR": str(folder),
            "STORAGE_URL": f"s3://{bucket}/files",
            "STORAGE_ENDPOINT": store(),
            "STORAGE_ACCESS_KEY": ACCESS,
            "STORAGE_SECRET_KEY": SECRET,
            **values,
        }
    )


@contextmanager
def new_bucket(folder: Path, **values: str) -> Iterator[Bucket]:
    """Create a bucket, and yield a storage that uses it."""
    name = f"bucket-{uuid4()}"
    client = boto3.client(
        "s3", endpoint_url=store(), region_name="us-east-1", aws_access_key_id=ACCESS, aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=name)
    opened = open_storage(bucket_settings(folder, bucket=name, **values))
    assert isinstance(opened, Bucket)
    yield opened
    client.close()


def fill(bucket: Bucket, keys: Iterable[str]) -> None:
    """Put a small file under each key, in the store itself: a thousand requests take five seconds."""
    stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key in keys:
        stored.put_object(bucket._at.name, bucket._name(key), b"x")
