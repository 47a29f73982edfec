"""Generation of the files of a new resource from the skeletons beside this module.

All files are drafted and checked in a temporary folder before any is written. No existing file is replaced; shared
files only get additions.
"""

import keyword
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

SKELETONS = Path(__file__).parent / "skeletons" / "resource"

#: By folder of app: the group of the navigation, and the area of the page of roles.
AREAS: Mapping[str, tuple[str, str]] = {
    "work": ("DATA", "KNOWLEDGE"),
    "organization": ("SETTINGS", "ORGANIZATION"),
    "people": ("SETTINGS", "PEOPLE"),
}

#: The skeleton of each file; "" stands for an empty file.
FILES: Mapping[str, str] = {
    "app/models/$names.py": "model.py.txt",
    "migrations/versions/${number}_$names.py": "migration.py.txt",
    "app/$area/$names/__init__.py": "",
    "app/$area/$names/queries.py": "queries.py.txt",
    "app/$area/$names/resource.py": "resource.py.txt",
    "app/$area/$names/service.py": "service.py.txt",
    "app/$area/$names/bulk.py": "bulk.py.txt",
    "app/$area/$names/views.py": "views.py.txt",
    "app/$area/$names/feature.py": "feature.py.txt",
    "templates/$area/$names/index.html": "index.html.txt",
    "templates/$area/$names/_list.html": "_list.html.txt",
    "templates/$area/$names/_row.html": "_row.html.txt",
    "templates/$area/$names/show.html": "show.html.txt",
    "templates/$area/$names/form.html": "form.html.txt",
    "tests/$area/$names/test_pages.py": "test_pages.py.txt",
    "demo/$names.py": "demo.py.txt",
}
PICTURE = "docs/architecture.md"

_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
#: PostgreSQL keeps 63 characters of the name of a constraint.
_MAX_LENGTH = 40
#: Names up to this length keep the columns of the matrix aligned.
_WIDTH = 17


class Refused(Exception):
    """Refusal to write a resource, with the reason as a sentence."""


@dataclass(frozen=True, slots=True)
class Names:
    """The singular and plural name of a resource, and the folder of `app` that holds its feature.

    The names are written like `service_type` and `service_types`.
    """

    name: str
    plural: str
    area: str

    @property
    def path(self) -> str:
        """The first segment of the resource's URL paths, such as `service-types`."""
        return self.plural.replace("_", "-")

    def words(self, newest: str) -> dict[str, str]:
        """Return the values of the placeholders in the skeletons.

        `newest` is the name of the last migration.
        """
        one, many = self.name.replace("_", " "), self.plural.replace("_", " ")
        group, area_of_roles = AREAS[self.area]
        return {
            "name": self.name,
            "NAME": self.name.upper(),
            "names": self.plural,
            "NAMES": self.plural.upper(),
            "Class": one.title().replace(" ", ""),
            "one": one,
            "One": one.capitalize(),
            "many": many,
            "Many": many.capitalize(),
            "id": self.name.replace("_", "-"),
            "path": self.path,
            "area": self.area,
            "GROUP": group,
            "AREA_OF_ROLES": area_of_roles,
            "gap": " " * (_WIDTH - len(self.plural)),
            "newest": newest,
            "number": f"{int(newest[:4]) + 1:04}",
        }


def draft(root: Path, names: Names) -> dict[str, str]:
    """Return the contents of all files to write, by their paths relative to `root`.

    Raises Refused if a name is invalid or taken, or if a shared file does not have the expected lines.
    """
    for name in (names.name, names.plural):
        if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > _MAX_LENGTH:
            raise Refused(f"“{name}” isn’t a valid name. Use up to {_MAX_LENGTH} lowercase letters and underscores.")
    if names.name == names.plural:
        raise Refused("The plural must differ from the name. Use --plural.")
    words = names.words(max(path.stem for path in (root / "migrations" / "versions").glob("*.py")))
    texts = {
        Template(path).substitute(words): _filled(skeleton, words) if skeleton else ""
        for path, skeleton in FILES.items()
    }
    for path in texts:
        if (root / path).exists():
            raise Refused(f"{path} already exists.")
    for path, before, added in _edits(_filled("edits.diff.txt", words)):
        texts[path] = _with_lines(path, texts.get(path) or (root / path).read_text(), before, added)
    texts[PICTURE] = _with_feature((root / PICTURE).read_text(), names)
    return _tidied(texts)


def write(root: Path, texts: Mapping[str, str]) -> list[str]:
    """Write the files and return a line of output about each."""
    told = [f"{'Changed' if (root / path).exists() else 'Wrote'} {path}" for path in texts]
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return told


def _filled(skeleton: str, words: Mapping[str, str]) -> str:
    return Template((SKELETONS / skeleton).read_text()).substitute(words)


def _edits(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the edits in `text`: a path, lines that exist in that file, and lines to add after them."""
    for part in text.split("@@ ")[1:]:
        path, *lines = part.splitlines(keepends=True)
        there, added = ("".join(line[1:] for line in lines if line[0] == sign) for sign in " +")
        yield path.strip(), there, added


def _with_lines(path: str, text: str, there: str, added: str) -> str:
    before, found, after = text.partition(there)
    if not found or there in after:
        raise Refused(f"{path} has these lines {text.count(there)} times, not once:\n{there}")
    if path.endswith(".md"):  # rows of a table, in order
        rows = re.match(r"(?:\|.*\n)*", after)
        end = rows.end() if rows else 0
        return before + found + "".join(sorted((added + after[:end]).splitlines(keepends=True))) + after[end:]
    return before + found + added + after


def _with_feature(text: str, names: Names) -> str:
    """Return the document with the feature added to the line of its area in the diagram.

    `tests.support.storeys` generates the whole diagram.
    """
    return re.sub(
        rf"^({names.area} +)(.*)$",
        lambda line: line[1] + ", ".join(sorted([*line[2].split(", "), names.plural])),
        text,
        count=1,
        flags=re.MULTILINE,
    )


def _tidied(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts formatted and with sorted imports.

    Raises Refused if ruff is not installed, and for anything it rejects, such as a name that already means something
    else in a file.
    """
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        raise Refused("The development tools aren’t installed. Run make check to install them.")
    steps = ("check", "--fix-only", "--fixable=I,RUF022"), ("format",), ("check", "--output-format=concise")
    with TemporaryDirectory() as folder:
        write(Path(folder), texts)
        for step in steps:
            done = subprocess.run(
                [ruff, *step, "--quiet", "--no-cache", "."], cwd=folder, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Refused(f"These names can’t be used. Choose others:\n{done.stdout}{done.stderr}".rstrip())
        return {path: (Path(folder) / path).read_text() for path in texts}
