"""`flask import` of a file with titles above its table: its output, and the options that locate the header."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from tests.support.factories import Factories

HEADER, ROW = "Call id,Date,Time,Answered", "C1,2026-03-02,09:30:00,Y"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.csv"


def test_says_what_it_leaves_out_above_the_header_and_below_the_rows(app: Flask, make: Factories, file: Path) -> None:
    slug = make.organization().slug
    file.write_text(f"Calls of March\nTeam,North\n{HEADER}\n{ROW}\nTotal,,,1\n")

    result = app.test_cli_runner().invoke(args=["import", "calls", str(file), "--organization", slug])

    assert result.exit_code == 0
    assert "2 lines above the table were skipped. The header is on line 3.\n" in result.stderr
    assert result.stdout == (
        "Line 5: This looks like a row of totals.\n2 rows: 1 new, 0 updated, 0 unchanged, 1 rejected.\n"
    )


def test_takes_the_header_from_the_line_that_it_is_told(
    app: Flask, make: Factories, file: Path, admin_engine: Engine
) -> None:
    slug = make.organization().slug
    file.write_text(f"Week,Team,Made by,Seen by\nFirst,North,Ann,Bob\n{HEADER}\n{ROW}\n")
    arguments = ["import", "calls", str(file), "--organization", slug]

    refused = app.test_cli_runner().invoke(args=arguments)
    assert refused.exit_code == 1
    assert app.test_cli_runner().invoke(args=[*arguments, "--header-line", "9"]).exit_code == 1
    assert app.test_cli_runner().invoke(args=[*arguments, "--header-line", "3"]).exit_code == 0

    with admin_engine.connect() as connection:
        assert connection.scalars(text("SELECT external_id FROM calls")).all() == ["C1"]
