"""docs/howto/add-a-resource.md, done in a copy of the project: it stands where it says, and does what it promises."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.config import PROJECT_ROOT
from tests.support.howto import apply_all, blocks_of, copy_project

DOCUMENT = PROJECT_ROOT / "docs" / "howto" / "add-a-resource.md"
FOLDERS = ("app/work/vehicles/", "templates/work/vehicles/")
#: The model, who may what with its words, and the one place that knows all features.
APP = {
    "app/models/vehicles.py",
    "app/security/permissions.py",
    "app/security/matrix.py",
    "app/people/roles/words.py",
    "app/features.py",
}
#: What the tests and the demonstration ask of every resource.
BESIDE = {
    "pyproject.toml",
    "docs/references.md",
    "docs/privacy.md",
    "tests/support/factories.py",
    "tests/support/company.py",
    "tests/support/one_more.py",
    "tests/security/test_matrix.py",
    "demo/vehicles.py",
    "demo/rows/company.py",
    "demo/rows/__init__.py",
    "demo/generator.py",
    "demo/load.py",
}
PROVED_BY = (
    "tests/work/vehicles/test_vehicles.py",
    "tests/declarations/test_fields.py",
    "tests/contract/test_declared_lists.py",
    "tests/contract/test_documents.py",
    "tests/contract/test_trash.py",
    "tests/contract/test_layers.py",
    "tests/contract/test_scope.py",
    "tests/security/test_matrix.py",
)


def test_a_resource_is_one_folder_one_model_one_migration_and_its_rows() -> None:
    blocks = blocks_of(DOCUMENT)
    paths = {block.path for block in blocks}

    assert [path for path in paths if path.startswith("migrations/")] == ["migrations/versions/NNNN_vehicles.py"]
    assert {path for path in paths if path.startswith(("app/", "templates/")) and not path.startswith(FOLDERS)} == APP
    assert {path for path in paths if not path.startswith(("app/", "templates/", "migrations/"))} == BESIDE
    in_features = [line for block in blocks if block.path == "app/features.py" for line in block.added]
    assert in_features == ["from app.work.vehicles import feature as vehicles", "    vehicles.FEATURE,"]


def test_it_takes_as_many_lines_as_the_page_says() -> None:
    blocks = [block for block in blocks_of(DOCUMENT) if not block.path.startswith("migrations/")]
    in_app = [block for block in blocks if block.path.startswith(("app/", "templates/"))]
    lines, code = (sum(len(block.added) for block in some) for some in (blocks, in_app))

    assert f"Beside the migration it takes {lines} lines,\n{code} of them in the app" in DOCUMENT.read_text()


def test_a_resource_that_is_added_so_does_all_that_is_promised(tmp_path: Path) -> None:
    copy = copy_project(tmp_path / "project")
    apply_all(blocks_of(DOCUMENT), copy)
    proof = copy / PROVED_BY[0]
    proof.parent.mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "tests" / "howto" / "vehicles.py", proof)
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}

    for command in (
        ["tests.support.storeys"],
        ["pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'run'}", *PROVED_BY],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=copy, env=alone, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-50000:] + done.stderr[-5000:]
