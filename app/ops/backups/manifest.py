"""What a backup says of itself: a file of JSON beside the dump, written last, so that a backup without one is none."""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.audit.heads import Head

_CHUNK_BYTES = 1024 * 1024


class BackupError(Exception):
    """A backup cannot be made, read or put back; the text is the whole message for the operator."""


class Part(BaseModel):
    """One file of a backup; the digest is SHA-256 in hexadecimal digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]  # beside the manifest, nowhere else
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """Rows per table and the newest seal of each organization are those of the very snapshot that was dumped.

    `files` is None for a backup of the database alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_at: datetime
    database: str
    server_version: str
    schema_version: str
    rows: Mapping[str, int]
    audit_heads: tuple[Head, ...]
    dump: Part
    files: Part | None = None


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`; raises BackupError, which says what is wrong with it."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BackupError(f"There is no backup {path}.") from None
    except OSError as error:
        raise BackupError(f"{path} can’t be read: {error.strerror}.") from None
    except ValidationError:
        raise BackupError(f"{path} is not the manifest of a backup.") from None


def describe(path: Path, name: str | None = None) -> Part:
    """Read the file and say what it is; `name` is what it will be called."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
        size = os.fstat(file.fileno()).st_size
    return Part(name=name or path.name, bytes=size, sha256=digest.hexdigest())
