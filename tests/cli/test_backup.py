"""`flask backup`: create a backup, verify that it can be read, restore it; and the nightly job of the worker."""

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from pydantic import SecretStr

from app.db.embedded import SUPERUSER
from app.db.programs import ProgramError, run_program
from app.declarations.job import JobScope, Schedule
from app.directory import Directory
from app.models import Organization, Role
from app.ops.backups import copy_service, verify_service
from app.ops.backups.jobs import verify_nightly_backup
from app.ops.backups.manifest import BackupError
from app.ops.jobs.run_service import TryAgain, perform_for_all
from app.storage import new_key
from tests.support.client import Client
from tests.support.database import WorkerDatabase, copy_template, worker_database
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def _sealed(database: WorkerDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Organization]]:
    """The name of a database with two organizations that have rows and sealed audit trails, and the first of them."""
    name = f"{database.name}_sealed"
    copy_template(database.server, name)
    installation = Installation(WorkerDatabase(name, database.server), tmp_path_factory.mktemp("sealed"))
    make = installation.make
    first, second = make.organization(slug="comfort"), make.organization()
    for organization in (first, second):
        owner = make.user(organization, role=Role.OWNER)
        make.note(make.call(organization, csr=owner), owner)
        make.task(organization, assignee=owner)
    installation.seal()
    installation.close()
    yield name, first
    _drop(database, name)


@pytest.fixture
def own_database() -> None:
    """Marks a test that changes more rows than those about backups, and so gets a database of its own."""


@pytest.fixture
def here(
    request: pytest.FixtureRequest, database: WorkerDatabase, tmp_path: Path, _sealed: tuple[str, Organization]
) -> Iterator[Installation]:
    """An installation with two organizations that have rows and sealed audit trails."""
    name, _first = _sealed
    has_own = "own_database" in request.fixturenames
    if has_own:
        name = f"{database.name}_backup"
        copy_template(database.server, name, _sealed[0])
    installation = Installation(WorkerDatabase(name, database.server), tmp_path / "var")
    installation.make.skip_numbers(100)  # those of the sealed rows are lower
    yield installation
    installation.close()
    if has_own:
        _drop(database, name)
    else:
        installation.sql("DELETE FROM backup_checks")


def _drop(database: WorkerDatabase, name: str) -> None:
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def organization(_sealed: tuple[str, Organization]) -> Organization:
    """The first of the two organizations."""
    return _sealed[1]


@pytest.fixture
def sound(here: Installation, organization: Organization) -> str:
    """The key of a stored file."""
    storage = Directory(here.settings.storage_dir)
    return storage.save(new_key(organization.id, "recordings"), BytesIO(b"sound"), max_bytes=100).key


