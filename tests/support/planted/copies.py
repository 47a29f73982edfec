"""Disposable copies of a checkout, in which faults are planted and tests run."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

#: Folders at the root of a checkout that runs leave behind.
_LEFT_BEHIND = frozenset({".git", ".hypothesis", ".venv", "var"})
#: The folder next to a checkout with the real files that some tests read.
_SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a checkout, with the Python interpreter and the temporary folder for its test runs."""

    root: Path
    python: Path
    temporary: Path


@contextmanager
def copy_of(checkout: Path) -> Iterator[Copy]:
    """Copy `checkout` to a temporary folder that is removed after the block."""
    checkout = checkout.resolve()
    # PostgreSQL's sockets are below it, and the system limits the length of their paths.
    with TemporaryDirectory(prefix="planted-", ignore_cleanup_errors=True) as folder:
        around = Path(folder)
        root, temporary = around / "copy", around / "tmp"
        temporary.mkdir()
        shutil.copytree(checkout, root, symlinks=True, ignore=lambda above, names: _ignored(checkout, above, names))
        shared = checkout.parent / _SHARED
        if shared.exists():
            (around / _SHARED).symlink_to(shared)
        own = checkout / ".venv" / "bin" / "python"
        yield Copy(root, own if own.exists() else Path(sys.executable), temporary)


def _ignored(checkout: Path, above: str, names: list[str]) -> set[str]:
    folder = Path(above)
    if folder.name == "__pycache__":
        return {name for name in names if not name.endswith(".pyc")}  # being written by another run
    at_root = _LEFT_BEHIND if folder == checkout else frozenset[str]()
    return {name for name in names if name in at_root or name.endswith("_cache")}
