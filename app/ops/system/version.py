"""Version of the product."""

import tomllib
from functools import cache

from app.config import PROJECT_ROOT


@cache
def version() -> str:
    """Return the version from pyproject.toml."""
    return str(tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]["version"])