def test_a_backup_is_whole_private_and_says_what_is_in_it(here: Installation, organization: Organization) -> None:
    result = here.run("backup", "create", "--json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    manifest = json.loads(Path(told["manifest"]).read_text())
    assert here.names() == [".dump", ".json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in here.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(here.folder.stat().st_mode) == 0o700
    # Rows of all organizations are backed up, despite row-level security.
    assert (manifest["rows"]["organizations"], manifest["rows"]["calls"]) == (2, 2)
    assert manifest["rows"]["audit_logs"] > 0
    assert len(manifest["audit_heads"]) == 2
    assert told["rows"] == sum(manifest["rows"].values())


@pytest.mark.usefixtures("own_database")
def test_a_good_backup_verifies_whatever_came_since_and_the_check_is_kept(
    here: Installation, organization: Organization, sound: str
) -> None:
    here.run("backup", "create", "--with-files")
    here.make.task(organization)
    here.seal()

    result = here.run("backup", "verify")

    assert result.exit_code == 0, result.output
    assert "is intact" in result.stdout
    assert here.sql("SELECT succeeded, findings, counts ->> 'organizations' FROM backup_checks") == [(True, [], "2")]
    assert here.copies() == []


def test_the_scratch_database_goes_however_the_command_ends(
    here: Installation, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.run("backup", "create")
    left = f"{here.database.name}_copy_left"
    with psycopg.connect(here.database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {left}")  # left by a process that was killed

    def interrupted(*_arguments: object) -> None:
        assert [name for (name,) in here.copies()] != [left]
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_service, "fill", interrupted)
    result = here.run("backup", "verify")

    assert result.exit_code != 0
    assert here.copies() == []


def test_an_installation_reads_back_one_backup_at_a_time_and_waits_for_no_other_installation(
    here: Installation, database: WorkerDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_service, "_MAX_WAIT", "50ms")
    another = database.settings(tmp_path / "another")
    with (
        copy_service.new_copy(here.settings),
        copy_service.new_copy(another),
        pytest.raises(BackupError, match="of this installation is being verified or restored"),
        copy_service.new_copy(here.settings),
    ):
        pytest.fail("Two copies at once")

    with copy_service.new_copy(here.settings) as name:
        assert name


def test_files_that_were_changed_are_found(here: Installation, sound: str) -> None:
    here.run("backup", "create", "--with-files")
    changed = [path for path in sorted(here.folder.iterdir()) if path.suffix in {".dump", ".tar"}]
    for path in changed:
        with path.open("r+b") as file:
            file.seek(-20, os.SEEK_END)
            file.write(b"!")

    result = here.run("backup", "verify", "--json")

    assert result.exit_code == 1
    expected = [f"{path.name} was changed or damaged: its checksum differs." for path in changed]
    assert json.loads(result.stdout)["findings"] == expected
    assert here.sql("SELECT succeeded, jsonb_array_length(findings) FROM backup_checks") == [(False, 2)]


def test_rows_that_do_not_come_back_are_found(here: Installation, organization: Organization) -> None:
    here.run("backup", "create")
    [manifest] = here.folder.glob("*.json")
    told = json.loads(manifest.read_text())
    told["rows"]["calls"] += 1
    told["schema_version"] = "0001_foundation"
    told["audit_heads"] = told["audit_heads"][:1]
    manifest.write_text(json.dumps(told))

    result = here.run("backup", "verify", manifest.name)

    assert result.exit_code == 1
    assert "calls: 3 rows were backed up, 2 were restored." in result.stdout
    assert "The schema was 0001_foundation" in result.stdout
    assert "The newest seals of the audit trail are not those that were backed up." in result.stdout
    assert here.copies() == []


@pytest.mark.usefixtures("own_database")
def test_a_damaged_trail_does_not_take_the_place_of_the_database(
    here: Installation, organization: Organization
) -> None:
    here.sql("UPDATE audit_logs SET actor_label = 'Nobody' WHERE organization_id = %s", organization.id)
    here.run("backup", "create")

    result = here.run("backup", "restore", "latest", "--replace", "--confirm", here.database.name)

    assert result.exit_code == 1
    assert "Nothing was replaced: the audit trail is damaged." in result.stderr
    assert f"Audit trail of {organization.id}: An entry was changed after it was sealed." in result.stderr


@pytest.mark.usefixtures("own_database")
def test_a_backup_of_a_version_to_come_does_not_take_the_place_of_the_database(
    here: Installation, organization: Organization
) -> None:
    here.sql("UPDATE alembic_version SET version_num = '9999_to_come'")
    here.run("backup", "create")

    result = here.run("backup", "restore", "latest", "--replace", "--confirm", here.database.name)

    assert result.exit_code == 1
    assert "this version of the app doesn’t know the backup’s schema, 9999_to_come." in result.stderr
    assert here.copies() == []


def test_only_the_newest_are_kept(here: Installation, organization: Organization) -> None:
    first = Path(json.loads(here.run("backup", "create", "--json").stdout)["manifest"])
    for name in ("x-20260101T000000_000000Z.dump", "x-20260102T000000_000000Z.dump.unfinished", "of-others.dump"):
        (here.folder / name).touch()

    result = here.run("backup", "create", "--keep", "1")

    assert f"Deleted: {first.stem}" in result.stdout
    assert here.names() == [".dump", ".dump", ".json"]
    assert (here.folder / "of-others.dump").exists()
    assert not first.exists()


@pytest.mark.usefixtures("own_database")
def test_a_restore_brings_back_rows_and_files_and_the_app_goes_on(
    here: Installation, organization: Organization, sound: str
) -> None:
    here.run("backup", "create", "--with-files")
    trail = here.sql("SELECT id, action, payload_hash FROM audit_logs ORDER BY id")
    Directory(here.settings.storage_dir).delete(sound)
    here.make.task(organization, title="Made after the backup")
    here.seal()

    result = here.run("backup", "restore", "latest", "--replace", "--confirm", here.database.name)

    assert result.exit_code == 0, result.output
    assert "Restored 1 stored files." in result.stdout
    assert here.sql("SELECT count(*) FROM tasks WHERE title = 'Made after the backup'") == [(0,)]
    assert here.sql("SELECT count(*) FROM calls") == [(2,)]
    # The audit trail is as it was: no trigger has recorded the restore.
    assert here.sql("SELECT id, action, payload_hash FROM audit_logs ORDER BY id") == trail
    assert Directory(here.settings.storage_dir).path(sound).read_bytes() == b"sound"
    assert here.copies() == []
    # Row-level security was restored too.
    with psycopg.connect(here.database.url("app_rw")) as connection:
        assert connection.execute("SELECT count(*) FROM calls").fetchone() == (0,)

    here.make.task(organization)
    here.seal()
    for command in (("db", "check"), ("audit", "verify")):
        assert here.run(*command).exit_code == 0, command
    client = Client(here.app()).sign_in(here.make.user(organization))
    assert client.get("/account").status == 200


@pytest.mark.usefixtures("own_database")
def test_an_empty_database_is_filled_without_a_question(
    here: Installation, organization: Organization, database: WorkerDatabase
) -> None:
    here.run("backup", "create")
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {here.database.name} WITH (FORCE)")

    elsewhere = SecretStr(database.server.url(SUPERUSER, "postgres"))
    result = here.run("backup", "restore", "latest", bootstrap_database_url=elsewhere)

    assert result.exit_code == 0, result.output
    assert here.sql("SELECT count(*) FROM organizations") == [(2,)]


@pytest.mark.usefixtures("own_database")
def test_a_database_with_something_in_it_is_not_replaced_by_mistake(
    here: Installation, organization: Organization
) -> None:
    here.run("backup", "create")
    here.make.task(organization, title="Made after the backup")

    unasked = here.run("backup", "restore", "latest")
    mistyped = here.run("backup", "restore", "latest", "--replace", "--confirm", "another")

    assert (unasked.exit_code, mistyped.exit_code) == (1, 1)
    assert "isn’t empty" in unasked.stderr
    assert "Nothing was replaced." in mistyped.stderr
    assert here.sql("SELECT count(*) FROM tasks WHERE title = 'Made after the backup'") == [(1,)]


def test_a_backup_that_is_not_there_is_a_sentence(here: Installation) -> None:
    assert "Create one with “flask backup create”." in here.run("backup", "verify").stderr
    assert "doesn’t exist" in here.run("backup", "verify", "nothing.dump").stderr


def test_without_the_right_addresses_each_command_says_which(here: Installation, organization: Organization) -> None:
    assert "BACKUP_DATABASE_URL" in here.run("backup", "create", backup_database_url=None).stderr
    here.run("backup", "create")
    assert "BOOTSTRAP_DATABASE_URL" in here.run("backup", "verify", bootstrap_database_url=None).stderr


def nightly(here: Installation, **changes: object) -> None:
    """Run the nightly verification as the scheduler would."""
    perform_for_all(here.app(**changes), verify_nightly_backup, 1)


def test_each_night_a_backup_is_made_and_verified(here: Installation, organization: Organization) -> None:
    here.run("backup", "create")
    nightly(here, backups_kept=1)

    assert verify_nightly_backup.schedule == Schedule("30 3 * * *", JobScope.SYSTEM)
    assert here.names() == [".dump", ".json"]
    assert here.sql("SELECT succeeded FROM backup_checks") == [(True,)]


def test_a_night_in_which_it_cannot_be_done_is_on_record(here: Installation) -> None:
    nightly(here, bootstrap_database_url=None)

    [(succeeded, [finding])] = here.sql("SELECT succeeded, findings FROM backup_checks")
    assert succeeded is False
    assert "BOOTSTRAP_DATABASE_URL" in finding


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "can’t be written"),
        (ProgramError("pg_dump failed: No space left on device", is_storage_fault=True), "pg_dump failed"),
    ],
)
def test_for_want_of_space_it_is_on_record_and_tried_again(
    here: Installation, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("app.ops.backups.create_service.run_program", fail)
    for tries in (1, 9):
        with pytest.raises(TryAgain) as again:
            perform_for_all(here.app(), verify_nightly_backup, tries)
        assert again.value.at <= datetime.now(UTC) + timedelta(hours=1)

    findings = [finding for succeeded, [finding] in here.sql("SELECT succeeded, findings FROM backup_checks")]
    assert [words in finding for finding in findings] == [True, True]
    assert here.names() == []


def test_a_program_that_finds_a_full_disk_says_so(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump: error: could not write: No space left on device' >&2\nexit 1\n")
    program.chmod(0o700)

    with pytest.raises(ProgramError) as failed:
        run_program(program, [], "dbname=none", lambda _line: None)
    assert failed.value.is_storage_fault


def test_everything_may_lie_in_a_folder_with_a_space() -> None:
    # Not in pytest's own folder, whose path is too long for a Unix socket.
    with TemporaryDirectory(prefix="a folder ") as folder, worker_database(Path(folder), "spaced") as database:
        here = Installation(database, Path(folder) / "its files")
        here.settings = here.settings.model_copy(update={"backup_dir": Path(folder) / "its backups"})
        organization = here.make.organization()
        storage = Directory(here.settings.storage_dir)
        sound = storage.save(new_key(organization.id, "recordings"), BytesIO(b"sound"), max_bytes=100).key
        here.seal()

        for command in (("create", "--with-files"), ("verify",)):
            done = here.run("backup", *command)
            assert done.exit_code == 0, done.output
        storage.delete(sound)
        back = here.run("backup", "restore", "latest", "--replace", "--confirm", database.name)
        nightly(here)
        checks = here.sql("SELECT succeeded, findings FROM backup_checks")
        here.close()

        assert back.exit_code == 0, back.output
        assert storage.path(sound).read_bytes() == b"sound"
        assert checks == [(True, [])]


def test_it_can_be_switched_off(here: Installation) -> None:
    nightly(here, daily_backup=False)

    assert not here.folder.exists()
    assert here.sql("SELECT count(*) FROM backup_checks") == [(0,)]
