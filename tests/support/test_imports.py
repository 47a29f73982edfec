"""Counts of the names that features import."""

from pathlib import Path

from tests.support.imports import ROOT, imports_of, read_feature

SOURCE = """
import json
import app.log
from flask import Blueprint
from app.models import Lead, User as Person
from app.security.actor import Actor

def view():
    from app.web.htmx import render
"""


def test_names_of_the_app_are_counted_with_their_modules() -> None:
    assert set(imports_of(SOURCE)) == {
        ("app.log", ""),
        ("app.models", "Lead"),
        ("app.models", "User"),
        ("app.security.actor", "Actor"),
        ("app.web.htmx", "render"),
    }


def test_what_two_modules_bring_in_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "app" / "tea"
    folder.mkdir(parents=True)
    (folder / "views.py").write_text("from app.models import Lead, User\n")
    (folder / "queries.py").write_text("from app.models import Lead\n")
    (folder / "rules.py").write_text("from app.models import Call\n")

    assert read_feature("tea", ("views", "queries"), tmp_path) == {("app.models", "Lead"), ("app.models", "User")}
    assert len(read_feature("tea", root=tmp_path)) == 3


def test_a_plain_setting_stays_small() -> None:
    """The code, templates and imports of a simple feature, service types, stay below a limit.

    They once had 10 files with 384 lines, templates with 78 lines, and 64 names.
    """
    code = [path for path in (ROOT / "app/work/service_types").glob("*.py") if path.name != "__init__.py"]
    templates = (ROOT / "templates/work/service_types").glob("*.html")

    assert len(code) <= 7  # including the declaration that it has no API, and bounds that appointments share
    assert sum(len(path.read_text().splitlines()) for path in (*code, *templates)) <= 320
    assert len(read_feature("work/service_types")) <= 50


def test_the_views_of_leads_stay_short_to_read() -> None:
    """The views of leads import few names from few modules.

    Before lists rendered their own filter bars, these views imported 57 names from 28 modules.
    """
    found = read_feature("work/leads", ("views", "queries", "filters"))

    assert len(found) <= 45
    assert len({module for module, _name in found}) <= 24
