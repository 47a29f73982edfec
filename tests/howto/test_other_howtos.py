"""docs/howto: a job, a page and a setting, added to one copy of the project: each does what its own test says."""

import os
import subprocess
import sys
from pathlib import Path

from app.config import PROJECT_ROOT
from tests.support.howto import apply_all, blocks_of, copy_project

HOWTO = PROJECT_ROOT / "docs" / "howto"
#: With the test that each of them adds.
DOCUMENTS = {
    HOWTO / "add-a-job.md": "tests/work/calls/test_without_topic.py",
    HOWTO / "add-a-page.md": "tests/insight/ask/test_pages.py",
    HOWTO / "add-a-setting.md": "tests/organization/settings/test_callback_tries.py",
}


def test_what_is_added_so_does_what_its_test_says(tmp_path: Path) -> None:
    copy = copy_project(tmp_path / "project")
    for document in DOCUMENTS:
        apply_all(blocks_of(document), copy)
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    options = ("-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'run'}")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *DOCUMENTS.values()],
        cwd=copy,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-50000:]
