"""The embedded server starts on demand, stops when unused, and doesn't touch the folders around its own."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.config import PROJECT_ROOT, Settings
from app.db.embedded import SUPERUSER, EmbeddedServer, EmbeddedServerError


def test_the_first_user_starts_it_and_the_last_one_stops_it(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg", durable=False)
    with server.running():
        with EmbeddedServer(tmp_path / "pg").running():
            assert server_version(server) >= 170000
        assert server.is_running()
    assert not server.is_running()


def test_it_gets_none_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {name.upper() for name in Settings.model_fields}
    for name in settings:
        monkeypatch.setenv(name, "a secret")
    server = EmbeddedServer(tmp_path / "pg", durable=False)

    with server.running():
        process_id = (server.data / "postmaster.pid").read_text().split("\n")[0]
        variables = Path("/proc", process_id, "environ").read_text().split("\0")

    names = {variable.partition("=")[0] for variable in variables}
    assert "PATH" in names
    assert not names & settings


def test_what_was_stored_is_there_after_the_next_start(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg", durable=False)
    with server.running(), psycopg.connect(server.url(SUPERUSER, "postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with server.running(), psycopg.connect(server.url(SUPERUSER, "postgres")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_server_that_outlived_its_users_is_taken_over(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg", durable=False)
    script = (
        "import os; from pathlib import Path; from app.db.embedded import EmbeddedServer\n"
        f"with EmbeddedServer(Path({str(server.home)!r})).running(): os._exit(9)"
    )
    assert subprocess.call([sys.executable, "-c", script], cwd=PROJECT_ROOT) == 9
    assert server.is_running()
    with server.running():
        assert server.is_running()
    assert not server.is_running()


def test_a_pid_file_that_names_a_stranger_does_not_keep_it_from_starting(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg", durable=False)
    with server.running():
        left_behind = (server.data / "postmaster.pid").read_text()
    stranger = left_behind.replace(left_behind.split("\n")[0], str(os.getpid()), 1)
    (server.data / "postmaster.pid").write_text(stranger)
    with server.running():
        assert server.is_running()


def test_data_that_a_kill_left_half_made_are_made_again(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg", durable=False)
    (tmp_path / "pg" / "data.new" / "base").mkdir(parents=True)
    with server.running():
        assert server_version(server) >= 170000


def test_a_path_too_long_for_a_socket_gets_one_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    server = EmbeddedServer(deep / "pg", durable=False)
    with server.running():
        assert server_version(server) >= 170000
    assert not server.socket_dir.is_relative_to(deep)


def test_folders_above_keep_their_permissions_and_the_data_are_private(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "pg", durable=False)
    with server.running():
        assert server_version(server) >= 170000
    assert permissions(closed) == 0o700
    assert permissions(server.home) == permissions(server.socket_dir) == 0o700


def test_a_folder_of_another_user_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = somebody_elses_folder(tmp_path)
    with pytest.raises(EmbeddedServerError, match=r"belongs to the user .*VAR_DIR"), EmbeddedServer(folder).running():
        pass


def test_a_server_that_does_not_start_tells_its_last_words(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg", durable=False)
    with server.running():
        pass
    (server.data / "postgresql.conf").write_text("shared_buffers = plenty\n")
    with pytest.raises(EmbeddedServerError, match="shared_buffers"), server.running():
        pass


def server_version(server: EmbeddedServer) -> int:
    with psycopg.connect(server.url(SUPERUSER, "postgres")) as connection:
        return connection.info.server_version


def permissions(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def somebody_elses_folder(tmp_path: Path) -> Path:
    """Return a folder of another user if root runs the tests, or else a path in `/etc`, which root owns."""
    if os.geteuid() != 0:
        return Path("/etc/switchboard")
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 4321, 4321)
    return folder
