"""Responses that the strict parser has accepted, shared by the workers of a run."""

import json
from pathlib import Path

import pytest

from tests.support.strict_parses import StrictParses


@pytest.fixture
def two(tmp_path: Path) -> tuple[StrictParses, StrictParses]:
    """Two workers' records that share one file."""
    records = StrictParses(), StrictParses()
    for record in records:
        record.share(tmp_path / "shared")
    return records


def test_what_one_has_parsed_the_other_need_not(two: tuple[StrictParses, StrictParses]) -> None:
    one, other = two
    one.add("GET /calls 200 True", {"/html", "/html/body"})

    assert other.cover("GET /calls 200 True", {"/html"})
    assert not other.cover("GET /leads 200 True", {"/html"})
    assert not other.cover("GET /calls 200 True", {"/html/body/p"})


def test_elements_in_places_of_another_kind_of_answer_are_known(two: tuple[StrictParses, StrictParses]) -> None:
    one, other = two
    one.add("GET /calls 200 True", {"/html"})
    other.add("GET /leads 200 True", {"/html/body"})

    assert one.cover("GET /leads 200 True", {"/html", "/html/body"})
    assert other.cover("GET /calls 200 True", {"/html", "/html/body"})


def test_a_line_that_is_still_being_written_is_read_later(tmp_path: Path) -> None:
    path, record = tmp_path / "shared", StrictParses()
    record.share(path)
    line = json.dumps(["GET /calls 200 True", ["/html"]])
    with path.open("a") as writer:
        writer.write(line[:9])
        writer.flush()
        assert not record.cover("GET /calls 200 True", {"/html"})
        writer.write(f"{line[9:]}\n")

    assert record.cover("GET /calls 200 True", {"/html"})


def test_a_record_of_its_own_is_shared_with_nobody() -> None:
    one, other = StrictParses(), StrictParses()
    one.add("GET /calls 200 True", {"/html"})

    assert one.cover("GET /calls 200 True", {"/html"})
    assert not other.cover("GET /calls 200 True", {"/html"})
