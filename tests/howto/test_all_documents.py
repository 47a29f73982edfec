"""docs/howto, all of it done in one copy of the project: each document keeps what it promises."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.howto import HOWTO, apply_all, blocks_of, copy_project

#: The tests that hold each document to its promises.
PROVED_BY: Mapping[str, Sequence[str]] = {
    "add-a-column.md": ("tests/work/test_urgency.py", "tests/contract/test_facts.py"),
    "add-a-resource.md": (
        "tests/work/vehicles/test_vehicles.py",
        "tests/declarations/test_fields.py",
        "tests/contract/test_declared_lists.py",
        "tests/contract/test_documents.py",
        "tests/contract/test_trash.py",
        "tests/contract/test_layers.py",
        "tests/contract/test_scope.py",
        "tests/security/test_matrix.py",
    ),
    "add-a-job.md": ("tests/work/calls/test_without_topic.py",),
    "add-a-page.md": ("tests/insight/ask/test_pages.py",),
    "add-a-setting.md": ("tests/organization/settings/test_callback_tries.py",),
}
#: Tests kept beside this one, since they only pass where the document was followed: where they belong in the copy.
BROUGHT_ALONG = {
    "urgency.py": "tests/work/test_urgency.py",
    "vehicles.py": "tests/work/vehicles/test_vehicles.py",
}


def test_every_document_is_tested() -> None:
    assert {path.name for path in HOWTO.glob("*.md")} == set(PROVED_BY)


@pytest.mark.parametrize("document", PROVED_BY)
def test_a_document_needs_no_other(tmp_path: Path, document: str) -> None:
    """Its lines are found in the project as it is; what they do is tested in the copy that has all of them."""
    blocks = blocks_of(HOWTO / document)
    versions = Path("migrations") / "versions"
    shutil.copytree(PROJECT_ROOT / versions, tmp_path / versions)
    for path in {block.path for block in blocks if block.is_diff}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / path, tmp_path / path)

    apply_all(blocks, tmp_path)

    assert all((tmp_path / block.path).exists() for block in blocks if "NNNN" not in block.path)


def test_followed_together_they_keep_their_promises(tmp_path: Path) -> None:
    copy = copy_project(tmp_path / "project")
    for document in PROVED_BY:
        apply_all(blocks_of(HOWTO / document), copy)
    for name, path in BROUGHT_ALONG.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / "tests" / "howto" / name, copy / path)

    run_in(copy, "tests.support.storeys")
    proofs = [path for paths in PROVED_BY.values() for path in paths]
    run_in(copy, "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'run'}", *proofs)


def run_in(copy: Path, *command: str) -> None:
    """Run a module in the copy. Fail with its output where it fails."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=copy, env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-50000:] + done.stderr[-5000:]
