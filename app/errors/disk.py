"""Domain errors for the errors of a disk: full, read-only or failing."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.errors.base import DomainError
from app.errors.service import StorageBroken, StorageFull, StorageReadOnly

_BY_NUMBER: Mapping[int, type[DomainError]] = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EROFS: StorageReadOnly,
    errno.EIO: StorageBroken,
}
#: By SQLSTATE of a database whose disk is full or failing.
DISK_SQLSTATES: Mapping[str, type[DomainError]] = {"53100": StorageFull, "58030": StorageBroken}


def disk_error(error: BaseException) -> DomainError | None:
    """Return the domain error for an OSError of a disk, or None for any other error."""
    kind = _BY_NUMBER.get(error.errno or 0) if isinstance(error, OSError) else None
    return kind() if kind else None


@contextmanager
def translated_disk_errors() -> Iterator[None]:
    """Raise errors of a disk inside the block as StorageFull, StorageReadOnly or StorageBroken; also a decorator."""
    try:
        yield
    except OSError as error:
        if (translated := disk_error(error)) is None:
            raise
        raise translated from error


def is_storage_fault(error: BaseException) -> bool:
    """Return whether storage that is full, unavailable, read-only or failing is the only cause of the error.

    It can be storage of files or of the database.
    """
    cause = getattr(error, "orig", error)
    return (
        disk_error(error) is not None
        or getattr(error, "is_storage_fault", False) is True
        or getattr(cause, "sqlstate", None) in DISK_SQLSTATES
    )


def mentions_storage_fault(message: str) -> bool:
    """Return whether a program's English message contains the text of such an error of the operating system."""
    return any(os.strerror(number) in message for number in _BY_NUMBER)
