"""Archive of the stored files (audio, uploads, exports).

It is a tar whose last member contains the digests of the files.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.errors import NotFound
from app.ops.backups.manifest import BackupError
from app.storage import Storage, is_key

SUMS = "SHA256SUMS"
_CHUNK_BYTES = 1024 * 1024


def write_files(storage: Storage, target: Path) -> int:
    """Write all stored files into `target` and return their number.

    Files deleted in the meantime are left out. Call it after the database has been dumped: a file is stored before the
    row that refers to it.
    """
    sums: list[str] = []
    with tarfile.open(target, "w") as tar:
        for key in storage.list_keys():
            try:
                file = storage.path(key).open("rb")
            except (NotFound, FileNotFoundError):
                continue
            with file:
                member = tarfile.TarInfo(key)
                member.size, member.mode = os.fstat(file.fileno()).st_size, 0o600
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                file.seek(0)
                tar.addfile(member, file)
            storage.forget_copies()
            sums.append(f"{digest}  {key}\n")
        listed = "".join(sums).encode()
        last = tarfile.TarInfo(SUMS)
        last.size, last.mode = len(listed), 0o600
        tar.addfile(last, io.BytesIO(listed))
    return len(sums)


def read_files(archive: Path, into: Storage) -> int:
    """Restore the files of `archive`, replacing those with the same key, and return their number.

    Raises BackupError for a file whose digest differs, and if `archive` is not a tar of stored files.
    """
    with _opened(archive) as tar:
        sums = _sums(tar)
        for key, digest in sums.items():
            content = tar.extractfile(key)
            if content is None or not is_key(key):
                raise KeyError(key)
            with content:
                stored = into.write(key, iter(partial(content.read, _CHUNK_BYTES), b""))
            if stored.sha256 != digest:
                into.delete(key)
                raise BackupError(f"{archive.name} is damaged: {key} differs from the stored file.")
    return len(sums)


def check_files(archive: Path) -> list[str]:
    """List the problems with the files in `archive`, a sentence each.

    Raises BackupError if `archive` is not a tar of stored files.
    """
    with _opened(archive) as tar:
        return [
            f"{key} differs from the stored file." for key, digest in _sums(tar).items() if _digest(tar, key) != digest
        ]


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    """Open a tar from an untrusted source. Raises BackupError."""
    try:
        with tarfile.open(archive, "r:") as tar:
            yield tar
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise BackupError(f"{archive.name} isn’t a tar archive of stored files: {error}.") from None


def _sums(tar: tarfile.TarFile) -> dict[str, str]:
    listed = tar.extractfile(SUMS)
    if listed is None:
        raise KeyError(SUMS)
    pairs = (line.split("  ", 1) for line in listed.read().decode().splitlines())
    return {key: digest for digest, key in pairs}


def _digest(tar: tarfile.TarFile, key: str) -> str:
    content, digest = tar.extractfile(key), hashlib.sha256()
    while content and (chunk := content.read(_CHUNK_BYTES)):
        digest.update(chunk)
    return digest.hexdigest()
