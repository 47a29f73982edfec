"""Code blocks of the how-to documents, applied literally to a copy of the project.

A block under a heading that names a file changes that file. In a "diff" block, the lines that begin with a space or "-"
must occur in the file consecutively and exactly once; those with "-" are removed, and those with "+" are inserted
between them. Any other block is a new file. A migration is named `NNNN_…`, where `NNNN` stands for the next number, and
"LAST" for the newest existing migration. Lines of "sh" blocks that begin with `.venv/bin/flask` are run first.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.config import PROJECT_ROOT
from app.db.embedded import EmbeddedServer
from tests.support.database import SECRET_KEY, make_template
from tests.support.template_store import EARLIER, STORE, place_template

HOWTO = PROJECT_ROOT / "docs" / "howto"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\.venv/bin/flask (.*)$", re.MULTILINE)
_PART = re.compile(r"^#{2,4} .*?`([\w./-]+\.\w+)`.*?$(.*?)(?=^#{2,4} |\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a document that creates or changes the file at `path`, relative to the project's root."""

    path: str
    text: str
    is_diff: bool

    @property
    def added(self) -> list[str]:
        """Lines that the block adds to the file."""
        lines = self.text.splitlines()
        return [line[1:] for line in lines if line.startswith("+")] if self.is_diff else lines

    def apply(self, root: Path) -> None:
        """Create or change the file under `root`.

        Raises ValueError if the lines of a "diff" block don't occur exactly once.
        """
        last = max(path.stem for path in (root / "migrations" / "versions").glob("*.py"))
        number = f"{int(last[:4]) + 1:04}"
        path = root / self.path.replace("NNNN", number)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self.text.replace("NNNN", number).replace('"LAST"', f'"{last}"')
        path.write_text(self._changed(path.read_text()) if self.is_diff else text)

    def _changed(self, before: str) -> str:
        lines = self.text.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line.startswith((" ", "-")))
        if before.count(old) != 1:
            raise ValueError(f"{self.path} has these lines {before.count(old)} times, not once:\n{old}")
        return before.replace(old, "".join(line[1:] for line in lines if not line.startswith("-")))


def blocks_of(document: Path) -> list[Block]:
    """Return all blocks of a document, in order."""
    return [
        Block(path, text, language == "diff")
        for path, part in _PART.findall(document.read_text())
        for language, text in _BLOCK.findall(part)
    ]


def copy_project(target: Path) -> Path:
    """Copy the project to `target` without the artifacts of earlier runs, except compiled modules."""
    shutil.copytree(PROJECT_ROOT, target, ignore=_left_behind, symlinks=True)
    return target


def bring_template(root: Path) -> None:
    """Give the copy of the project the template of this one, to which its tests apply only the added migrations."""
    store = root / STORE.relative_to(PROJECT_ROOT)
    place_template(EmbeddedServer(store / EARLIER, durable=False), make_template, salt=SECRET_KEY)


def copy_changed_files(document: Path, target: Path) -> Path:
    """Copy only the files that a document's blocks change, and the migrations, which number new ones, to `target`."""
    changed = {block.path for block in blocks_of(document) if block.is_diff}
    for path in changed:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / path, target / path)
    migrations = Path("migrations", "versions")
    shutil.copytree(PROJECT_ROOT / migrations, target / migrations, ignore=_left_behind, dirs_exist_ok=True)
    return target


def _left_behind(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "__pycache__":
        return {name for name in names if not name.endswith(".pyc")}  # being written by another run
    made = {".git", ".venv", "var"} if Path(folder) == PROJECT_ROOT else set()
    return {name for name in names if name in made or name.endswith("_cache")}


def commands_of(document: Path) -> list[str]:
    """Return the arguments of each `flask` command in a document, in order."""
    shells = (text for language, text in _BLOCK.findall(document.read_text()) if language == "sh")
    return [command for text in shells for command in _COMMAND.findall(text)]


def follow(document: Path, root: Path) -> None:
    """Run the commands of a document and apply its blocks, in a copy of the project."""
    for command in commands_of(document):
        run_in(root, "flask", *command.split())
    apply_all(blocks_of(document), root)


def run_in(root: Path, *command: str) -> None:
    """Run a Python module in the copy of the project; if it fails, fail with its output."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-50000:] + done.stderr[-5000:]


def apply_all(blocks: Iterable[Block], root: Path) -> None:
    """Apply the blocks one after the other."""
    for block in blocks:
        block.apply(root)
