"""The folder of backups: files of interrupted ones are removed, those being written are not."""

from pathlib import Path

import pytest

from app.ops.backups.folder_service import Folder
from app.ops.backups.manifest import BackupError

NAME = "switchboard-20261129T033000_000000Z"


def test_files_of_interrupted_backups_are_removed_unless_one_is_being_written(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "backups")
    folder.remove_unfinished()
    with folder.writing([f"{NAME}.tar"]):
        (folder.path / f"{NAME}.tar.unfinished").write_bytes(b"sound")
        with pytest.raises(BackupError, match="Another backup is being written"):
            folder.remove_unfinished()
        assert (folder.path / f"{NAME}.tar.unfinished").exists()
    (folder.path / "notes.txt").touch()

    folder.remove_unfinished()

    assert sorted(path.name for path in folder.path.iterdir()) == [".lock", "notes.txt"]
