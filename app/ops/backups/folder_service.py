"""The directory of backups: complete ones only, each file readable by nobody else."""

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.ops.backups.manifest import BackupError, Manifest, Part, describe, read_manifest

LATEST = "latest"
_UNFINISHED = ".unfinished"
#: As `name_at` makes them: whatever else lies in the folder is somebody else's.
_OURS = re.compile(r".+-\d{8}T\d{6}_\d{6}Z\.(?:dump|tar|json)(?:\.unfinished)?")


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup: its manifest, and where that lies."""

    path: Path
    manifest: Manifest

    @property
    def dump(self) -> Path:
        """The database, in pg_dump's custom format."""
        return self.path.with_name(self.manifest.dump.name)

    @property
    def files(self) -> Path | None:
        """The tar of stored files, where the backup has one."""
        return self.path.with_name(self.manifest.files.name) if self.manifest.files else None

    def damage(self) -> list[str]:
        """What is not as it was written: a sentence for each file that is gone or differs."""
        parts = [part for part in (self.manifest.dump, self.manifest.files) if part is not None]
        return [said for part in parts if (said := _damage(self.path.with_name(part.name), part)) is not None]


class Folder:
    """Backups below `path`, which is made with the first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, wanted: str) -> Backup:
        """By the path or the name of any of its files, or `latest`. Raises BackupError."""
        if wanted == LATEST:
            found = self.list_all()
            if not found:
                raise BackupError(f"There is no backup in {self.path}. Make one with “flask backup create”.")
            return found[0]
        named = Path(wanted)
        path = named if named.exists() or named.parent != Path() else self.path / named
        manifest = path.with_name(path.name.partition(".")[0] + ".json")
        return Backup(manifest, read_manifest(manifest))

    def list_all(self) -> list[Backup]:
        """All that are complete, newest first. Raises BackupError for a manifest that cannot be read."""
        found = [Backup(path, read_manifest(path)) for path in self._ours() if path.suffix == ".json"]
        return sorted(found, key=lambda backup: backup.manifest.made_at, reverse=True)

    def prune(self, database: str, keep: int) -> list[str]:
        """Remove all but the newest `keep` backups of this database; the names of those that went."""
        backups = [backup for backup in self.list_all() if backup.manifest.database == database]
        for backup in backups[keep:]:
            # The manifest first: what is left of one that is stopped here is swept up by the next.
            for path in (backup.path, backup.dump, *((backup.files,) if backup.files else ())):
                path.unlink(missing_ok=True)
        return [backup.path.stem for backup in backups[keep:]]

    @contextmanager
    def writing(self, names: Sequence[str]) -> Iterator[None]:
        """Be the only one who writes here: all of the files `names`, or none of them where the block fails.

        What an earlier one left unfinished goes. Raises BackupError.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BackupError(f"BACKUP_DIR is wrong: {error.strerror} ({self.path}).") from None
        try:
            _take(lock, self.path)
            self._sweep()
            try:
                yield
            except BaseException:
                for name in names:
                    (self.path / name).unlink(missing_ok=True)
                raise
        finally:
            os.close(lock)

    @contextmanager
    def new_file(self, name: str) -> Iterator[Path]:
        """A place to write a file to: it gets its name, whole and on disk, at the end of a block that went well."""
        unfinished = self.path / (name + _UNFINISHED)
        try:
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            yield unfinished
            _to_disk(unfinished)
            unfinished.rename(self.path / name)
            _to_disk(self.path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def _sweep(self) -> None:
        ours = list(self._ours())
        complete = {path.stem for path in ours if path.suffix == ".json"}
        for path in ours:
            if path.suffix == _UNFINISHED or path.name.partition(".")[0] not in complete:
                path.unlink(missing_ok=True)

    def _ours(self) -> Iterator[Path]:
        if self.path.is_dir():
            yield from (path for path in self.path.iterdir() if _OURS.fullmatch(path.name))


def name_at(database: str, moment: datetime) -> str:
    """What the files of a backup are called before their first dot; they sort by time."""
    return f"{database.replace('.', '_')}-{moment:%Y%m%dT%H%M%S_%fZ}"


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(f"Another backup is being written to {path}.") from None


def _damage(path: Path, part: Part) -> str | None:
    try:
        is_same = describe(path) == part
    except OSError as error:
        return f"{part.name} can’t be read: {error.strerror}."
    return None if is_same else f"{part.name} is not what was written: its checksum differs."


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
