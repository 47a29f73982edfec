"""All documents of docs/howto, followed in one copy of the project: each achieves what it promises."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.howto import (
    HOWTO,
    apply_all,
    blocks_of,
    bring_template,
    commands_of,
    copy_changed_files,
    copy_project,
    follow,
    run_in,
)

#: The tests that verify each document in the copy. The first document is followed in the project as it is.
PROVED_BY: Mapping[str, Sequence[str]] = {
    "add-a-resource.md": (
        "tests/work/vehicles/test_pages.py",
        "tests/work/vehicles/test_vehicles.py",
        "tests/declarations/test_fields.py",
        "tests/contract/test_declared_lists.py",
        "tests/contract/test_documents.py",
        "tests/contract/test_trash.py",
        "tests/contract/test_layers.py",
        "tests/contract/test_scope.py",
        "tests/security/test_matrix.py",
    ),
    "add-a-column.md": ("tests/work/test_urgency.py", "tests/contract/test_facts.py"),
    "add-a-job.md": ("tests/work/calls/test_without_topic.py",),
    "add-a-page.md": ("tests/insight/ask/test_pages.py",),
    "add-a-setting.md": ("tests/organization/settings/test_callback_attempts.py",),
}
#: Tests stored next to this one, since they only pass after the document was followed → their path in the copy.
BROUGHT_ALONG = {
    "urgency.py": "tests/work/test_urgency.py",
    "vehicles.py": "tests/work/vehicles/test_vehicles.py",
}


def test_every_document_is_tested() -> None:
    assert {path.name for path in HOWTO.glob("*.md")} == set(PROVED_BY)


@pytest.mark.parametrize("document", list(PROVED_BY)[1:])
def test_a_document_needs_no_other(tmp_path: Path, document: str) -> None:
    """Context lines of the document are in the project as it is, so that it needs no other document.

    The effect is tested in the copy that follows all documents.
    """
    assert commands_of(HOWTO / document) == []  # a command would need the whole project

    apply_all(blocks_of(HOWTO / document), copy_changed_files(HOWTO / document, tmp_path / "project"))


@pytest.mark.turn(1)
def test_followed_together_they_keep_their_promises(tmp_path: Path) -> None:
    copy = copy_project(tmp_path / "project")
    for document in PROVED_BY:
        follow(HOWTO / document, copy)
    for name, path in BROUGHT_ALONG.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / "tests" / "howto" / name, copy / path)

    bring_template(copy)
    run_in(copy, "tests.support.storeys")
    proofs = [path for paths in PROVED_BY.values() for path in paths]
    run_in(copy, "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'run'}", *proofs)
