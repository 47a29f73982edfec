"""The script files: an error names the file and entry, and nothing is loaded."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from demo.conversations import library
from demo.conversations.script_files import ScriptError, read_scripts

PARTS = """
[[part.greeting]]
stage = "greeting"
lines = [{ agent = ["{company}, hello."] }]
lapse = { title = "No greeting", detail = "Nobody said hello." }
"""
HEATING = """
[[scenario]]
name = "no_heat"
topic = "No heat"
odds = 0.5
choices.job = ["furnace"]
[[scenario.body]]
parts = ["greeting"]
[[scenario.body]]
lines = [{ caller = ["The {job} is [cold]."] }, { agent = ["Oh no, {first}."] }]
[[scenario.ending]]
kind = "booked"
summary = "Booked {visit}."
[[scenario.ending]]
kind = "not_booked"
reason = "Too expensive"
summary = "Not booked."
[[scenario.ending.body]]
lines = [{ caller = ["No."], objection = "too_expensive" }]
"""
BROKEN = [
    (
        '[{ caller = ["No."],',
        '[{ caler = ["No."],',
        "scenario “no_heat”, ending 2, not_booked, body 1, lines 1, caler: ",
    ),
    ('"too_expensive"', '"too_dear"', "scenario “no_heat”, ending 2, not_booked, body 1, lines 1, objection: "),
    ("agent = [", 'objection = "visit_fee", agent = [', "lines 2: only the caller has an `objection`"),
    ('caller = ["No."],', "caller = [],", "scenario “no_heat”, ending 2, not_booked, body 1, lines 1, caller: "),
    ("[cold]", "[cold", "lines 1, caller 1: the brackets do not fit in “The {job} is [cold.”"),
    ("{first}", "{frist}", "scenario “no_heat”: there is no slot {frist} for “Oh no, {frist}.”"),
    ("{visit}", "{}", "ending 1, booked, summary: “{}” is no slot in “Booked {}.”"),
    ('parts = ["greeting"]', 'parts = ["greting"]', "scenario “no_heat”: there is no part “greting”"),
    ('parts = ["greeting"]', "", "scenario “no_heat”, body 1: give one of `lines`, `parts`, `one_of`"),
    ('kind = "booked"', 'kind = "sold"', "scenario “no_heat”, ending 1: "),
    ('reason = "Too expensive"', "", "scenario “no_heat”, ending 2, not_booked, reason: Field required"),
    ('choices.job = ["furnace"]', "choices = {}", "scenario “no_heat”: `choices` name no `job`"),
    ("odds = 0.5", "odds = 5", "scenario “no_heat”, odds: "),
    ('name = "no_heat"', "name = no_heat", "Invalid value (at line 3"),
]

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Function that creates a script file: `write("heating", "…")`."""

    def write(name: str, toml: str) -> None:
        (tmp_path / f"{name}.toml").write_text(toml, encoding="utf-8")

    return write


def refusal(folder: Path) -> str:
    with pytest.raises(ScriptError) as refused:
        read_scripts(folder)
    return str(refused.value)


def test_scripts_are_found_by_their_file(write: Write, tmp_path: Path) -> None:
    write("parts", PARTS)
    write("heating", HEATING)
    found = read_scripts(tmp_path)
    assert {file: [scenario.name for scenario in scenarios] for file, scenarios in found.items()} == {
        "heating": ["no_heat"],
        "parts": [],
    }


@pytest.mark.parametrize(("right", "wrong", "said"), BROKEN, ids=[said for _right, _wrong, said in BROKEN])
def test_what_is_wrong_is_said_with_file_and_entry(
    write: Write, tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert HEATING.count(right) == 1
    write("parts", PARTS)
    write("heating", HEATING.replace(right, wrong))
    message = refusal(tmp_path)
    assert message.startswith("heating.toml")
    assert said in message


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ('parts = ["greeting"]', "parts.toml, part “greeting”: the part “greeting” contains itself"),
        ('lines = [{ agent = ["Hi."] }]\nlapse = { title = "a", detail = "b" }', "only what has a `stage`"),
        ('lines = [{ agent = ["Hi."] }]\nmissed = [{ agent = ["Go on."] }]', "`missed` wants a `lapse`"),
        ('stage = "value"\nchance = 0.5\nlines = [{ agent = ["Hi."] }]', "`chance` is too much"),
        ('lines = [{ caller = ["Hi."] }]\nfinding = { title = "a", detail = "b" }', "who says nothing here"),
        ('parts = ["closing"]\nchance = 0.5', "beside `parts` or `one_of` stands nothing"),
        ('lines = [{ caller = ["Hi."], agent = ["Hi."] }]', "said by `agent` or by `caller`"),
        ('lines = [{ caller = ["Hi."], severity = "high" }]', "`severity` is that of an `objection`"),
    ],
)
def test_what_does_not_fit_together_is_refused(write: Write, tmp_path: Path, item: str, said: str) -> None:
    write("parts", f"[[part.greeting]]\n{item}\n")
    message = refusal(tmp_path)
    assert message.startswith("parts.toml, part")
    assert "greeting" in message
    assert said in message


def test_a_name_is_given_once(write: Write, tmp_path: Path) -> None:
    write("parts", PARTS)
    write("heating", HEATING)
    write("other", HEATING)
    assert refusal(tmp_path) == "other.toml, scenario “no_heat”: heating.toml has it too"


@pytest.fixture
def scripts_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the demonstration's scripts, which is empty."""

    def forget() -> None:
        library.scenarios.cache_clear()
        library._by_file.cache_clear()

    monkeypatch.setattr(library, "_FOLDER", tmp_path)
    forget()
    yield tmp_path
    forget()


def test_loading_ends_with_the_sentence_and_stores_nothing(
    write: Write, scripts_folder: Path, app: Flask, admin_engine: Engine
) -> None:
    write("parts", PARTS)
    write("heating", HEATING.replace("{first}", "{frist}"))
    result = app.test_cli_runner().invoke(args=["demo", "load", "--calls", "10"])
    assert result.exit_code == 1
    assert result.output == "Error: heating.toml, scenario “no_heat”: there is no slot {frist} for “Oh no, {frist}.”\n"
    with admin_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM organizations")).scalar_one() == 0
