"""Colors in style sheets, which come from tokens so that both themes are defined in one place."""

import re
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT

SHEETS = sorted((PROJECT_ROOT / "static" / "css").glob("*.css"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;{}]+)")
_RAW_COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(", re.IGNORECASE)
_NAMED_COLOR = re.compile(r"(?<![\w-])(?:black|white|gr[ae]y|red|green|blue|yellow|orange|purple)(?![\w-])")


def raw_colors(css: str) -> list[str]:
    """List the declarations with literal colors, except custom properties, which are the tokens."""
    return [
        f"{name}: {value.strip()}"
        for name, value in _DECLARATION.findall(_COMMENT.sub("", css))
        if not name.startswith("--") and (_RAW_COLOR.search(value) or _NAMED_COLOR.search(value))
    ]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_has_no_raw_colors(sheet: Path) -> None:
    assert raw_colors(sheet.read_text()) == []


@pytest.mark.parametrize(
    ("declaration", "is_raw"),
    [
        ("color: #c00", True),
        ("color: rgb(0 0 0 / 50%)", True),
        ("border: 1px solid gray", True),
        ("background: light-dark(white, oklch(0.2 0 0))", True),
        ("color: var(--ink)", False),
        ("--mark: oklch(0.5 0.1 20)", False),
        ("white-space: nowrap", False),
    ],
)
def test_a_raw_color_is_told_from_a_token(declaration: str, is_raw: bool) -> None:
    assert bool(raw_colors(f"a {{ {declaration}; }}")) is is_raw
