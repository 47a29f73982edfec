"""`python -m tests.howto.leave_one_out`: follow docs/howto/add-a-column.md with one block missing.

Each block is omitted in turn. Prints a table row for each: the block, the check that fails, and the line that names
what is missing.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from app.config import PROJECT_ROOT
from tests.support.howto import Block, apply_all, blocks_of, copy_project

DOCUMENT = PROJECT_ROOT / "docs" / "howto" / "add-a-column.md"
BIN = Path(sys.executable).parent
PYTEST = (str(BIN / "pytest"), "-q", "-x", "-p", "no:cacheprovider", "-n", "0")
#: Path of the column's own test in the copy.
PROOF = "tests/work/test_urgency.py"
#: Ordered as in `make test`.
CHECKS: dict[str, tuple[str, ...]] = {
    "lint": (str(BIN / "ruff"), "check", "--output-format", "concise", "."),
    "types": (str(BIN / "mypy"), "app", "demo", "wsgi.py"),
    **{
        path: (*PYTEST, path)
        for path in (
            "tests/declarations/test_fields.py",
            "tests/db/test_migrations.py",
            "tests/contract/test_tables.py",
            "tests/demo/test_fields.py",
            PROOF,
        )
    },
}
NAMES = ("urgency", "Urgency")
_NAME = re.compile(r"\w+")


def failure(copy: Path) -> tuple[str, str]:
    """Return the first check that fails in `copy`, and its first line that names the column."""
    for name, command in CHECKS.items():
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        if done.returncode:
            said = [line.strip() for line in done.stdout.splitlines() if any(one in line for one in NAMES)]
            errors = [line.removeprefix("E ").strip() for line in said if line.startswith("E ") or name in CHECKS]
            return name, (errors or ["(does not name it)"])[0]
    return "none", ""


def main() -> None:
    """Print the table of all blocks."""
    blocks = blocks_of(DOCUMENT)
    imports = [block for block in blocks if block.is_diff and all(map(_is_imported, block.added))]
    click.echo("| Left out | Found by | It says |\n| --- | --- | --- |")
    for left_out in (block for block in blocks if block not in imports):
        # Imports that only this block uses are left out too: an unused import would be too easily found.
        rest = [line for block in blocks if block.path == left_out.path for line in _used(block, left_out, imports)]
        gone = [left_out, *(block for block in imports if block.path == left_out.path and not _is_used(block, rest))]
        with TemporaryDirectory() as folder:
            copy = copy_project(Path(folder) / "project")
            subprocess.run(["cp", "-r", str(PROJECT_ROOT / ".mypy_cache"), str(copy)], check=False)  # noqa: S607 - coreutils
            apply_all((block for block in blocks if block not in gone), copy)
            shutil.copy(PROJECT_ROOT / "tests" / "howto" / "urgency.py", copy / PROOF)
            check, line = failure(copy)
        click.echo(f"| {_called(left_out)} | {check} | `{line[:160].replace('|', '/')}` |")


def _used(block: Block, left_out: Block, imports: Sequence[Block]) -> Sequence[str]:
    """Return the lines of a block that may use a name; none for the omitted block and for imports."""
    return () if block in (left_out, *imports) else block.added


def _is_used(block: Block, lines: Sequence[str]) -> bool:
    """Return whether one of `lines` uses a name that an import adds."""
    before = {name for line in block.text.splitlines() if line.startswith("-") for name in _NAME.findall(line)}
    names = {name for line in block.added for name in _NAME.findall(line)} - before - {"from", "import"}
    return any(name in _NAME.findall(line) for name in names for line in lines)


def _is_imported(line: str) -> bool:
    return line.startswith("from ") or line.strip().removesuffix(",").isidentifier()


def _called(block: Block) -> str:
    first = next(line.strip() for line in block.added if line.strip())
    return f"`{block.path}`: `{first}`" if block.is_diff else f"`{block.path}`"


if __name__ == "__main__":
    main()
