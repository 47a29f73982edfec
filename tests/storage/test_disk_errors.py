"""Errors of the disk below the storage: full, read-only or failing, in any operation."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from app import directory as module
from app.config import Settings, SettingsError
from app.directory import Directory
from app.errors import StorageBroken, StorageFull, StorageReadOnly
from app.open_storage import choose_temporary_folder
from app.storage import new_key
from app.tables import zip_rules
from app.tables.file_rules import open_table

ORGANIZATION = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
KEY = new_key(ORGANIZATION, "imports")
KINDS = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EROFS: StorageReadOnly,
    errno.EIO: StorageBroken,
}

#: Where an operation can fail: the object and the name of what it calls, and the operation.
STEPS: dict[str, tuple[object, str, Callable[[Directory], object]]] = {
    "folder": (Path, "mkdir", lambda opened: opened.write(KEY, [b"x"])),
    "new file": (module, "NamedTemporaryFile", lambda opened: opened.write(KEY, [b"x"])),
    "content": (module, "copied", lambda opened: opened.write(KEY, [b"x"])),
    "to the disk": (os, "fsync", lambda opened: opened.write(KEY, [b"x"])),
    "name": (Path, "rename", lambda opened: opened.write(KEY, [b"x"])),
    "space": (shutil, "disk_usage", lambda opened: opened.refuse_full(1)),
    "path": (Path, "is_file", lambda opened: opened.path(KEY)),
    "facts": (Path, "stat", lambda opened: opened.facts(KEY)),
    "reading": (Path, "open", lambda opened: [*opened.read(KEY)]),
    "deletion": (Path, "unlink", lambda opened: opened.delete(KEY)),
    "list": (os, "scandir", lambda opened: [*opened.list_keys()]),
    "remains": (os, "scandir", lambda opened: opened.remove_unfinished(ORGANIZATION)),
    "organizations": (Path, "iterdir", lambda opened: opened.organization_ids()),
    "organization": (shutil, "rmtree", lambda opened: opened.delete_organization(ORGANIZATION)),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"VAR_DIR": str(tmp_path)})


def failing(number: int) -> Callable[..., Any]:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(number, "as the disk says")

    return fail


@pytest.mark.parametrize("number", KINDS, ids=errno.errorcode.__getitem__)
@pytest.mark.parametrize("step", STEPS)
def test_each_operation_names_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    opened = Directory(tmp_path)
    opened.write(KEY, [b"before"])
    place, name, operation = STEPS[step]

    with monkeypatch.context() as patched:
        patched.setattr(place, name, failing(number))
        with pytest.raises(KINDS[number]):
            operation(opened)

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [KEY.rpartition("/")[2]]
    assert opened.path(KEY).read_bytes() == b"before"


def test_a_listing_of_an_organization_without_files_is_empty(tmp_path: Path) -> None:
    assert [*Directory(tmp_path).list_keys(ORGANIZATION)] == []


@pytest.mark.parametrize("number", KINDS, ids=errno.errorcode.__getitem__)
def test_a_zip_file_is_not_called_damaged_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    with ZipFile(tmp_path / "calls.zip", "w") as packed:
        packed.writestr("calls.csv", "topic\nroof\n")
    monkeypatch.setattr(zip_rules, "_unpack", failing(number))

    with pytest.raises(KINDS[number]), open_table(tmp_path / "calls.zip"):
        pass


@pytest.mark.parametrize("number", KINDS, ids=errno.errorcode.__getitem__)
def test_an_existing_folder_is_opened_on_such_a_disk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(module, "TemporaryFile", failing(number))

    opened = Directory.made(settings)

    assert [*opened.list_keys()] == []


def test_temporary_files_fail_with_the_reason_if_a_process_started_without_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with monkeypatch.context() as full:
        full.setattr(tempfile._os, "write", failing(errno.ENOSPC))  # type: ignore[attr-defined]
        full.setattr(tempfile._io, "open", failing(errno.ENOSPC))  # type: ignore[attr-defined]
        choose_temporary_folder()

        with pytest.raises(OSError, match="as the disk says") as raised:
            tempfile.NamedTemporaryFile()  # noqa: SIM115 - it isn't made

    assert raised.value.errno == errno.ENOSPC


def test_a_folder_that_was_never_made_is_missed_at_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", failing(errno.EROFS))

    with pytest.raises(SettingsError, match="VAR_DIR is wrong"):
        Directory.made(settings)
