"""Generator of the layer diagram in docs/architecture.md from the import contract in pyproject.toml.

Usage: `python -m tests.support.storeys`.
"""

import tomllib
from pathlib import Path

from app.config import PROJECT_ROOT

DOCUMENT = PROJECT_ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- storeys: made from pyproject.toml -->", "<!-- end of storeys -->"


def storeys() -> list[str]:
    """Return the diagram, with a line per layer from the top down: its packages, then their features."""
    contracts = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(one["layers"] for one in contracts if one["id"] == "storeys")
    return ["```", *(_line(layer) for layer in layers), "```"]


def _line(layer: str) -> str:
    names = [name.strip(" ()") for name in layer.replace(":", "|").split("|")]
    there = [name for name in names if (PROJECT_ROOT / "app" / name).exists() or _file(name).exists()]
    inside = [feature for name in there for feature in _features(PROJECT_ROOT / "app" / name)]
    return f"{', '.join(there):<42}{', '.join(inside)}".rstrip()


def _file(name: str) -> Path:
    return PROJECT_ROOT / "app" / f"{name}.py"


def _features(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/feature.py"))


def with_storeys(text: str) -> str:
    """Return the text of the document with the diagram replaced by the current one."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{chr(10).join(storeys())}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_storeys(DOCUMENT.read_text()))
