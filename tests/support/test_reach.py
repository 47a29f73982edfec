"""Recording of the parts of the product that tests reach, and the conditions for saving the record."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import StaticPool

from app.web.bundles import BUNDLES, init_bundles
from app.web.templating import Templates
from tests.support.reach import FORCED, Gathering, Recorder, finish, watch_templates
from tests.support.reach_record import PATH, Record, load_record, save_record

ROOT = Path(__file__).parents[2]


def made(**tests: tuple[str, ...]) -> Record:
    """Return a record of tests that take a second each, with the parts that they reach."""
    record = Record()
    for name, parts in tests.items():
        record.add(f"tests/test_{name}.py::test_{name}[x::y]", 1.0, [record.number_of(part) for part in parts])
    return record


def parts_of(record: Record) -> dict[str, set[str]]:
    """Return the parts that each test reached, by the test's short name."""
    names = {number: part for part, number in record.numbers.items()}
    return {
        test.partition("test_")[2].partition(".")[0]: {names[number] for number in reach.parts}
        for test, reach in record.tests.items()
    }


class TestRecord:
    def test_it_is_the_same_when_it_is_read_again(self, tmp_path: Path) -> None:
        record = made(tea=("template tea.html", "endpoint tea"), cake=("template tea.html",), nothing=())
        save_record(record, tmp_path / "new" / "reach.json")

        loaded = load_record(tmp_path / "new" / "reach.json")

        assert loaded is not None
        assert loaded.tests.keys() == record.tests.keys()
        assert parts_of(loaded) == parts_of(record)
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["reach.json"]

    def test_functions_that_most_tests_reach_are_left_out_and_templates_stay(self) -> None:
        everywhere = ("function app.x:f", "table calls", "template base.html")
        record = made(tea=(*everywhere, "function app.x:g"), cake=everywhere)

        assert parts_of(Record.from_data(record.to_data())) == {
            "tea": {"template base.html", "function app.x:g"},
            "cake": {"template base.html"},
        }
        assert parts_of(Record.from_data(record.to_data(rare_only=False))) == parts_of(record)

    def test_a_later_one_replaces_tests_and_keeps_others(self) -> None:
        record = made(tea=("endpoint tea",), cake=("endpoint cake",))
        record.merge(made(cake=("template cake.html", "endpoint tea")))

        assert parts_of(record) == {"tea": {"endpoint tea"}, "cake": {"template cake.html", "endpoint tea"}}

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"parts": [], "sets": [], "tests": {"a": {"b": [1, 7]}}}'])
    def test_what_is_no_record_is_as_if_there_were_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "reach.json").write_text(text)

        assert load_record(tmp_path / "reach.json") is None
        assert load_record(tmp_path / "missing.json") is None


@pytest.fixture
def recorder() -> Recorder:
    """A recorder that isn't connected to anything yet."""
    return Recorder()


