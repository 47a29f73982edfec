"""Storage in a directory: files are saved completely or not at all, and served in parts on request.

No key leads outside the root.
"""

import errno
import io
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask, Response

from app.directory import Directory
from app.errors import NotFound, PayloadTooLarge
from app.storage import new_key

ORGANIZATION = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
CONTENT = b"0123456789" * 100


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def storage(root: Path) -> Directory:
    return Directory(root)


@pytest.fixture
def key() -> str:
    return new_key(ORGANIZATION, "imports")


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def _whole(answer: Response) -> Response:
    """Read the body of a response, close its file, and return the response."""
    answer.make_sequence()
    answer.close()
    return answer


def test_a_saved_file_is_found_by_its_key(storage: Directory, key: str) -> None:
    stored = storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))

    assert (stored.key, stored.size, stored.sha256) == (key, len(CONTENT), sha256(CONTENT).hexdigest())
    assert storage.path(key).read_bytes() == CONTENT


def test_keys_tell_organization_and_kind(key: str) -> None:
    assert key.startswith(f"{ORGANIZATION}/imports/")
    assert key != new_key(ORGANIZATION, "imports")


def test_a_file_that_is_too_large_leaves_nothing_behind(storage: Directory, root: Path, key: str) -> None:
    with pytest.raises(PayloadTooLarge):
        storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT) - 1)

    assert _files(root) == []


def test_an_upload_that_breaks_off_leaves_nothing_behind(storage: Directory, root: Path, key: str) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        storage.save(key, Broken(), max_bytes=100)

    assert _files(root) == []


def test_a_file_can_be_written_piece_by_piece(storage: Directory, key: str) -> None:
    stored = storage.write(key, (CONTENT for _ in range(3)))

    assert (stored.size, stored.sha256) == (3 * len(CONTENT), sha256(CONTENT * 3).hexdigest())
    assert storage.path(key).read_bytes() == CONTENT * 3


def test_pieces_that_stop_coming_leave_nothing_behind(storage: Directory, root: Path, key: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionError

    with pytest.raises(ConnectionError):
        storage.write(key, pieces())

    assert _files(root) == []


def test_saving_again_replaces_the_whole_file(storage: Directory, key: str) -> None:
    storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))
    storage.save(key, io.BytesIO(b"short"), max_bytes=len(CONTENT))

    assert storage.path(key).read_bytes() == b"short"


def test_nobody_else_may_read_it(storage: Directory, key: str) -> None:
    storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))

    assert storage.path(key).stat().st_mode & 0o077 == 0


def test_a_deleted_file_is_not_found_and_may_be_deleted_again(storage: Directory, key: str) -> None:
    storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))

    storage.delete(key)
    storage.delete(key)

    with pytest.raises(NotFound):
        storage.path(key)


@pytest.mark.parametrize("suffix", ["", ".csv", "/part-3", "/part-3.webm"])
def test_a_part_of_a_larger_thing_has_a_key_below_it(storage: Directory, key: str, suffix: str) -> None:
    storage.save(key + suffix, io.BytesIO(CONTENT), max_bytes=len(CONTENT))

    assert storage.path(key + suffix).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "/etc/passwd",
        "../secret_key",
        f"{ORGANIZATION}/imports/../../secret_key",
        f"{ORGANIZATION}/imports/{ORGANIZATION}/../../../secret_key",
        f"{ORGANIZATION}/imports/{ORGANIZATION}/.hidden",
        f"{ORGANIZATION}/imports/{ORGANIZATION}\n",
        f"{ORGANIZATION}/imports/my calls.csv",
    ],
)
def test_what_is_no_key_reaches_no_file(storage: Directory, root: Path, bad: str) -> None:
    (root.parent / "secret_key").write_text("secret")

    with pytest.raises(ValueError, match="no storage key"):
        storage.path(bad)
    with pytest.raises(ValueError, match="no storage key"):
        storage.save(bad, io.BytesIO(CONTENT), max_bytes=len(CONTENT))
    with pytest.raises(ValueError, match="no storage key"):
        storage.delete(bad)


