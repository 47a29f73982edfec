"""Changed lines of the working tree, according to Git."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@")
#: Number of lines read from a file that Git doesn't track yet.
_MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Change:
    """The added and removed lines of one file, and the numbers of the changed lines in the current file."""

    path: str
    lines: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """All changed files, and a phrase that says since when."""

    since: str
    files: tuple[Change, ...]


class GitError(Exception):
    """Git couldn't report the changes; the text is the complete message for the user."""


def find_changes(root: Path, since: str | None = None) -> Changes:
    """Return the changes since a revision, by default the uncommitted changes.

    If nothing is uncommitted, return the changes of the last commit. Raises GitError.
    """
    new = tuple(_new_files(root))
    if since:
        return Changes(f"since {since}", (*parse_diff(_git(root, *_DIFF, since)), *new))
    uncommitted = (*parse_diff(_git(root, *_DIFF, "HEAD")), *new)
    if uncommitted:
        return Changes("not committed yet", uncommitted)
    last = _git(root, "show", "--first-parent", "-m", "--format=", *_OPTIONS, "HEAD")
    return Changes("in the last commit, for there is nothing uncommitted", tuple(parse_diff(last)))


def parse_diff(text: str) -> list[Change]:
    """Parse the output of `git diff --unified=0`."""
    return [_parse_file(section) for section in re.split(r"^diff --git ", text, flags=re.MULTILINE)[1:]]


_OPTIONS = ("--unified=0", "--no-color", "--no-ext-diff", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/")
_DIFF = ("diff", *_OPTIONS)


def _parse_file(section: str) -> Change:
    heading, *rest = section.splitlines()
    # "a/PATH b/PATH": without renames, both paths are equal.
    path = heading[2 : 2 + (len(heading) - len("a/ b/")) // 2]
    lines: list[str] = []
    numbers: list[int] = []
    in_hunk = False
    for line in rest:
        if hunk := _HUNK.match(line):
            in_hunk = True
            start, count = int(hunk["start"]), int(hunk["count"] or 1)
            # For pure removals, Git gives the line before.
            numbers += range(start, start + count) if count else (max(start, 1), start + 1)
        elif in_hunk and line.startswith(("+", "-")):
            lines.append(line[1:])
    return Change(path, tuple(lines), tuple(numbers))


def _new_files(root: Path) -> Iterator[Change]:
    for path in _git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")[:-1]:
        try:
            lines = (root / path).read_text(encoding="utf-8").splitlines()[:_MAX_LINES]
        except (OSError, UnicodeDecodeError):
            lines = []
        yield Change(path, tuple(lines), tuple(range(1, len(lines) + 1)))


def _git(root: Path, *arguments: str) -> str:
    command: Sequence[str] = ("git", "-c", "core.quotePath=off", *arguments)
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise GitError(done.stderr.strip() or f"git {arguments[0]} failed.")
    return done.stdout
