"""Selection and order of the tests that `make quick` runs."""

import subprocess
from pathlib import Path

import pytest

from tests.support.quick.changes import Change, GitError, find_changes, parse_diff
from tests.support.quick.clues import clues_of
from tests.support.quick.nearness import make_plan
from tests.support.quick.order import Plan, in_order
from tests.support.quick.project import Project, names_around
from tests.support.quick.tests import read_tests
from tests.support.quick.words import words_of
from tests.support.reach_record import Record

DIFF = """\
diff --git a/app/tea/service.py b/app/tea/service.py
index 1..2 100644
--- a/app/tea/service.py
+++ b/app/tea/service.py
@@ -3 +3 @@ def brew():
-    minutes = 3
+    minutes = 4
@@ -9,2 +8,0 @@ def pour():
---- not a heading
-    fill(cup)
diff --git a/static/a b.png b/static/a b.png
new file mode 100644
Binary files /dev/null and b/static/a b.png differ
diff --git a/app/tea/old.py b/app/tea/old.py
deleted file mode 100644
--- a/app/tea/old.py
+++ /dev/null
@@ -1 +0,0 @@
-LEAVES = 2
"""

FILES = {
    "app/tea/service.py": (
        '"""Tea."""\n\n\n'
        "def steep(pot):\n    pot.minutes = 4\n\n\n"
        "def serve(pot):\n    steep(pot)\n    pot.is_served = True\n"
    ),
    "app/tea/views.py": (
        "from app.tea import service\n\n\n"
        '@tea.post("/tea/<uuid:pot_id>/pour")\n'
        "def pour(pot_id):\n    service.serve(pot_id)\n"
        '    return render_template("tea/_cup.html")\n'
    ),
    "app/cake/service.py": "def bake(tin):\n    tin.minutes = 40\n",
    "app/models/tea.py": 'class Kettle(Base):\n    __tablename__ = "kettles"\n',
    "templates/tea/_cup.html": '{% macro cup(pot) %}<p data-steam="1">{{ _("Still too hot") }}</p>{% endmacro %}\n',
    "templates/tea/show.html": '{% from "tea/_cup.html" import cup %}{{ cup(pot) }}\n',
    "static/js/steam.js": ("// ---- how long it steams ----\n\nfunction cool(cup) {\n  cup.dataset.steam = 0;\n}\n"),
    "migrations/versions/0001_tea.py": (
        'revision = "0001_tea"\n\nBOIL = """\nCREATE FUNCTION boil() RETURNS trigger AS $$\n'
        'BEGIN\n  NEW.degrees := 100;\nEND\n$$\n"""\n'
        'TRIGGER = "CREATE TRIGGER boil BEFORE INSERT ON kettles FOR EACH ROW EXECUTE FUNCTION boil()"\n'
    ),
    "tests/tea/test_service.py": (
        "def test_it_steeps_four_minutes():\n    assert steep(pot).minutes == 4\n\n\n"
        "def test_it_is_served():\n    assert serve(pot)\n"
    ),
    "tests/tea/test_pages.py": 'def test_a_cup_says_when_it_is_too_hot():\n    assert "Still too hot" in page.text\n',
    "tests/cake/test_service.py": "def test_it_is_baked():\n    assert bake(tin).minutes == 40\n",
    "tests/db/test_kettles.py": "def test_a_kettle_boils():\n    assert Kettle().degrees == 100\n",
    "tests/browser/test_steam.py": (
        "pytestmark = pytest.mark.browser\n\n\ndef test_a_cup_cools_as_it_steams(tab):\n    assert tab\n"
    ),
    "tests/browser/test_cups.py": (
        "pytestmark = pytest.mark.browser\n\n\n"
        "def test_a_cup_cools_as_it_steams(open_tab):\n    assert open_tab(javascript=False)\n"
    ),
    "tests/browser/test_oven.py": "@pytest.mark.browser\ndef test_the_oven_is_hot(tab):\n    assert tab\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of a few features, each with tests."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return Project(tmp_path)


def changed(path: str, line: str) -> Change:
    """Return a change to the first line that contains `line` in a file."""
    number, found = next((at, one) for at, one in enumerate(FILES[path].splitlines(), start=1) if line in one)
    return Change(path, (found,), (number,))


def nearest(project: Project, change: Change, record: Record | None = None) -> list[str]:
    """Return the node IDs of near tests, the nearest first."""
    plan = make_plan([clues_of(change, project)], read_tests(project.files("tests", ".py")), record)
    return sorted(plan.nearness, key=plan.nearness_of, reverse=True)


class TestChanges:
    def test_a_diff_tells_lines_and_where_they_are_now(self) -> None:
        changes = parse_diff(DIFF)

        assert changes[0] == Change(
            "app/tea/service.py",
            ("    minutes = 3", "    minutes = 4", "--- not a heading", "    fill(cup)"),
            (3, 8, 9),
        )
        assert changes[1] == Change("static/a b.png")
        assert changes[2] == Change("app/tea/old.py", ("LEAVES = 2",), (1, 1))

    def test_what_is_not_committed_comes_before_the_last_commit(self, tmp_path: Path) -> None:
        def git(*arguments: str) -> None:
            identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
            subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607

        def paths(since: str | None = None) -> list[str]:
            return [change.path for change in find_changes(tmp_path, since).files]

        git("init")
        for number, name in enumerate(("first.py", "second.py")):
            (tmp_path / name).write_text(f"number = {number}\n")
            git("add", ".")
            git("commit", "-m", name)
        (tmp_path / ".git" / "info" / "exclude").write_text("*.pyc\n")
        assert paths() == ["second.py"]
        assert "last commit" in find_changes(tmp_path).since

        (tmp_path / "first.py").write_text("number = 2\n")
        (tmp_path / "third.py").write_text("number = 3\n")
        (tmp_path / "third.pyc").write_text("")
        assert paths() == ["first.py", "third.py"]
        assert paths("HEAD~1") == ["first.py", "second.py", "third.py"]
        with pytest.raises(GitError, match="nowhere"):
            find_changes(tmp_path, "nowhere")


class TestNames:
    def test_of_python_they_are_those_of_the_definitions_around(self) -> None:
        source = "class Pot:\n    @timed\n    def steep(self):\n        self.minutes = 4\n"

        assert names_around("app/pot.py", source, 4) == ["Pot", "Pot.steep"]

    def test_of_sql_it_is_what_is_being_made(self) -> None:
        path = "migrations/versions/0001_tea.py"

        assert names_around(path, FILES[path], 6) == ["BOIL", "boil"]

    def test_of_a_script_it_is_the_function(self) -> None:
        assert names_around("static/js/steam.js", FILES["static/js/steam.js"], 4) == ["cool"]

    @pytest.mark.parametrize("path", ["app/pot.py", "static/js/pot.js", "templates/pot.html", "docs/pot.md"])
    @pytest.mark.parametrize("source", ["", "def (", "\n\n"])
    def test_what_cannot_be_read_has_none(self, path: str, source: str) -> None:
        assert names_around(path, source, 7) == []


def test_words_are_alike_however_a_name_is_written() -> None:
    spellings = ["handBack", "hand-back", "HAND_BACK", "handed_back", "hands back"]

    assert all({"hand", "back"} <= words_of(spelling) for spelling in spellings)
    assert all("hand_back" in words_of(spelling) for spelling in spellings[:4])


def test_tests_are_found_with_their_classes_and_decorators() -> None:
    source = (
        "from app.tea import (\n    pot,\n    views,\n)\n\nNUMBER = 1\n\n\n"
        "class TestPot:\n"
        '    @pytest.mark.parametrize(\n        "minutes",\n        [1, 2],\n    )\n'
        "    def test_it_steeps(self):\n        assert 1\n\n"
        "    def helper(self):\n        pass\n\n\n"
        "@pytest.mark.browser\ndef test_it_is_seen():\n    assert 2\n\n\n"
        "def fill(pot):\n    pass\n"
    )

    tests = read_tests({"tests/tea/test_pot.py": source, "tests/tea/conftest.py": source})

    assert [test.node for test in tests] == [
        "tests/tea/test_pot.py::TestPot::test_it_steeps",
        "tests/tea/test_pot.py::test_it_is_seen",
    ]
    assert "minut" in tests[0].words  # without its suffix, like every word
    assert {"fill", "app.tea.pot", "app.tea.views"} <= tests[0].file.words
    assert "fill" not in tests[1].words


class TestNearness:
    def test_of_a_function_are_tests_that_name_it_or_its_callers(self, project: Project) -> None:
        found = nearest(project, changed("app/tea/service.py", "minutes = 4"))

        assert found[:2] == [
            "tests/tea/test_service.py::test_it_steeps_four_minutes",
            "tests/tea/test_service.py::test_it_is_served",
        ]

    def test_of_a_template_are_tests_of_what_it_says(self, project: Project) -> None:
        found = nearest(project, changed("templates/tea/_cup.html", "too hot"))

        assert found[0] == "tests/tea/test_pages.py::test_a_cup_says_when_it_is_too_hot"

    def test_of_a_migration_are_tests_of_its_tables(self, project: Project) -> None:
        found = nearest(project, changed("migrations/versions/0001_tea.py", "degrees"))

        assert found[0] == "tests/db/test_kettles.py::test_a_kettle_boils"

    def test_of_a_script_are_tests_in_a_browser(self, project: Project) -> None:
        found = nearest(project, changed("static/js/steam.js", "dataset"))

        assert found[0] == "tests/browser/test_steam.py::test_a_cup_cools_as_it_steams"

    def test_of_a_module_are_tests_that_import_it(self, project: Project) -> None:
        importing = "from tests.support.trays import tray\n\n\ndef test_it_carries():\n    assert tray\n"
        files = project.files("tests", ".py")
        files["tests/web/test_carrying.py"] = importing

        found = nearest(project, Change("tests/support/trays.py", ("tray = 2",), (1,)))

        assert found[0] == "tests/web/test_carrying.py::test_it_carries"

    def test_of_a_test_is_the_test_itself(self, project: Project) -> None:
        found = nearest(project, changed("tests/cake/test_service.py", "assert"))

        assert found[0] == "tests/cake/test_service.py::test_it_is_baked"

    def test_a_record_tells_more_than_words(self, project: Project) -> None:
        record = Record()
        oven, tea = "tests/browser/test_oven.py::test_the_oven_is_hot", "tests/tea/test_service.py::test_it_is_served"
        record.add(oven, 3.0, [record.number_of("template tea/_cup.html")])
        record.add(tea, 0.1, [record.number_of("endpoint tea.pour")])
        record.add("tests/tea/test_pages.py::test_a_cup_says_when_it_is_too_hot", 0.1, [])

        assert nearest(project, changed("templates/tea/_cup.html", "macro"), record)[0] == oven
        assert nearest(project, changed("app/tea/views.py", "service.serve"), record)[0] == tea

    def test_each_of_several_changes_has_its_nearest_test(self, project: Project) -> None:
        changes = [changed("app/tea/service.py", "minutes = 4"), changed("app/cake/service.py", "minutes = 40")]

        plan = make_plan([clues_of(one, project) for one in changes], read_tests(project.files("tests", ".py")), None)

        nearness = [plan.nearness_of(f"tests/{name}/test_service.py::{test}") for name, test in (
            ("tea", "test_it_steeps_four_minutes"), ("cake", "test_it_is_baked"),
        )]  # fmt: skip
        assert min(nearness) > 0.7


class TestOrder:
    def test_what_is_as_near_and_costs_less_comes_first(self) -> None:
        plan = Plan({"walk": 1.0, "near": 1.0, "far": 0.2}, {"walk": 60.0, "near": 0.2, "far": 0.1})

        assert in_order(["far", "walk", "near"], plan) == ["near", "far", "walk"]

    def test_many_cases_of_one_function_leave_room_for_others(self) -> None:
        plan = Plan({"cases": 1.0, "other": 0.5}, {"cases": 0.1, "other": 0.1})

        order = in_order([*(f"cases[{number}]" for number in range(40)), "other"], plan)

        assert order[0] == "cases[0]"
        assert 10 < order.index("other") < 30

    def test_a_new_case_is_as_near_as_the_others_and_a_recorded_one_may_take_no_time(self) -> None:
        plan = Plan({"cases[old]": 1.0, "other": 0.5}, {"cases[old]": 0.0, "other": 0.0})

        assert in_order(["other", "cases[old]", "cases[new]"], plan) == ["cases[old]", "cases[new]", "other"]