class TestRecorder:
    def test_a_test_reaches_templates_with_what_they_include(self, recorder: Recorder, tmp_path: Path) -> None:
        class Watched(Templates):
            """Template environment that no other test uses."""

        watch_templates(Watched, recorder)
        app = Flask(__name__, template_folder=str(tmp_path))
        app.jinja_environment = Watched
        (tmp_path / "base.html").write_text("{% block main %}{% endblock %}")
        (tmp_path / "_steam.html").write_text("{% macro steam() %}~{% endmacro %}")
        (tmp_path / "cup.html").write_text(
            '{% extends "base.html" %}{% from "_steam.html" import steam %}{% block main %}{{ steam() }}{% endblock %}'
        )

        for test in ("first", "second"):
            recorder.begin()
            with app.test_request_context():
                assert render_template("cup.html") == "~"
            recorder.end(f"tests/test_{test}.py::test_cup", 0.5)

        reached = {"template cup.html", "template base.html", "template _steam.html"}
        assert parts_of(recorder.record) == {"first": reached, "second": reached}

    def test_a_test_reaches_endpoints_and_static_files(self, recorder: Recorder) -> None:
        app = Flask(__name__)
        app.add_url_rule("/cup", "tea.cup", lambda: "")
        init_bundles(app)
        recorder.begin()
        for address in ("/cup", "/static/js/steam.js", "/static/js/rep.js", "/nowhere"):
            with app.test_request_context(address):
                recorder.note_request(app)
        recorder.end("tests/test_tea.py::test_cup", 0.5)

        of_the_bundle = {f"static js/{name}.js" for name in BUNDLES["rep.js"].names}
        assert parts_of(recorder.record) == {"tea": {"endpoint tea.cup", "static js/steam.js", *of_the_bundle}}

    def test_a_test_reaches_tables_and_the_functions_that_ask_for_them(self, recorder: Recorder) -> None:
        source = """
def serve(connection):
    def ask():
        connection.execute(text("SELECT * FROM cups JOIN spoons ON true"))
    ask()
"""
        product: dict[str, Any] = {"text": text}
        exec(compile(source, str(ROOT / "app" / "tea" / "service.py"), "exec"), product)  # noqa: S102 - the text above
        engine = create_engine("sqlite://", poolclass=StaticPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE cups (id int)"))
            connection.execute(text("CREATE TABLE spoons (id int)"))
        event.listen(engine, "before_cursor_execute", recorder.note_statement)

        recorder.begin()
        with engine.connect() as connection:
            product["serve"](connection)
        recorder.end("tests/test_tea.py::test_cup", 0.5)

        assert parts_of(recorder.record) == {"tea": {"table cups", "table spoons", "function app.tea.service:serve"}}


class TestKeeping:
    @staticmethod
    def config(root: Path, *arguments: str, **options: object) -> Any:
        """Return a stand-in for pytest's configuration with these arguments and options."""
        return SimpleNamespace(
            args=list(arguments) or ["tests"],
            rootpath=root,
            getini={"testpaths": ["tests"]}.__getitem__,
            getoption=options.get,
        )

    def test_a_full_run_replaces_the_record(self, tmp_path: Path) -> None:
        save_record(made(cake=("endpoint cake",)), tmp_path / PATH)

        finish(self.config(tmp_path), made(tea=("endpoint tea",)), 1)

        kept = load_record(tmp_path / PATH)
        assert kept is not None
        assert parts_of(kept) == {"tea": {"endpoint tea"}}

    @pytest.mark.parametrize(
        ("arguments", "options", "collected"),
        [
            (["tests/tea"], {}, 1),
            ([], {"keyword": "tea"}, 1),
            ([], {"deselect": ["tests/test_cake.py"]}, 1),
            ([], {}, 2),
        ],
        ids=["a folder", "a word", "all but one", "broken off"],
    )
    def test_less_than_a_full_run_does_not(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        options: dict[str, object],
        collected: int,
    ) -> None:
        run = self.config(tmp_path, *arguments, **options)
        monkeypatch.delenv(FORCED, raising=False)
        finish(run, made(tea=("endpoint tea",)), collected)
        assert load_record(tmp_path / PATH) is None

        save_record(made(cake=("endpoint cake",)), tmp_path / PATH)
        monkeypatch.setenv(FORCED, "1")
        finish(run, made(tea=("endpoint tea",)), collected)
        kept = load_record(tmp_path / PATH)
        assert kept is not None
        assert parts_of(kept) == {"tea": {"endpoint tea"}, "cake": {"endpoint cake"}}

    def test_records_of_workers_become_one_unless_one_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(FORCED, raising=False)
        outputs = [
            {"reach": made(**{name: (f"endpoint {name}",)}).to_data(rare_only=False), "collected": 2}
            for name in ("tea", "cake")
        ]
        for number in (1, 2):
            gathering = Gathering(self.config(tmp_path))
            gathering.pytest_testnodedown(SimpleNamespace())  # a crashed one
            for output in outputs[:number]:
                gathering.pytest_testnodedown(SimpleNamespace(workeroutput=output))
            gathering.pytest_sessionfinish()
            assert (tmp_path / PATH).exists() == (number == 2)
