"""Real files stored next to the checkout, which only tests marked `real_data` use.

None of their content is in the project.
"""

import os
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT

SHARED = Path(os.environ.get("SWITCHBOARD_SHARED", PROJECT_ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the real files: calls-pwc, contacts, naughty and others, each with its FACTS.json."""
    return SHARED / "data"
