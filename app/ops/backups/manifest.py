"""Manifest of a backup: a JSON file next to the dump.

It is written last, so a backup without a manifest is incomplete.
"""

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
    """Failure to create, read or restore a backup; the text is the complete message for the operator.

    `is_storage_fault` is true if storage is the only cause (`app.errors.is_storage_fault`).
    """

    def __init__(self, message: str, *, is_storage_fault: bool = False) -> None:
        super().__init__(message)
        self.is_storage_fault = is_storage_fault


class Part(BaseModel):
    """One file of a backup; the digest is SHA-256 in hexadecimal digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]  # in the manifest's own folder, nowhere else
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """Contents of a backup: its files, and rows per table and newest seals from the snapshot of the dump.

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
    """Read the manifest at `path`. Raises BackupError, which states the problem."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BackupError(f"The backup {path} doesn’t exist.") from None
    except OSError as error:
        raise BackupError(f"{path} can’t be read: {error.strerror}.") from None
    except ValidationError:
        raise BackupError(f"{path} isn’t the manifest of a backup.") from None


def describe(path: Path, name: str | None = None) -> Part:
    """Return size and digest of the file at `path`; `name` is its future name, if it differs."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
        size = os.fstat(file.fileno()).st_size
    return Part(name=name or path.name, bytes=size, sha256=digest.hexdigest())
