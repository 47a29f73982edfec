"""Which version of the product this is."""

import tomllib
from functools import cache

from app.config import PROJECT_ROOT


@cache
def version() -> str:
    """As it stands in pyproject.toml."""
    return str(tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]["version"])
