"""Documents that tell how to add something, followed to the letter: their blocks are applied to a copy of the project.

A block under a heading that names a file changes that file. Of a block of "diff", the lines that begin with a space or
with "-" stand in the file one after the other, once; those with "-" go, and those with "+" come between them. Any other
block is a new file. A migration is `NNNN_…`, the next number, after "LAST", the newest one.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.config import PROJECT_ROOT

HOWTO = PROJECT_ROOT / "docs" / "howto"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PART = re.compile(r"^#{2,4} .*?`([\w./-]+\.\w+)`.*?$(.*?)(?=^#{2,4} |\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """What one block of a document changes in the file at `path`, from the root of the project."""

    path: str
    text: str
    is_diff: bool

    @property
    def added(self) -> list[str]:
        """The lines that are new."""
        lines = self.text.splitlines()
        return [line[1:] for line in lines if line.startswith("+")] if self.is_diff else lines

    def apply(self, root: Path) -> None:
        """Change the file under `root`. Raises ValueError where its lines are not there, or not once."""
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
    """All blocks of a document, in their order."""
    return [
        Block(path, text, language == "diff")
        for path, part in _PART.findall(document.read_text())
        for language, text in _BLOCK.findall(part)
    ]


def copy_project(target: Path) -> Path:
    """A copy of the project as it is now, without what a run leaves behind but compiled modules."""
    shutil.copytree(PROJECT_ROOT, target, ignore=_left_behind, symlinks=True)
    return target


def _left_behind(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "__pycache__":
        return {name for name in names if not name.endswith(".pyc")}  # some other run is writing it
    made = {".git", ".venv", "var"} if Path(folder) == PROJECT_ROOT else set()
    return {name for name in names if name in made or name.endswith("_cache")}


def apply_all(blocks: Iterable[Block], root: Path) -> None:
    """Apply them one after the other."""
    for block in blocks:
        block.apply(root)
