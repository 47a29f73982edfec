"""`flask new resource`: what it writes, adds and refuses. docs/howto/add-a-resource.md shows that the result works."""

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.cli.new_resource import AREAS, FILES, PICTURE, SKELETONS
from app.config import PROJECT_ROOT

SHARED = {*re.findall(r"^@@ (.*)$", (SKELETONS / "edits.diff.txt").read_text(), re.MULTILINE), PICTURE}
VERSIONS = "migrations/versions"

Run = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Copy of all parts of the project that the command reads."""
    shutil.copytree(PROJECT_ROOT / VERSIONS, tmp_path / VERSIONS, ignore=shutil.ignore_patterns("__pycache__"))
    for path in SHARED:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / path, tmp_path / path)
    return tmp_path


@pytest.fixture
def run(app: Flask, root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Function that runs the command in the copy of the project."""
    monkeypatch.setattr("app.cli.new.PROJECT_ROOT", root)
    return lambda *arguments: app.test_cli_runner().invoke(args=["new", "resource", *arguments])


def files_of(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def said(result: Result, verb: str) -> set[str]:
    """Return the files that the command's output lists after `verb`."""
    return {line.removeprefix(f"{verb} ") for line in result.output.splitlines() if line.startswith(f"{verb} ")}


def written(root: Path, before: dict[str, str]) -> dict[str, str]:
    """Return the files that are new, by path."""
    return {path: text for path, text in files_of(root).items() if path not in before}


def test_every_skeleton_is_used() -> None:
    assert {path.name for path in SKELETONS.iterdir()} == {*filter(None, FILES.values()), "edits.diff.txt"}


@pytest.mark.parametrize("area", AREAS)
def test_it_writes_files_and_adds_lines_to_shared_ones(run: Run, root: Path, area: str) -> None:
    before = files_of(root)

    result = run("vehicle", "--area", area)

    new, after = written(root, before), files_of(root)
    assert result.exit_code == 0, result.output
    assert said(result, "Wrote") == new.keys()
    assert said(result, "Changed") == SHARED
    assert len(new) == len(FILES)
    assert f"app/{area}/vehicles/views.py" in new
    assert {path for path, text in before.items() if after[path] != text} == SHARED
    for path in SHARED - {PICTURE}:
        assert set(before[path].splitlines()) <= set(after[path].splitlines()), path
    assert re.search(rf"^{area} .*\bvehicles\b", after[PICTURE], re.MULTILINE)
    assert "make catalogues" in result.output


def test_no_placeholder_is_left(run: Run, root: Path) -> None:
    before = files_of(root)

    run("vehicle")

    assert [path for path, text in written(root, before).items() if re.search(r"\$\{?\w", path + text)] == []
    assert [path for path in SHARED if files_of(root)[path].count("$") != before[path].count("$")] == []


def test_names_of_several_words_and_irregular_plurals_are_told_apart(run: Run, root: Path) -> None:
    before = files_of(root)

    assert run("delivery_company", "--plural", "delivery_companies").exit_code == 0

    new = written(root, before)
    for path, text in {
        "app/models/delivery_companies.py": "class DeliveryCompany(",
        "app/work/delivery_companies/resource.py": '_l("delivery companies")',
        "app/work/delivery_companies/views.py": '.get("/delivery-companies/<uuid:delivery_company_id>")',
        "templates/work/delivery_companies/index.html": '_("New delivery company")',
        "demo/delivery_companies.py": 'name=f"Delivery company {number}"',
    }.items():
        assert text in new[path]
    assert not [path for path, text in new.items() if re.search(r"companys", path + text, re.IGNORECASE)]
    assert 'DELIVERY_COMPANIES_READ = "delivery_companies:read"' in files_of(root)["app/security/permissions.py"]


def test_a_second_one_is_written_beside_the_first(run: Run, root: Path) -> None:
    last = max(path.stem for path in (root / VERSIONS).glob("*.py"))
    first, second = (f"{int(last[:4]) + more:04}" for more in (1, 2))

    assert [run(name).exit_code for name in ("vehicle", "trailer")] == [0, 0]

    after = files_of(root)
    assert f'down_revision = "{last}"' in after[f"{VERSIONS}/{first}_vehicles.py"]
    assert f'down_revision = "{first}_vehicles"' in after[f"{VERSIONS}/{second}_trailers.py"]
    for line in ("    vehicles.FEATURE,", "    trailers.FEATURE,"):
        assert line in after["app/features.py"]
    rows = [line for line in after["docs/references.md"].splitlines() if line.startswith("| ")][1:]
    assert rows == sorted(rows)
    assert [line for line in rows if line.startswith("| trailers |")] != []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Vehicle"], "“Vehicle” isn’t a valid name."),
        (["2nd_vehicle"], "“2nd_vehicle” isn’t a valid name."),
        (["my-vehicle"], "“my-vehicle” isn’t a valid name."),
        (["vehicle_"], "“vehicle_” isn’t a valid name."),
        (["../vehicle"], "“../vehicle” isn’t a valid name."),
        (["class", "--plural", "classes"], "“class” isn’t a valid name."),
        (["v" * 41], "isn’t a valid name."),
        (["vehicle", "--plural", "my vehicles"], "“my vehicles” isn’t a valid name."),
        (["sheep", "--plural", "sheep"], "The plural must differ from the name"),
        (["lead", "--plural", "leading"], "The resource lead already exists."),
        (["tax", "--plural", "tasks"], "The table tasks already exists."),
        (["trail", "--plural", "audit_log"], "The feature audit_log already exists."),
        (["health_check", "--plural", "health"], "The page /health already exists."),
        (["column", "--plural", "columns"], "Redefinition of unused `Column`"),
        (["phone", "--plural", "phones"], "Redefinition of unused `phone`"),
        (["vehicle", "--area", "insight"], "Invalid value for '--area'"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    run: Run, root: Path, arguments: Sequence[str], sentence: str
) -> None:
    before = files_of(root)

    result = run(*arguments)

    assert result.exit_code != 0
    assert sentence in result.output
    assert files_of(root) == before


@pytest.mark.parametrize("path", ["app/models/vehicles.py", "demo/vehicles.py", "tests/work/vehicles/test_pages.py"])
def test_a_file_that_is_there_is_not_replaced(run: Run, root: Path, path: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("Mine\n")
    before = files_of(root)

    result = run("vehicle")

    assert (result.exit_code, result.output) == (1, f"Error: {path} already exists.\n")
    assert files_of(root) == before


def test_the_same_resource_is_not_written_twice(run: Run, root: Path) -> None:
    run("vehicle")
    before = files_of(root)

    assert run("vehicle").exit_code == 1
    assert files_of(root) == before


def test_a_shared_file_without_the_lines_that_it_looks_for_is_named(run: Run, root: Path) -> None:
    features = root / "app" / "features.py"
    features.write_text(features.read_text().replace("    phone_numbers.FEATURE,\n", ""))
    before = files_of(root)

    result = run("vehicle")

    assert "app/features.py has these lines 0 times, not once:\n    phone_numbers.FEATURE," in result.output
    assert files_of(root) == before


def test_it_needs_the_tools_of_development(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(root / "bin" / "python"))
    before = files_of(root)

    assert "The development tools aren’t installed" in run("vehicle").output
    assert files_of(root) == before
