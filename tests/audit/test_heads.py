"""The file of heads on a disk that is full: no half a line stays, and none swallows the next."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from app.audit.heads import Head, HeadsFile

ORGANIZATION = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def head(seq: int) -> Head:
    return Head(ORGANIZATION, seq, f"{seq:064x}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heads.jsonl"


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """Let files grow to `size` bytes and no further, as on a disk with that much space."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def add_to_full(path: Path, seq: int) -> None:
    """Add a head to a disk that takes only the beginning of its line."""
    with full_after(path.stat().st_size + 40), pytest.raises(OSError, match="File too large"):
        HeadsFile(path).add(head(seq))


def test_a_head_that_does_not_fit_leaves_nothing(path: Path) -> None:
    HeadsFile(path).add(head(1))
    before = path.read_bytes()

    add_to_full(path, 2)

    assert path.read_bytes() == before
    HeadsFile(path).add(head(3))
    assert HeadsFile(path).of(ORGANIZATION).keys() == {1, 3}


def test_half_a_head_in_a_file_that_only_grows_is_followed_by_a_new_line(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: int) -> None:
        raise PermissionError

    HeadsFile(path).add(head(1))
    monkeypatch.setattr(os, "ftruncate", refuse)

    add_to_full(path, 2)
    HeadsFile(path).add(head(3))

    assert len(path.read_text().splitlines()) == 3
    assert HeadsFile(path).of(ORGANIZATION).keys() == {1, 3}


def test_a_head_behind_half_a_line_of_before_is_read(path: Path) -> None:
    HeadsFile(path).add(head(1))
    path.write_text(path.read_text()[:50] + path.read_text())

    assert HeadsFile(path).of(ORGANIZATION) == {1: {head(1).hash}}
