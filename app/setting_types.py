"""Types of settings: the URL of a database, of a mail server, and of a bucket."""

import re
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


def _check_postgres(url: SecretStr) -> SecretStr:
    """Raise ValueError unless `url` is a database URL.

    The message doesn't repeat the URL, which can contain a password.
    """
    value = url.get_secret_value()
    if not value.startswith("postgresql://"):
        raise ValueError("it must start with postgresql://")
    try:
        has_database = bool(conninfo_to_dict(value).get("dbname")) and bool(make_url(value).database)
    except (ProgrammingError, ArgumentError, ValueError):
        raise ValueError("it must be postgresql://user:password@host:port/database") from None
    if not has_database:
        raise ValueError("it must end with the name of a database: postgresql://user:password@host/database")
    return url


PostgresUrl = Annotated[SecretStr, AfterValidator(_check_postgres)]


def check_mail_address(url: str) -> None:
    """Raise ValueError unless `url` is the URL of a mail server."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("it must be smtp://user:password@host:port, or smtps:// for TLS from the start")


class BucketName(NamedTuple):
    """A bucket, and the prefix of all names in it: empty, or a folder that ends with a slash."""

    name: str
    prefix: str


def bucket_of(url: str) -> BucketName | None:
    """Return the bucket of a URL such as `s3://name/folder`, or None for any other text."""
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9][A-Za-z0-9._-]*)*)/?", url)
    return BucketName(match[1], f"{match[2][1:]}/" if match[2] else "") if match else None
