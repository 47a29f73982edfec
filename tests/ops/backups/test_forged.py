"""Forged backup files, which are rejected with a message and can't affect files elsewhere."""

import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from app.directory import Directory
from app.ops.backups.file_service import SUMS, check_files, read_files
from app.ops.backups.folder_service import Folder
from app.ops.backups.manifest import BackupError


@pytest.mark.parametrize("name", ["../elsewhere.dump", "/etc/passwd", "--file=x", ""])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    part = {"name": name, "bytes": 1, "sha256": "0"}
    facts = {"made_at": "2026-01-01T00:00:00Z", "database": "x", "server_version": "18", "schema_version": "x"}
    (tmp_path / "forged.json").write_text(json.dumps({**facts, "rows": {}, "audit_heads": [], "dump": part}))

    with pytest.raises(BackupError, match=r"forged\.json isn’t the manifest of a backup"):
        Folder(tmp_path).find("forged.json")


@pytest.mark.parametrize("listed", [None, b"one word", b"00  gone\n", b"00  ../../x\n"])
def test_a_tar_that_is_not_ours_is_a_sentence(tmp_path: Path, listed: bytes | None) -> None:
    archive = tmp_path / "forged.tar"
    with tarfile.open(archive, "w") as tar:
        for name, content in (("../../x", b"x"), *(((SUMS, listed),) if listed else ())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, BytesIO(content))

    with pytest.raises(BackupError, match=r"forged\.tar isn’t a tar archive of stored files"):
        read_files(archive, Directory(tmp_path / "storage"))
    assert not list(tmp_path.rglob("x"))


def test_what_is_no_tar_at_all_is_a_sentence_too(tmp_path: Path) -> None:
    archive = tmp_path / "forged.tar"
    archive.write_bytes(b"no tar")

    with pytest.raises(BackupError, match=r"forged\.tar isn’t a tar archive of stored files"):
        check_files(archive)
