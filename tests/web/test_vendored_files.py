"""Vendored files, compared with their recorded version, digest and license."""

import base64
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from app.config import PROJECT_ROOT

VENDOR = PROJECT_ROOT / "static" / "vendor"


class Vendored(NamedTuple):
    name: str
    version: str
    path: Path
    sha256: str
    licence: Path


def _entries() -> list[Vendored]:
    lines = (VENDOR / "VERSIONS.txt").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r"\s{2,}", line) for line in lines if line and not line.startswith("#")]
    return [
        Vendored(name, version, PROJECT_ROOT / path, digest, PROJECT_ROOT / re.findall(r"\((.*)\)", licence)[0])
        for name, version, path, digest, licence in rows
    ]


@pytest.mark.parametrize("entry", _entries(), ids=lambda entry: entry.path.name)
def test_a_file_is_the_one_that_is_written_down(entry: Vendored) -> None:
    assert hashlib.sha256(entry.path.read_bytes()).hexdigest() == entry.sha256
    assert entry.licence.is_file()


def test_every_vendored_file_is_written_down() -> None:
    known = {entry.path for entry in _entries()} | {entry.licence for entry in _entries()}
    assert set(VENDOR.rglob("*.*")) - known == {VENDOR / "VERSIONS.txt"}


def test_the_page_loads_htmx_only_if_it_is_unchanged() -> None:
    base = (PROJECT_ROOT / "templates" / "layouts" / "_assets.html").read_text(encoding="utf-8")
    (htmx,) = [entry for entry in _entries() if entry.name == "htmx"]
    digest = base64.b64encode(hashlib.sha384(htmx.path.read_bytes()).digest()).decode()
    assert f'integrity="sha384-{digest}"' in base


def test_the_stylesheet_asks_for_the_fonts_by_their_digest() -> None:
    tokens = (PROJECT_ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    fonts = [entry for entry in _entries() if entry.path.suffix == ".woff2"]
    assert [font.path.name for font in fonts if f"{font.path.name}?v={font.sha256[:12]}" not in tokens] == []


def test_every_icon_that_a_template_asks_for_is_in_the_sprite() -> None:
    sprite = (PROJECT_ROOT / "static" / "icons.svg").read_text(encoding="utf-8")
    names = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    asked = set()
    for template in (PROJECT_ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        asked |= set(re.findall(r'\bicon\("([a-z0-9-]+)"', text)) | set(re.findall(r'icon_name="([a-z0-9-]+)"', text))
    assert asked - names == set()
