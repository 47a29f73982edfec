"""Style sheets: colors come from tokens, and an element that comes or goes restyles no more than it must.

Each theme is defined in one place, that of the tokens. A rule such as `.app:has(.note) .list > *` makes Chromium
restyle all elements of the page whenever any is added, removed, opened or closed.
"""

import re
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT

SHEETS = sorted((PROJECT_ROOT / "static" / "css").glob("*.css"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;{}]+)")
_SELECTORS = re.compile(r"(?<=[{};])[^{};@]+(?={)")
_ARGUMENTS = re.compile(r"\([^()]*\)")
_ANY_AFTER_HAS = re.compile(r":has\b[^,]*[\s>+~]\*")
_RAW_COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(", re.IGNORECASE)
_NAMED_COLOR = re.compile(r"(?<![\w-])(?:black|white|gr[ae]y|red|green|blue|yellow|orange|purple)(?![\w-])")


def raw_colors(css: str) -> list[str]:
    """List the declarations with literal colors, except custom properties, which are the tokens."""
    return [
        f"{name}: {value.strip()}"
        for name, value in _DECLARATION.findall(_COMMENT.sub("", css))
        if not name.startswith("--") and (_RAW_COLOR.search(value) or _NAMED_COLOR.search(value))
    ]


def restyling_selectors(css: str) -> list[str]:
    """List the selectors that match any element within or after an element with `:has()`."""
    selectors = map(str.strip, _SELECTORS.findall(f"}}{_COMMENT.sub('', css)}"))
    return [selector for selector in selectors if _ANY_AFTER_HAS.search(_without_arguments(selector))]


def _without_arguments(selector: str) -> str:
    while (shorter := _ARGUMENTS.sub("", selector)) != selector:
        selector = shorter
    return selector


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_rule_of_a_style_sheet_makes_every_change_restyle_the_page(sheet: Path) -> None:
    assert restyling_selectors(sheet.read_text()) == []


@pytest.mark.parametrize(
    ("selector", "restyles"),
    [
        (".tbl tr:has(.tick input:checked) > *", True),
        (".app:has(.note) .list > *, .sub", True),
        (".tbl tr:has(.tick input:checked) > :is(th, td)", False),
        (".holders:not(:has(*))", False),
        (".choice:has(:checked), .list > *", False),
        (".list > *", False),
    ],
)
def test_a_selector_that_restyles_the_page_is_told_from_others(selector: str, restyles: bool) -> None:
    assert bool(restyling_selectors(f"@media (width < 45rem) {{ {selector} {{ margin: 0; }} }}")) is restyles


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