def test_a_player_gets_the_part_it_asks_for(storage: Directory, key: str) -> None:
    storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))

    with Flask(__name__).test_request_context(headers={"Range": "bytes=10-19"}):
        answer = _whole(storage.send(key, mimetype="audio/mpeg"))

        assert answer.status_code == 206
        assert answer.data == CONTENT[10:20]
        assert answer.headers["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"
        assert answer.mimetype == "audio/mpeg"


def test_a_download_has_the_name_that_people_know(storage: Directory, key: str) -> None:
    storage.save(key, io.BytesIO(CONTENT), max_bytes=len(CONTENT))

    with Flask(__name__).test_request_context():
        answer = _whole(storage.send(key, mimetype="text/csv", download_name="rejected rows.csv"))

        assert answer.data == CONTENT
        assert 'attachment; filename="rejected rows.csv"' in answer.headers["Content-Disposition"]


class TestKilledWriters:
    """Processes that are killed while they write, as by the system when memory runs out."""

    @staticmethod
    def write_and_be_killed(storage: Directory, pieces: int) -> tuple[str, str]:
        """Let a process store one file and be killed after some pieces of another; return both keys."""
        confirmed, unfinished = new_key(ORGANIZATION, "recordings"), new_key(ORGANIZATION, "recordings")

        def until_killed() -> Iterator[bytes]:
            yield from repeat(CONTENT, pieces)
            os.kill(os.getpid(), signal.SIGKILL)

        process = os.fork()
        if process == 0:
            try:
                storage.write(confirmed, [CONTENT])
                storage.write(unfinished, until_killed())
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
        return confirmed, unfinished

    def test_nothing_of_their_files_is_left_a_day_later(self, storage: Directory, root: Path) -> None:
        keys = [self.write_and_be_killed(storage, pieces) for pieces in range(30)]
        confirmed = sorted(key for key, _unfinished in keys)
        left = {file.name for file in storage.list_unfinished()}

        assert len(left) == 30
        assert sorted(storage.list_keys()) == confirmed
        assert storage.remove_unfinished(before=datetime.now(UTC) - timedelta(days=1)) == 0
        assert {file.name for file in storage.list_unfinished()} == left
        assert storage.remove_unfinished(before=datetime.now(UTC) + timedelta(seconds=1)) == 30
        assert sorted(path.relative_to(root).as_posix() for path in _files(root)) == confirmed
        assert all(storage.path(key).read_bytes() == CONTENT for key in confirmed)

    def test_a_file_that_is_being_written_is_not_taken_for_theirs(self, storage: Directory, key: str) -> None:
        removed = []

        def pieces() -> Iterator[bytes]:
            yield CONTENT
            removed.append(storage.remove_unfinished())
            yield CONTENT

        storage.write(key, pieces())

        assert removed == [0]
        assert storage.path(key).read_bytes() == CONTENT * 2

    def test_another_organization_keeps_its_own(self, storage: Directory) -> None:
        self.write_and_be_killed(storage, 1)

        assert storage.remove_unfinished(UUID(int=1)) == 0
        assert storage.remove_unfinished(ORGANIZATION) == 1

    def test_without_locks_a_file_is_theirs_after_an_hour(
        self, storage: Directory, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_locks(*_arguments: object) -> None:
            raise OSError(errno.ENOLCK, "no locks")

        monkeypatch.setattr("app.directory.fcntl.flock", no_locks)
        self.write_and_be_killed(storage, 1)
        (path,) = (path for path in _files(root) if path.name.startswith("."))

        assert list(storage.list_unfinished()) == []
        os.utime(path, (time.time() - 3601,) * 2)
        assert len(list(storage.list_unfinished())) == 1
