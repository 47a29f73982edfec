"""Data directories with the template database, which are kept in `var/` between runs.

Initializing a cluster and migrating it takes six seconds, but copying the result takes only one. A data directory is
found by a hash of everything that determines its contents, so a change of the schema creates a new one. Neither a kept
directory nor a run's copy gets its final name before it is complete.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from app.config import PROJECT_ROOT
from app.db.embedded import EmbeddedServer, binary
from tests.support.shared import locked

STORE = PROJECT_ROOT / "var" / "test-templates"
#: Files and folders that determine the contents of a template.
SOURCES = ("migrations", "app/db", "app/models", "requirements.txt")
#: Server in the store whose data, of earlier sources, are migrated further instead of a new server's.
EARLIER = "earlier"
#: Enough for two branches.
MAX_KEPT = 2


def template_key(root: Path = PROJECT_ROOT, *, salt: str = "") -> str:
    """Return a hash of the sources under `root`, PostgreSQL's version and `salt`."""
    found = sha256(f"{_postgresql_version()}\n{salt}\n".encode())
    for path in _files_of(root):
        contents = sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(root)} {contents}\n".encode())
    return found.hexdigest()[:24]


def place_template(
    server: EmbeddedServer, make: Callable[[EmbeddedServer], None], *, salt: str = "", store: Path = STORE
) -> None:
    """Copy the kept data directory for these sources and `salt` to a server that has no data yet.

    If none is kept, start a server, let `make` fill it, stop it, and keep its data directory.
    """
    if server.data.exists():
        return
    store.mkdir(parents=True, exist_ok=True)
    with locked(store / "lock"):
        kept = store / template_key(salt=salt)
        if not kept.exists():
            _fill(kept, make)
        os.utime(kept)
        _forget_oldest(store)
        unfinished = server.home / "data.copy"
        shutil.rmtree(unfinished, ignore_errors=True)
        server.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy(kept, unfinished)
    unfinished.rename(server.data)


def _files_of(root: Path) -> Iterable[Path]:
    for name in SOURCES:
        source = root / name
        files = source.rglob("*") if source.is_dir() else [source]
        yield from sorted(path for path in files if path.is_file() and path.suffix != ".pyc")


def _postgresql_version() -> str:
    command = [str(binary("postgres")), "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _fill(kept: Path, make: Callable[[EmbeddedServer], None]) -> None:
    maker = EmbeddedServer(kept.with_name("being-made"), durable=False)
    shutil.rmtree(maker.home, ignore_errors=True)  # left by a killed run
    earlier = kept.with_name(EARLIER)
    if earlier.exists():
        earlier.rename(maker.home)
    with maker.running():
        make(maker)
    os.sync()  # the server doesn't sync: after a power cut, a complete-looking directory could have bad contents
    maker.data.rename(kept)
    shutil.rmtree(maker.home)


def _forget_oldest(store: Path) -> None:
    kept = sorted((path for path in store.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in kept[:-MAX_KEPT]:
        shutil.rmtree(path)


def _copy(source: Path, target: Path) -> None:
    """Copy a directory with owners and modes, sharing blocks if the file system supports that."""
    command = ["cp", "--archive", "--reflink=auto", "--no-target-directory", str(source), str(target)]
    subprocess.run(command, check=True)
